import { setImmediate } from 'node:timers/promises';
import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  recordHash,
  sameHash,
} from '../../rules/evidence/tree.ts';
import { HeaderSize, readFrame } from '../../rules/record/segment.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';
import type { LogInHand } from './take-up.ts';

/** Time from the start to the first look at all segments, and between two, milliseconds. */
export const FirstCheck = 60_000;
export const CheckInterval = 24 * 60 * 60_000;

/** Stops looking. */
export interface Checking {
  readonly stop: () => void;
}

/**
 * Reads every segment that was left once a day and holds it against the tree. A start trusts what it wrote down
 * of old segments, so as not to keep the plant waiting; here they are looked at, a little at a time.
 */
export function checkLater(
  hand: () => LogInHand | undefined,
  files: SegmentFiles,
  onProblem: (problem: string) => void,
): Checking {
  let timer = setTimeout(check, FirstCheck).unref();

  function check(): void {
    timer = setTimeout(check, CheckInterval).unref();
    const now = hand();
    if (now === undefined) return;
    checkSegments(now, files, () => hand() === now).then(
      (problem) => {
        if (problem !== '') onProblem(problem);
      },
      // A disk that cannot be read now is told by whoever writes to it.
      () => undefined,
    );
  }

  return { stop: () => clearTimeout(timer) };
}

/** What is wrong with the segments that were left, or empty. Rejects with the system's error. */
export async function checkSegments(
  { tree }: Pick<LogInHand, 'tree'>,
  files: SegmentFiles,
  goesOn: () => boolean,
): Promise<string> {
  const { base } = tree.origin();
  for (const { segment, range, size } of tree.pieces()) {
    if (segment === 0 || !goesOn()) continue;
    const bytes = await files.read(segment).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    const isHeld = tree.origin().base === base && tree.pieces().some((piece) => piece.segment === segment);
    if (!isHeld) continue;
    if (bytes === undefined) return `segment ${segment} is gone`;
    if (bytes.length !== size || !(await holds(bytes, range, base))) {
      return `segment ${segment} is not what it was`;
    }
  }
  return '';
}

/** Whether the leaves of the range lie in these bytes of a segment, which may hold others before and after. */
async function holds(bytes: Uint8Array, range: CompactRange, base: number): Promise<boolean> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let leaf = bytes.length < HeaderSize ? Number.NaN : Number(view.getBigUint64(16, true)) - base;
  let found = emptyRange(range.begin);
  for (let offset = HeaderSize; leaf < range.end; leaf += 1) {
    const read = readFrame(bytes, offset);
    if (!read.ok) return false;
    if (leaf >= range.begin) found = appendLeaf(found, recordHash(read.frame, sha256), sha256);
    offset = read.end;
    // Not to keep anything else of this process waiting.
    if (leaf % LeavesAtOnce === 0) await setImmediate();
  }
  return (
    found.end === range.end &&
    found.hashes.every((hash, index) => sameHash(hash, range.hashes[index] ?? hash.subarray(1)))
  );
}

const LeavesAtOnce = 500;
