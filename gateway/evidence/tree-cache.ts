import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { fromBase64, toBase64 } from '../../rules/evidence/base64.ts';
import { mergeRanges, readRange } from '../../rules/evidence/tree.ts';
import type { Origin, TreePiece } from './log-tree.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';

/**
 * What is known of the tree of one history, so that a start need not read the whole log. It can be made again
 * from the segments at any time, and what it says is held against the last checkpoint.
 */
export interface TreeCache {
  readonly ofSegment: ReadonlyMap<number, TreePiece>;
  /** Ranges that were given up, by their first leaf. */
  readonly givenUp: ReadonlyMap<number, TreePiece>;
}

export const EmptyCache: TreeCache = { ofSegment: new Map(), givenUp: new Map() };

const CacheBody = Type.Object({
  origin: Type.String(),
  base: Type.Number(),
  pieces: Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number(), Type.String()])),
});

/** The cache of this history; an empty one where there is none that can be read. */
export async function readTreeCache(files: SegmentFiles, { origin, base }: Origin): Promise<TreeCache> {
  const body = parse(await files.readNote(CacheFile));
  if (body === undefined || body.origin !== origin || body.base !== base) return EmptyCache;
  const ofSegment = new Map<number, TreePiece>();
  const givenUp = new Map<number, TreePiece>();
  for (const [segment, size, begin, end, text] of body.pieces) {
    const hashes = text === '' ? [] : text.split(' ').map((one) => fromBase64(one) ?? new Uint8Array());
    const range = readRange({ begin, end }, hashes);
    if (range === undefined) return EmptyCache;
    if (segment === 0) givenUp.set(begin, { range, segment, size });
    else ofSegment.set(segment, { range, segment, size });
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
    pieces: joined(pieces).map(({ range, segment, size }) => [
      segment,
      size,
      range.begin,
      range.end,
      range.hashes.map(toBase64).join(' '),
    ]),
  };
  await files.replaceNote(CacheFile, Buffer.from(JSON.stringify(body)));
}

/** What was given up is only needed as a whole, and would otherwise be told for as long as the log lives. */
function joined(pieces: readonly TreePiece[]): readonly TreePiece[] {
  const found: TreePiece[] = [];
  for (const piece of pieces) {
    const before = found.at(-1);
    if (before?.segment !== piece.segment) found.push(piece);
    else found.splice(-1, 1, { ...before, range: mergeRanges(before.range, piece.range, sha256) });
  }
  return found;
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
