import type { EvidenceRecord } from '../../rules/record/record.ts';

/** Where records of the evidence go that leave the box: a collector, later a broker of messages. */
export interface RecordSink {
  /**
   * Takes a record when it resolves; what is not taken is given again after the next start. Records come in order, and
   * after a broken connection some of them a second time: `sequence` tells.
   */
  readonly take: (sequence: number, record: EvidenceRecord) => Promise<void>;
  /** The record after the last that need not be given again. */
  readonly delivered: () => number;
}
