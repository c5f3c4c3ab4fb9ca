import { HashSize, type Piece, rootOf, type Sha256, type Span, sameHash, splitOf } from './tree.ts';

/**
 * The subtrees whose hashes prove that a tree of `second` leaves begins with the same `first` leaves as an
 * earlier one: PROOF of RFC 6962 §2.1.2. Empty where nothing needs a proof or none is possible.
 */
export function consistencySpans(first: number, second: number): readonly Span[] {
  if (first <= 0 || first >= second) return [];
  const spans: Span[] = [];
  let begin = 0;
  let end = second;
  while (first !== end) {
    const middle = begin + splitOf(end - begin);
    if (first <= middle) {
      spans.push({ begin: middle, end });
      end = middle;
    } else {
      spans.push({ begin, end: middle });
      begin = middle;
    }
  }
  // Where it is all of the earlier tree, whoever asks knows its hash.
  if (begin > 0) spans.push({ begin, end });
  return spans.reverse();
}

/** That a log only grew between two checkpoints. */
export interface ConsistencyClaim {
  readonly first: number;
  readonly firstRoot: Uint8Array;
  readonly second: number;
  readonly secondRoot: Uint8Array;
  /** The hashes of {@link consistencySpans}, in that order. */
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the second tree only added to the first, RFC 6962 §2.1.2. */
export function provesConsistency(claim: ConsistencyClaim, sha256: Sha256): boolean {
  const { first, firstRoot, second, secondRoot, proof } = claim;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second)) return false;
  if (first < 0 || first > second) return false;
  const spans = consistencySpans(first, second);
  if (spans.length !== proof.length || !proof.every((hash) => hash.length === HashSize)) return false;
  if (first === second) return sameHash(firstRoot, secondRoot);
  // Any log begins with no leaves; but the root of no leaves is one certain hash.
  if (first === 0) return sameHash(firstRoot, sha256(new Uint8Array()));
  const pieces: Piece[] = spans.map((span, at) => ({ ...span, hash: proof[at] ?? firstRoot }));
  if (!spans.some(({ end }) => end === first)) pieces.push({ begin: 0, end: first, hash: firstRoot });
  pieces.sort((one, other) => one.begin - other.begin);
  const earlier = pieces.filter(({ end }) => end <= first);
  const foundFirst = rootOf(earlier, { begin: 0, end: first }, sha256);
  const foundSecond = rootOf(pieces, { begin: 0, end: second }, sha256);
  if (foundFirst === undefined || foundSecond === undefined) return false;
  return sameHash(foundFirst, firstRoot) && sameHash(foundSecond, secondRoot);
}
