import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  appendLeaf,
  type CompactRange,
  coverOf,
  emptyRange,
  leafHash,
  mergeRanges,
  nodeHash,
  rangeRoot,
  readRange,
  recordHash,
} from '../../../rules/evidence/tree.ts';
import { hex, sha256, someLeaves, treeHash } from './naive-tree.ts';
import { leaves, roots } from './vectors.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe('the hashes of RFC 6962', () => {
  test('are those of the reference implementation', () => {
    expect(hex(leafHash(new Uint8Array(), sha256))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(hex(leafHash(text('L123456'), sha256))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    const [left, right] = [leafHash(text('a'), sha256), leafHash(text('b'), sha256)];
    expect(hex(nodeHash(left, right, sha256))).toBe(hex(sha256(Uint8Array.of(1, ...left, ...right))));
  });

  test('give the known root of every size from 0 to 8', () => {
    let range = emptyRange(0);
    const found = [hex(rangeRoot(range, sha256))];
    for (const leaf of leaves) {
      range = appendLeaf(range, leafHash(leaf, sha256), sha256);
      found.push(hex(rangeRoot(range, sha256)));
    }
    expect(found).toEqual(roots);
  });

  test('take a record as its type byte and its payload', () => {
    const record = { type: 4, payload: text('payload') };
    expect(recordHash(record, sha256)).toEqual(leafHash(Uint8Array.of(4, ...record.payload), sha256));
  });
});

describe('a compact range', () => {
  test('has the root of the whole tree, whatever its size', () => {
    const many = someLeaves(260);
    let range = emptyRange(0);
    for (const [index, leaf] of many.entries()) {
      range = appendLeaf(range, leafHash(leaf, sha256), sha256);
      expect(hex(rangeRoot(range, sha256))).toBe(hex(treeHash(many.slice(0, index + 1))));
      expect(range.hashes.length).toBeLessThanOrEqual(9);
    }
  });

  test('is the same whether leaves are appended or ranges merged, wherever they are cut', () => {
    const cuts = fc.array(fc.nat({ max: 120 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.nat({ max: 120 }), fc.nat({ max: 120 }), cuts, (one, other, between) => {
        const [begin, end] = [Math.min(one, other), Math.max(one, other)];
        const places = [begin, ...between.filter((at) => at > begin && at < end).sort((a, b) => a - b), end];
        let merged = emptyRange(begin);
        for (const [index, to] of places.slice(1).entries()) {
          merged = mergeRanges(merged, rangeOf(places[index] ?? begin, to), sha256);
        }
        const appended = rangeOf(begin, end);
        expect(merged.hashes.map(hex)).toEqual(appended.hashes.map(hex));
        expect(merged).toMatchObject({ begin, end });
        const cover = coverOf({ begin, end });
        expect(appended.hashes.map(hex)).toEqual(
          cover.map((span) => hex(treeHash(someLeaves(120).slice(span.begin, span.end)))),
        );
      }),
    );
  });

  test('covers its span without a gap by subtrees that lie where such subtrees may', () => {
    const place = fc.integer({ min: 0, max: 2 ** 48 });
    fc.assert(
      fc.property(place, fc.integer({ min: 0, max: 2 ** 40 }), (begin, length) => {
        let at = begin;
        for (const span of coverOf({ begin, end: begin + length })) {
          const size = span.end - span.begin;
          expect(span.begin).toBe(at);
          expect(Number.isInteger(Math.log2(size)) && span.begin % size === 0).toBe(true);
          at = span.end;
        }
        expect(at).toBe(begin + length);
      }),
    );
  });

  test('has no root where it is no subtree', () => {
    expect(rangeRoot(rangeOf(1, 3), sha256)).toBeUndefined();
    expect(hex(rangeRoot(rangeOf(4, 7), sha256))).toBe(hex(treeHash(someLeaves(7).slice(4))));
  });

  test('is read only with as many hashes as its span has, each of 32 bytes', () => {
    const range = rangeOf(3, 9);
    expect(readRange(range, range.hashes)).toEqual(range);
    expect(readRange(range, range.hashes.slice(1))).toBeUndefined();
    expect(readRange(range, [...range.hashes.slice(1), new Uint8Array(31)])).toBeUndefined();
    expect(readRange({ begin: 9, end: 3 }, [])).toBeUndefined();
    expect(readRange({ begin: -1, end: 3 }, range.hashes)).toBeUndefined();
  });

  test('does not merge with one that begins elsewhere', () => {
    expect(() => mergeRanges(rangeOf(0, 4), rangeOf(5, 6), sha256)).toThrow(RangeError);
  });
});

function rangeOf(begin: number, end: number): CompactRange {
  return someLeaves(Math.max(end, 120))
    .slice(begin, end)
    .reduce((range, leaf) => appendLeaf(range, leafHash(leaf, sha256), sha256), emptyRange(begin));
}
