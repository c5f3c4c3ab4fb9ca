import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConsistencyClaim,
  consistencySpans,
  provesConsistency,
} from '../../../rules/evidence/consistency.ts';
import { type InclusionClaim, inclusionSpans, provesInclusion } from '../../../rules/evidence/inclusion.ts';
import { leafHash } from '../../../rules/evidence/tree.ts';
import { fromHex, hashesOf, hex, path, proof, sha256, someLeaves, treeHash } from './naive-tree.ts';
import { consistencyProofs, inclusionProofs, leaves, roots } from './vectors.ts';

const most = 40;
const many = someLeaves(most);

describe('a proof that a leaf is in the tree', () => {
  test.each(inclusionProofs)('of leaf %i in %i is the known one and holds', (index, size, hashes) => {
    expect(hashesOf(inclusionSpans(index, size), leaves).map(hex)).toEqual(hashes);
    const leaf = leafHash(leaves[index] ?? fail(), sha256);
    const claim = { index, size, leaf, root: fromHex(roots[size] ?? ''), proof: hashes.map(fromHex) };
    expect(provesInclusion(claim, sha256)).toBe(true);
  });

  test('is the one of the recursion in the RFC, and holds, for every leaf of every small tree', () => {
    for (let size = 1; size <= most; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const hashes = path(index, many.slice(0, size));
        expect(hashesOf(inclusionSpans(index, size), many).map(hex)).toEqual(hashes.map(hex));
        expect(provesInclusion(inclusionOf(index, size), sha256)).toBe(true);
      }
    }
  });

  test('does not hold for another leaf, place, size, root, or with any hash changed, missing or added', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: most }), fc.nat(), fc.nat(), (size, which, bit) => {
        const claim = inclusionOf(which % size, size);
        for (const wrong of corrupted(claim, bit)) expect(provesInclusion(wrong, sha256)).toBe(false);
      }),
    );
  });

  test('is refused for numbers that are none', () => {
    const claim = inclusionOf(0, 1);
    for (const size of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(provesInclusion({ ...claim, size }, sha256)).toBe(false);
    }
    expect(provesInclusion({ ...claim, index: -1 }, sha256)).toBe(false);
  });
});

describe('a proof that a tree only grew', () => {
  test.each(consistencyProofs)('from %i to %i is the known one and holds', (first, second, hashes) => {
    expect(hashesOf(consistencySpans(first, second), leaves).map(hex)).toEqual(hashes);
    const [firstRoot, secondRoot] = [fromHex(roots[first] ?? ''), fromHex(roots[second] ?? '')];
    const claim = { first, firstRoot, second, secondRoot, proof: hashes.map(fromHex) };
    expect(provesConsistency(claim, sha256)).toBe(true);
  });

  test('is the one of the recursion in the RFC, and holds, between all small sizes', () => {
    for (let second = 1; second <= most; second += 1) {
      for (let first = 1; first <= second; first += 1) {
        const hashes = proof(first, many.slice(0, second));
        expect(hashesOf(consistencySpans(first, second), many).map(hex)).toEqual(hashes.map(hex));
        expect(provesConsistency(consistencyOf(first, second), sha256)).toBe(true);
      }
    }
  });

  test('does not hold for other sizes or roots, or with any hash changed, missing or added', () => {
    const size = fc.integer({ min: 1, max: most });
    fc.assert(
      fc.property(size, size, fc.nat(), (one, other, bit) => {
        const claim = consistencyOf(Math.min(one, other), Math.max(one, other));
        for (const wrong of outgrown(claim, bit)) expect(provesConsistency(wrong, sha256)).toBe(false);
      }),
    );
  });

  test('does not hold between two logs that differ in one leaf the first had', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: most }), fc.nat(), fc.nat(), (second, which, changed) => {
        const first = 1 + (which % (second - 1));
        const forged = many.slice(0, second);
        forged[changed % first] = Uint8Array.of(255, 255, 255);
        const claim = {
          first,
          firstRoot: treeHash(many.slice(0, first)),
          second,
          secondRoot: treeHash(forged),
          proof: proof(first, forged),
        };
        expect(provesConsistency(claim, sha256)).toBe(false);
      }),
    );
  });

  test('needs no hash from the empty tree, whose root is one certain hash', () => {
    const claim = { ...consistencyOf(1, 5), first: 0, proof: [] };
    expect(provesConsistency({ ...claim, firstRoot: fromHex(roots[0] ?? '') }, sha256)).toBe(true);
    expect(provesConsistency({ ...claim, firstRoot: fromHex(roots[1] ?? '') }, sha256)).toBe(false);
  });
});

function inclusionOf(index: number, size: number): InclusionClaim {
  const within = many.slice(0, size);
  const leaf = leafHash(many[index] ?? fail(), sha256);
  return { index, size, leaf, root: treeHash(within), proof: path(index, within) };
}

function consistencyOf(first: number, second: number): ConsistencyClaim {
  return {
    first,
    firstRoot: treeHash(many.slice(0, first)),
    second,
    secondRoot: treeHash(many.slice(0, second)),
    proof: proof(first, many.slice(0, second)),
  };
}

function corrupted(claim: InclusionClaim, bit: number): InclusionClaim[] {
  const wrong = [
    { ...claim, leaf: flipped(claim.leaf, bit) },
    { ...claim, root: flipped(claim.root, bit) },
    { ...claim, root: new Uint8Array() },
    ...changedProofs(claim.proof, bit).map((hashes) => ({ ...claim, proof: hashes })),
  ];
  if (claim.size > 1) wrong.push({ ...claim, index: (claim.index + 1) % claim.size });
  return [...wrong, { ...claim, size: claim.size * 2 }, { ...claim, size: claim.index }];
}

function outgrown(claim: ConsistencyClaim, bit: number): ConsistencyClaim[] {
  return [
    { ...claim, firstRoot: flipped(claim.firstRoot, bit) },
    { ...claim, secondRoot: flipped(claim.secondRoot, bit) },
    { ...claim, second: claim.second * 2 },
    { ...claim, second: claim.first - 1 },
    ...changedProofs(claim.proof, bit).map((hashes) => ({ ...claim, proof: hashes })),
  ];
}

function changedProofs(hashes: readonly Uint8Array[], bit: number): Uint8Array[][] {
  const [first] = hashes;
  return [
    [...hashes, new Uint8Array(32)],
    [...hashes, new Uint8Array()],
    [new Uint8Array(32), ...hashes],
    ...(first === undefined ? [] : [hashes.slice(1), hashes.slice(0, -1), [first, ...hashes]]),
    ...hashes.map((_, place) => hashes.map((hash, at) => (at === place ? flipped(hash, bit) : hash))),
  ];
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const place = bit % (8 * bytes.length);
  changed[place >> 3] = (changed[place >> 3] ?? 0) ^ (1 << (place & 7));
  return changed;
}

function fail(): never {
  throw new Error('no such leaf');
}
