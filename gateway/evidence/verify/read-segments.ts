import { decodeRecord, type EncodedRecord, RecordTypes } from '../../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { scanSegment } from '../../../rules/record/scan.ts';
import type { Find } from './finding.ts';
import type { LogSource } from './log-source.ts';
import type { ActOf } from './told.ts';

/** Told of every record in order; `record` is absent for what is routine, which nothing is concluded from. */
export type TakeRecord = (
  sequence: number,
  stored: EncodedRecord,
  record: EvidenceRecord | undefined,
) => void;

/** What reading all segments gave. */
export interface ReadSegments {
  readonly records: number;
  /** Acts that say a segment was given up, the last for each. */
  readonly removed: readonly ActOf<'removed'>[];
}

/** Reads the segments one after the other and finds what is wrong with them as files. */
export async function readSegments(source: LogSource, find: Find, take: TakeRecord): Promise<ReadSegments> {
  const removed = new Map<number, ActOf<'removed'>>();
  const last = source.segments.at(-1);
  let expected = 0;
  let records = 0;
  for (const segment of source.segments) {
    const scan = scanSegment(await source.read(segment));
    const { header, fault } = scan;
    const named = `Segment ${segment}`;
    if (fault !== undefined) tellFault(segment, fault.kind, fault.offset, fault.problem);
    if (header === undefined) continue;
    if (header.number !== segment) {
      find('segment-misnamed', undefined, `${named} is segment ${header.number} under another name.`);
      continue;
    }
    if (header.firstSequence < expected) {
      find('records-twice', header.firstSequence, `${named} tells records that were told before.`);
      continue;
    }
    expected = header.firstSequence;
    for (const { type, payload } of scan.records) {
      const record = readRecord(expected, type, payload, header.routine);
      take(expected, { type, payload }, record);
      if (record?.kind === 'act' && record.act.kind === 'removed')
        removed.set(record.act.firstSequence, record.act);
      expected += 1;
      records += 1;
    }
  }
  return { records, removed: [...removed.values()] };

  function tellFault(segment: number, kind: 'torn' | 'damage', offset: number, problem: string): void {
    const at = `Segment ${segment}, byte ${offset}: ${problem}.`;
    if (kind === 'damage') find('segment-damaged', undefined, at);
    else if (segment === last) find('tail-torn', undefined, at);
    else find('segment-torn', undefined, at);
  }

  function readRecord(
    sequence: number,
    type: number,
    payload: Uint8Array,
    routine: boolean,
  ): EvidenceRecord | undefined {
    if (isRoutineType(type) !== routine) {
      find('record-astray', sequence, `Record ${sequence} is in a segment of records of another class.`);
    }
    if (isRoutineType(type)) return undefined;
    const decoded = decodeRecord(type, payload);
    if (decoded.ok) return decoded.record;
    find('record-unknown', sequence, `Record ${sequence} cannot be read here: ${decoded.problem}.`);
    return undefined;
  }
}

/** Whether records of a type may be given up for room; those of a newer release may not, and count as acts. */
export function isRoutineType(type: number): boolean {
  return Routine.has(type);
}

const Routine: ReadonlySet<number> = new Set([
  RecordTypes.connection,
  RecordTypes.connections,
  RecordTypes.refusal,
  RecordTypes.drop,
]);
