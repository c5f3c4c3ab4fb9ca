import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  mergeRanges,
  readRange,
  recordHash,
} from '../../rules/evidence/tree.ts';
import { decodeRecord } from '../../rules/record/codec.ts';
import { type SegmentScan, scanSegment } from '../../rules/record/scan.ts';
import type { TreePiece } from './log-tree.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';
import type { SurveyedSegment } from './survey.ts';
import type { TreeCache } from './tree-cache.ts';

/** The segments of one history, and what may be believed of them. */
export interface Gathering {
  readonly files: SegmentFiles;
  /** Sequence of leaf 0. */
  readonly base: number;
  readonly segments: readonly SurveyedSegment[];
  readonly cache: TreeCache;
  /** A leaf count that must not lie within a piece: the size of a checkpoint. */
  readonly boundary: number;
  /** The last segment as it was scanned already, without what is torn off it. */
  readonly tail: { readonly segment: number; readonly scan: SegmentScan } | undefined;
}

export interface Gathered {
  /** They touch, and begin at leaf 0. */
  readonly pieces: readonly TreePiece[];
  /** The first thing that is wrong, or empty; the pieces end there. */
  readonly problem: string;
}

/** The tree of a log from its segments, reading only what the cache does not know. */
export async function gatherTree(gathering: Gathering): Promise<Gathered> {
  const { files, base, segments, cache, boundary, tail } = gathering;
  const pieces: TreePiece[] = [];
  let end = 0;
  let givenUp: ReadonlyMap<number, TreePiece> | undefined;

  for (const one of segments) {
    if (one.header === undefined) return wrong(`segment ${one.segment} cannot be read`);
    const begin = one.header.firstSequence - base;
    if (!(await fill(begin))) return wrong(`the records ${base + end} to ${base + begin - 1} are missing`);
    if (end > begin) return wrong(`segment ${one.segment} tells records a second time`);
    const { fault, found } = await read(one, begin);
    for (const piece of found) push(piece);
    if (fault !== '') return wrong(`segment ${one.segment}: ${fault}`);
  }
  return { pieces, problem: '' };

  function wrong(problem: string): Gathered {
    return { pieces, problem };
  }

  function push(piece: TreePiece): void {
    if (piece.range.end > piece.range.begin) pieces.push(piece);
    end = piece.range.end;
  }

  /** Takes what was given up before `begin`, from the cache or from the acts that say so. */
  async function fill(begin: number): Promise<boolean> {
    while (end < begin) {
      givenUp = cache.givenUp.has(end) ? givenUp : (givenUp ?? (await readGivenUp(files, segments, base)));
      const piece = cache.givenUp.get(end) ?? givenUp?.get(end);
      if (piece === undefined || piece.range.end > begin) return false;
      push(piece);
    }
    return true;
  }

  async function read(one: SurveyedSegment, begin: number): Promise<{ fault: string; found: TreePiece[] }> {
    const known = cache.ofSegment.get(one.segment);
    const { segment, size } = one;
    if (known?.range.begin === begin && known.size === size) {
      const splits = known.range.begin < boundary && boundary < known.range.end;
      if (!splits) return { fault: '', found: [known] };
    }
    const scan = tail?.segment === segment ? tail.scan : scanSegment(await files.read(segment));
    const leaves = scan.records.map((record) => recordHash(record, sha256));
    const cut = Math.min(Math.max(boundary - begin, 0), leaves.length);
    const first = rangeOf(begin, leaves.slice(0, cut));
    const rest = rangeOf(first.end, leaves.slice(cut));
    const found = [first, rest].map((range) => ({ range, segment, size }));
    return { fault: scan.fault?.problem ?? '', found };
  }
}

/** Every range the acts of these segments say was given up, by its first leaf. */
async function readGivenUp(
  files: SegmentFiles,
  segments: readonly SurveyedSegment[],
  base: number,
): Promise<ReadonlyMap<number, TreePiece>> {
  const found = new Map<number, TreePiece>();
  for (const { segment, header } of segments) {
    if (header === undefined || header.routine) continue;
    for (const { type, payload } of scanSegment(await files.read(segment)).records) {
      const decoded = decodeRecord(type, payload);
      if (!decoded.ok || decoded.record.kind !== 'act' || decoded.record.act.kind !== 'removed') continue;
      const { firstSequence, records, hashes } = decoded.record.act;
      const begin = firstSequence - base;
      const range = readRange({ begin, end: begin + records }, hashes);
      if (range !== undefined) found.set(begin, { range, segment: 0, size: 0 });
    }
  }
  return found;
}

/** Consecutive leaves as a range. */
export function rangeOf(begin: number, leaves: readonly Uint8Array[]): CompactRange {
  return leaves.reduce((range, leaf) => appendLeaf(range, leaf, sha256), emptyRange(begin));
}

/** The leaves of a whole segment; undefined where it is not whole. */
export function leavesOf(scan: SegmentScan, base: number): CompactRange | undefined {
  if (scan.header === undefined || scan.fault !== undefined) return undefined;
  const leaves = scan.records.map((record) => recordHash(record, sha256));
  return rangeOf(scan.header.firstSequence - base, leaves);
}

/** The first `size` leaves of pieces that end there; undefined where none does. */
export function firstLeaves(pieces: readonly TreePiece[], size: number): CompactRange | undefined {
  let range = emptyRange(0);
  for (const piece of pieces) {
    if (range.end >= size) break;
    range = mergeRanges(range, piece.range, sha256);
  }
  return range.end === size ? range : undefined;
}
