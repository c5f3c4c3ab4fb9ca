import { consistencySpans } from '../../../rules/evidence/consistency.ts';
import { inclusionSpans } from '../../../rules/evidence/inclusion.ts';
import {
  type CompactRange,
  coverOf,
  nodeHash,
  type Sha256,
  type Span,
  splitOf,
} from '../../../rules/evidence/tree.ts';

/** A log's tree with every subtree that is known, for making proofs out of it. */
export interface KnownTree {
  readonly size: () => number;
  readonly add: (leaf: Uint8Array) => void;
  /** Leaves that are gone, by the subtrees they were. Throws a RangeError where they do not come next. */
  readonly addRange: (range: CompactRange) => void;
  /** The root of the first `size` leaves; undefined where what is gone is needed for it. */
  readonly root: (size: number) => Uint8Array | undefined;
  /** PATH of RFC 6962 §2.1.1. */
  readonly inclusion: (index: number, size: number) => readonly Uint8Array[] | undefined;
  /** PROOF of RFC 6962 §2.1.2. */
  readonly consistency: (first: number, second: number) => readonly Uint8Array[] | undefined;
}

export function createKnownTree(sha256: Sha256): KnownTree {
  /** `levels[k][i]` is the root of leaves i·2^k up to (i+1)·2^k. */
  const levels: Uint8Array[][] = [[]];
  let size = 0;

  function put(level: number, index: number, hash: Uint8Array): void {
    let node = hash;
    for (let up = level, at = index; ; up += 1, at = (at - 1) / 2) {
      levels[up] ??= [];
      const row = levels[up] ?? [];
      row[at] = node;
      const left = at % 2 === 1 ? row[at - 1] : undefined;
      if (left === undefined) return;
      node = nodeHash(left, node, sha256);
    }
  }

  function add(leaf: Uint8Array): void {
    put(0, size, leaf);
    size += 1;
  }

  function addRange(range: CompactRange): void {
    if (range.begin !== size) throw new RangeError('these leaves do not come next');
    for (const [place, { begin, end }] of coverOf(range).entries()) {
      const hash = range.hashes[place];
      if (hash === undefined) throw new RangeError('a range with fewer hashes than its span needs');
      put(Math.log2(end - begin), begin / (end - begin), hash);
    }
    size = range.end;
  }

  function hashOf({ begin, end }: Span): Uint8Array | undefined {
    const width = end - begin;
    if (width === 0) return sha256(new Uint8Array());
    const level = Math.log2(width);
    if (Number.isInteger(level)) {
      const whole = begin % width === 0 ? levels[level]?.[begin / width] : undefined;
      if (whole !== undefined || width === 1) return whole;
    }
    const middle = begin + splitOf(width);
    const left = hashOf({ begin, end: middle });
    const right = left === undefined ? undefined : hashOf({ begin: middle, end });
    return left === undefined || right === undefined ? undefined : nodeHash(left, right, sha256);
  }

  function all(spans: readonly Span[]): readonly Uint8Array[] | undefined {
    const hashes: Uint8Array[] = [];
    for (const span of spans) {
      const hash = span.end > size ? undefined : hashOf(span);
      if (hash === undefined) return undefined;
      hashes.push(hash);
    }
    return hashes;
  }

  return {
    size: () => size,
    add,
    addRange,
    root: (wanted) => (wanted > size ? undefined : hashOf({ begin: 0, end: wanted })),
    inclusion: (index, wanted) => all(inclusionSpans(index, wanted)),
    consistency: (first, second) => all(consistencySpans(first, second)),
  };
}
