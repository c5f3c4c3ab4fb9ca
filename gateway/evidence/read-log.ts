import { decodeRecord } from '../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import { type SegmentFault, scanSegment } from '../../rules/record/scan.ts';
import { openSegmentFiles, type SegmentFiles } from './segment-files.ts';

/** What reading a log gives, in order: records with their sequence numbers, and every fault where it is. */
export type LogEntry =
  | {
      readonly kind: 'record';
      readonly segment: number;
      readonly sequence: number;
      readonly record: EvidenceRecord;
    }
  /** A record of a type or form this release does not know. */
  | {
      readonly kind: 'unknown';
      readonly segment: number;
      readonly sequence: number;
      readonly problem: string;
    }
  | { readonly kind: 'fault'; readonly segment: number; readonly fault: SegmentFault }
  /** Sequence numbers `from` up to but not including `to` are in no segment. */
  | { readonly kind: 'missing'; readonly from: number; readonly to: number };

/**
 * Reads a whole log directory without changing it, also while it is written. Fails with the system's own
 * errors.
 */
export async function* readLog(
  directory: string,
  files: SegmentFiles = openSegmentFiles(directory),
): AsyncGenerator<LogEntry> {
  let expected = 0;
  for (const { segment } of await files.list()) {
    const { header, records, fault } = scanSegment(await files.read(segment));
    if (header !== undefined) {
      const { firstSequence } = header;
      if (expected < firstSequence) yield { kind: 'missing', from: expected, to: firstSequence };
      let sequence = firstSequence;
      for (const { type, payload } of records) {
        const decoded = decodeRecord(type, payload);
        if (decoded.ok) yield { kind: 'record', segment, sequence, record: decoded.record };
        else yield { kind: 'unknown', segment, sequence, problem: decoded.problem };
        sequence += 1;
      }
      expected = sequence;
    }
    if (fault !== undefined) yield { kind: 'fault', segment, fault };
  }
}
