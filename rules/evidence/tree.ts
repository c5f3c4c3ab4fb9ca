/** SHA-256 of some bytes; an argument, because pure code has no digest of its own. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** The leaves `begin` up to but not including `end`. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/**
 * What has to be kept of the leaves of a span to go on with the tree: the roots of the fewest whole
 * subtrees that cover it, in order. It is O(log n) hashes, and ranges that touch can be merged, wherever they
 * start. `hashes[i]` belongs to the i-th span of {@link coverOf}.
 */
export interface CompactRange extends Span {
  readonly hashes: readonly Uint8Array[];
}

/** Bytes of every hash of the tree. */
export const HashSize = 32;

/** The hash of a leaf, RFC 6962 §2.1: of 0x00 and the leaf. */
export function leafHash(leaf: Uint8Array, sha256: Sha256): Uint8Array {
  const bytes = new Uint8Array(1 + leaf.length);
  bytes.set(leaf, 1);
  return sha256(bytes);
}

/** The leaf hash of a record of the log: its leaf is the type byte and the payload exactly as stored. */
export function recordHash(
  { type, payload }: { readonly type: number; readonly payload: Uint8Array },
  sha256: Sha256,
): Uint8Array {
  const bytes = new Uint8Array(2 + payload.length);
  bytes[1] = type;
  bytes.set(payload, 2);
  return sha256(bytes);
}

/** The hash of a node, RFC 6962 §2.1: of 0x01 and its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * HashSize);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + HashSize);
  return sha256(bytes);
}

/** No leaves, before leaf `begin`. */
export function emptyRange(begin: number): CompactRange {
  return { begin, end: begin, hashes: [] };
}

/** The range with one more leaf, given by its hash. */
export function appendLeaf(range: CompactRange, hash: Uint8Array, sha256: Sha256): CompactRange {
  const { begin, end } = range;
  const hashes = [...range.hashes];
  let node = hash;
  for (let size = 1, at = end; at - size >= begin && isRightChild(at, size); size *= 2) {
    at -= size;
    node = nodeHash(hashes.pop() ?? missing(), node, sha256);
  }
  hashes.push(node);
  return { begin, end: end + 1, hashes };
}

/** Both ranges as one; throws a RangeError unless the right one begins where the left one ends. */
export function mergeRanges(left: CompactRange, right: CompactRange, sha256: Sha256): CompactRange {
  if (left.end !== right.begin) throw new RangeError('these ranges do not touch');
  const nodes = piecesOf(left);
  for (const piece of piecesOf(right)) {
    let node = piece;
    for (let before = nodes.at(-1); before !== undefined && areSiblings(before, node); ) {
      nodes.pop();
      node = { begin: before.begin, end: node.end, hash: nodeHash(before.hash, node.hash, sha256) };
      before = nodes.at(-1);
    }
    nodes.push(node);
  }
  return { begin: left.begin, end: right.end, hashes: nodes.map(({ hash }) => hash) };
}

/**
 * The Merkle tree hash of the range, RFC 6962 §2.1: of the whole log where it begins at 0, else of the
 * subtree it is. Undefined where it is no subtree of any tree.
 */
export function rangeRoot(range: CompactRange, sha256: Sha256): Uint8Array | undefined {
  const { begin, end } = range;
  if (begin === end) return sha256(new Uint8Array());
  const isSubtree = end - begin === 1 || begin % (2 * splitOf(end - begin)) === 0;
  if (!isSubtree) return undefined;
  return rootOf(piecesOf(range), range, sha256);
}

/** A range as it was stored; undefined when its hashes cannot be those of its span. */
export function readRange(span: Span, hashes: readonly Uint8Array[]): CompactRange | undefined {
  const { begin, end } = span;
  const numbers = Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && end >= begin;
  if (!numbers || coverOf(span).length !== hashes.length) return undefined;
  return hashes.every(({ length }) => length === HashSize) ? { begin, end, hashes } : undefined;
}

/** The fewest whole subtrees that cover a span, in order. */
export function coverOf({ begin, end }: Span): readonly Span[] {
  const cover: Span[] = [];
  for (let at = begin; at < end; ) {
    let size = 1;
    while (at % (2 * size) === 0 && at + 2 * size <= end) size *= 2;
    cover.push({ begin: at, end: at + size });
    at += size;
  }
  return cover;
}

/** The root of a subtree that is known. */
export interface Piece extends Span {
  readonly hash: Uint8Array;
}

export function piecesOf(range: CompactRange): Piece[] {
  return coverOf(range).map((span, index) => ({ ...span, hash: range.hashes[index] ?? missing() }));
}

/**
 * The hash of a span computed from pieces of it, by the recursion of RFC 6962 §2.1; undefined when they do
 * not suffice, or one of them is not needed.
 */
export function rootOf(pieces: readonly Piece[], whole: Span, sha256: Sha256): Uint8Array | undefined {
  let used = 0;
  const root = hash(whole);
  return used === pieces.length ? root : undefined;

  function hash({ begin, end }: Span): Uint8Array | undefined {
    const next = pieces[used];
    if (next === undefined || next.begin !== begin || next.end > end) return undefined;
    if (next.end === end) {
      used += 1;
      return next.hash;
    }
    const middle = begin + splitOf(end - begin);
    const left = hash({ begin, end: middle });
    const right = left === undefined ? undefined : hash({ begin: middle, end });
    return left === undefined || right === undefined ? undefined : nodeHash(left, right, sha256);
  }
}

/** The largest power of two smaller than `size`, which is at least 2. */
export function splitOf(size: number): number {
  let split = 1;
  while (2 * split < size) split *= 2;
  return split;
}

export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function isRightChild(begin: number, size: number): boolean {
  return Math.floor(begin / size) % 2 === 1;
}

function areSiblings(left: Span, right: Span): boolean {
  const size = right.end - right.begin;
  return left.end - left.begin === size && isRightChild(right.begin, size);
}

function missing(): never {
  throw new Error('A range with fewer hashes than its span needs.');
}
