import type { Act } from '../../rules/record/record.ts';
import { scanSegment } from '../../rules/record/scan.ts';
import { decodeHeader } from '../../rules/record/segment.ts';
import type { SegmentFiles } from './segment-files.ts';

/** A segment the log holds. `size` counts what it takes on the medium, in whole blocks. */
export interface HeldSegment {
  readonly segment: number;
  readonly size: number;
  /** Whether it may be given up for room; a segment that cannot be read may not. */
  readonly routine: boolean;
  readonly firstSequence: number;
}

/** Where the log goes on, and what was found to be wrong. */
export interface Recovered {
  readonly held: readonly HeldSegment[];
  readonly nextSegment: number;
  readonly nextSequence: number;
  readonly acts: readonly Act[];
}

/**
 * Takes up the log after any kind of end. The last segment is read in full: a torn tail is cut, damage is
 * left as it is; both become acts. Older segments were closed in order and are only asked for their header.
 */
export async function recover(files: SegmentFiles): Promise<Recovered> {
  const found = await files.list();
  const acts: Act[] = [];
  const held: HeldSegment[] = [];
  let nextSequence = 0;
  for (const { segment, size } of found) {
    const start = decodeHeader(await files.readHeader(segment));
    if (start.ok) nextSequence = Math.max(nextSequence, start.header.firstSequence);
    const firstSequence = start.ok ? start.header.firstSequence : nextSequence;
    held.push({ segment, size: blocks(size), routine: start.ok && start.header.routine, firstSequence });
  }
  const last = held.pop();
  if (last === undefined) return { held, nextSegment: 1, nextSequence: 0, acts };
  const bytes = await files.read(last.segment);
  const { records, validBytes, fault } = scanSegment(bytes);
  if (fault?.kind === 'torn') {
    // A segment without a whole header has no record to keep, and an empty file would only puzzle.
    if (validBytes === 0) await files.remove(last.segment);
    else await files.cut(last.segment, validBytes);
    acts.push({ kind: 'tornTail', segment: last.segment, bytes: bytes.length - validBytes });
  }
  if (fault?.kind === 'damage') {
    const { offset, problem } = fault;
    acts.push({ kind: 'damage', segment: last.segment, offset, problem });
  }
  const size = blocks(fault?.kind === 'torn' ? validBytes : bytes.length);
  if (size > 0) held.push({ ...last, size });
  return {
    held,
    nextSegment: last.segment + 1,
    nextSequence:
      last.firstSequence + (fault?.kind === 'damage' ? mostRecords(bytes.length) : records.length),
    acts,
  };
}

/** Bytes on the medium: files take whole blocks there, and many small ones would slip past a budget. */
export function blocks(bytes: number): number {
  return Math.ceil(bytes / BlockSize) * BlockSize;
}

/** Behind damage the records cannot be counted, so numbers go on above any that may have been used. */
function mostRecords(bytes: number): number {
  return Math.ceil(bytes / SmallestRecord);
}

const BlockSize = 4096;
const SmallestRecord = 9;
