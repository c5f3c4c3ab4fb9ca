import { HashSize, type Piece, rootOf, type Sha256, type Span, sameHash, splitOf } from './tree.ts';

/**
 * The subtrees whose hashes prove that leaf `index` is in a tree of `size` leaves, from the leaf's sibling
 * up to the root's child: PATH of RFC 6962 §2.1.1. Empty where the leaf is not in the tree.
 */
export function inclusionSpans(index: number, size: number): readonly Span[] {
  if (index < 0 || index >= size) return [];
  const spans: Span[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (index < middle) {
      spans.push({ begin: middle, end });
      end = middle;
    } else {
      spans.push({ begin, end: middle });
      begin = middle;
    }
  }
  return spans.reverse();
}

/** What somebody says of one leaf of a log. */
export interface InclusionClaim {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  /** The hashes of {@link inclusionSpans}, in that order. */
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows the leaf, given by its hash, to be in the tree, RFC 6962 §2.1.1. */
export function provesInclusion({ index, leaf, size, root, proof }: InclusionClaim, sha256: Sha256): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  const spans = inclusionSpans(index, size);
  if (spans.length !== proof.length || ![leaf, ...proof].every(isHash)) return false;
  const pieces: Piece[] = [{ begin: index, end: index + 1, hash: leaf }];
  for (const [at, span] of spans.entries()) pieces.push({ ...span, hash: proof[at] ?? leaf });
  pieces.sort((one, other) => one.begin - other.begin);
  const found = rootOf(pieces, { begin: 0, end: size }, sha256);
  return found !== undefined && sameHash(found, root);
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HashSize;
}
