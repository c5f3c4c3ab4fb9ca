import { type CompactRange, emptyRange, readRange, recordHash } from '../../rules/evidence/tree.ts';
import { decodeRecord } from '../../rules/record/codec.ts';
import { type SegmentScan, scanSegment } from '../../rules/record/scan.ts';
import { joinLeaves, type Leaves, NoLeaves, type TreePiece, withLeaf } from './log-tree.ts';
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
  let acts = 0;
  let givenUp: ReadonlyMap<number, CompactRange> | undefined;

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
    acts = piece.acts.end;
  }

  /** Takes what was given up before `begin`, from the cache or from the acts that say so. */
  async function fill(begin: number): Promise<boolean> {
    while (end < begin) {
      givenUp = cache.givenUp.has(end) ? givenUp : (givenUp ?? (await readGivenUp(files, segments, base)));
      const range = cache.givenUp.get(end) ?? givenUp?.get(end);
      if (range === undefined || range.end > begin) return false;
      // Acts are never given up. Where some were, the acts are not those that were signed.
      push({ range, acts: emptyRange(acts), segment: 0, size: 0 });
    }
    return true;
  }

  async function read(one: SurveyedSegment, begin: number): Promise<{ fault: string; found: TreePiece[] }> {
    const known = cache.ofSegment.get(one.segment);
    const { segment, size } = one;
    if (known?.range.begin === begin && known.acts.begin === acts && known.size === size) {
      const splits = known.range.begin < boundary && boundary < known.range.end;
      if (!splits) return { fault: '', found: [known] };
    }
    const scan = tail?.segment === segment ? tail.scan : scanSegment(await files.read(segment));
    const leaves = scan.records.map((record) => recordHash(record, sha256));
    const cut = Math.min(Math.max(boundary - begin, 0), leaves.length);
    const routine = one.header?.routine === true;
    const first = leavesFrom({ begin, acts }, leaves.slice(0, cut), routine);
    const next = { begin: first.range.end, acts: first.acts.end };
    const rest = leavesFrom(next, leaves.slice(cut), routine);
    const found = [first, rest].map((part) => ({ ...part, segment, size }));
    return { fault: scan.fault?.problem ?? '', found };
  }
}

/** Every range the acts of these segments say was given up, by its first leaf. */
async function readGivenUp(
  files: SegmentFiles,
  segments: readonly SurveyedSegment[],
  base: number,
): Promise<ReadonlyMap<number, CompactRange>> {
  const found = new Map<number, CompactRange>();
  for (const { segment, header } of segments) {
    if (header === undefined || header.routine) continue;
    for (const { type, payload } of scanSegment(await files.read(segment)).records) {
      const decoded = decodeRecord(type, payload);
      if (!decoded.ok || decoded.record.kind !== 'act' || decoded.record.act.kind !== 'removed') continue;
      const { firstSequence, records, hashes } = decoded.record.act;
      const begin = firstSequence - base;
      const range = readRange({ begin, end: begin + records }, hashes);
      if (range !== undefined) found.set(begin, range);
    }
  }
  return found;
}

/** Consecutive records of one class, given by their hashes, after so many leaves and so many acts. */
export function leavesFrom(
  start: { readonly begin: number; readonly acts: number },
  hashes: readonly Uint8Array[],
  routine: boolean,
): Leaves {
  const none: Leaves = { range: emptyRange(start.begin), acts: emptyRange(start.acts) };
  return hashes.reduce((leaves, hash) => withLeaf(leaves, hash, routine), none);
}

/** The leaves of a whole segment; undefined where it is not whole. */
export function leavesOf(scan: SegmentScan, base: number): CompactRange | undefined {
  if (scan.header === undefined || scan.fault !== undefined) return undefined;
  const hashes = scan.records.map((record) => recordHash(record, sha256));
  return leavesFrom({ begin: scan.header.firstSequence - base, acts: 0 }, hashes, true).range;
}

/** The first `size` leaves of pieces that end there; undefined where none does. */
export function firstLeaves(pieces: readonly TreePiece[], size: number): Leaves | undefined {
  let leaves = NoLeaves;
  for (const piece of pieces) {
    if (leaves.range.end >= size) break;
    leaves = joinLeaves(leaves, piece);
  }
  return leaves.range.end === size ? leaves : undefined;
}

/** The acts among the first `size` leaves; undefined where a piece that ends later has acts. */
export function firstActs(pieces: readonly TreePiece[], size: number): CompactRange | undefined {
  let leaves = NoLeaves;
  for (const piece of pieces) {
    if (leaves.range.end >= size) break;
    if (piece.range.end > size && piece.acts.end > piece.acts.begin) return undefined;
    leaves = joinLeaves(leaves, piece);
  }
  return leaves.range.end >= size ? leaves.acts : undefined;
}
