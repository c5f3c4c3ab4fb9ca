import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { fromBase64, toBase64 } from '../../rules/evidence/base64.ts';
import { type CompactRange, readRange } from '../../rules/evidence/tree.ts';
import { joinLeaves, type Origin, type TreePiece } from './log-tree.ts';
import type { SegmentFiles } from './segment-files.ts';

/**
 * What is known of the tree of one history, so that a start need not read the whole log. It can be made again
 * from the segments at any time, and what it says is held against the last checkpoint.
 */
export interface TreeCache {
  readonly ofSegment: ReadonlyMap<number, TreePiece>;
  /** Ranges that were given up, by their first leaf. */
  readonly givenUp: ReadonlyMap<number, CompactRange>;
}

export const EmptyCache: TreeCache = { ofSegment: new Map(), givenUp: new Map() };

/** Its first leaf, the one after its last, and its hashes. */
const SavedRange = Type.Tuple([Type.Number(), Type.Number(), Type.String()]);

const CacheBody = Type.Object({
  origin: Type.String(),
  base: Type.Number(),
  pieces: Type.Array(
    Type.Object({ segment: Type.Number(), size: Type.Number(), range: SavedRange, acts: SavedRange }),
  ),
});

/** The cache of this history; an empty one where there is none that can be read. */
export async function readTreeCache(files: SegmentFiles, { origin, base }: Origin): Promise<TreeCache> {
  const body = parse(await files.readNote(CacheFile));
  if (body === undefined || body.origin !== origin || body.base !== base) return EmptyCache;
  const ofSegment = new Map<number, TreePiece>();
  const givenUp = new Map<number, CompactRange>();
  for (const { segment, size, ...saved } of body.pieces) {
    const range = read(saved.range);
    const acts = read(saved.acts);
    if (range === undefined || acts === undefined) return EmptyCache;
    if (segment === 0) givenUp.set(range.begin, range);
    else ofSegment.set(segment, { range, acts, segment, size });
  }
  return { ofSegment, givenUp };
}

export async function writeTreeCache(
  files: SegmentFiles,
  { origin, base }: Origin,
  pieces: readonly TreePiece[],
): Promise<void> {
  const body: Static<typeof CacheBody> = {
    origin,
    base,
    pieces: joined(pieces).map(({ range, acts, segment, size }) => {
      return { segment, size, range: save(range), acts: save(acts) };
    }),
  };
  await files.replaceNote(CacheFile, Buffer.from(JSON.stringify(body)));
}

/** What was given up is only needed as a whole, and would otherwise be told for as long as the log lives. */
function joined(pieces: readonly TreePiece[]): readonly TreePiece[] {
  const found: TreePiece[] = [];
  for (const piece of pieces) {
    const before = found.at(-1);
    if (before?.segment !== piece.segment) found.push(piece);
    else found.splice(-1, 1, { ...before, ...joinLeaves(before, piece) });
  }
  return found;
}

function save({ begin, end, hashes }: CompactRange): Static<typeof SavedRange> {
  return [begin, end, hashes.map(toBase64).join(' ')];
}

function read([begin, end, text]: Static<typeof SavedRange>): CompactRange | undefined {
  const hashes = text === '' ? [] : text.split(' ').map((one) => fromBase64(one) ?? new Uint8Array());
  return readRange({ begin, end }, hashes);
}

function parse(bytes: Uint8Array | undefined): Static<typeof CacheBody> | undefined {
  if (bytes === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return Value.Check(CacheBody, body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const CacheFile = 'tree';
