import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, separateBlocks, subtract, union } from '../../../policy/compile/nft/block.ts';

/** Small spans, so that blocks meet often and every point can be asked. */
const span = fc
  .tuple(fc.bigInt(0n, 7n), fc.bigInt(0n, 7n))
  .map(([one, other]) => (one < other ? { first: one, last: other } : { first: other, last: one }));
const block: fc.Arbitrary<Block> = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  source: span,
  destination: span,
  port: span,
});
const point = fc.record({
  family: fc.constantFrom(4, 6),
  protocol: fc.constantFrom('tcp', 'udp'),
  source: fc.bigInt(0n, 7n),
  destination: fc.bigInt(0n, 7n),
  port: fc.bigInt(0n, 7n),
});
type Point = typeof point extends fc.Arbitrary<infer P> ? P : never;

test('what is left of a block is the block without the other', () => {
  fc.assert(
    fc.property(block, block, fc.array(point), (whole, taken, points) => {
      const rest = subtract(whole, taken);
      for (const at of points) {
        expect(rest.filter((part) => holds(part, at)).length).toBe(
          holds(whole, at) && !holds(taken, at) ? 1 : 0,
        );
      }
    }),
  );
});

test('separated blocks hold every packet they held, once, under the first that wanted it', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 6 }), fc.array(point), (blocks, points) => {
      const tagged = blocks.map((one, tag) => ({ tag, block: one }));
      const separated = separateBlocks(tagged);
      for (const at of points) {
        const first = tagged.find((one) => holds(one.block, at));
        const now = separated.filter((one) => holds(one.block, at));
        expect(now.map(({ tag }) => tag)).toEqual(first === undefined ? [] : [first.tag]);
      }
    }),
  );
});

test('tags that wanted the same packets are told of, and no others', () => {
  fc.assert(
    fc.property(block, block, (one, other) => {
      const clashes: (readonly [string, string])[] = [];
      const tagged = [
        { tag: 'a', block: one },
        { tag: 'b', block: other },
      ];
      separateBlocks(tagged, (tag, before) => clashes.push([tag, before]));
      const meet = subtract(other, one)[0] !== other;
      expect(clashes).toEqual(meet ? [['b', 'a']] : []);
    }),
  );
});

test('a union holds the same addresses in spans that do not touch', () => {
  fc.assert(
    fc.property(fc.array(span), fc.bigInt(0n, 7n), (spans, at) => {
      const merged = union(spans);
      const within = (list: typeof spans) => list.some(({ first, last }) => first <= at && at <= last);
      expect(within([...merged])).toBe(within(spans));
      for (const [index, { first }] of merged.entries()) {
        if (index > 0) expect(first).toBeGreaterThan((merged[index - 1]?.last ?? 0n) + 1n);
      }
    }),
  );
});

function holds(one: Block, at: Point): boolean {
  if (one.family !== at.family || one.protocol !== at.protocol) return false;
  return (['source', 'destination', 'port'] as const).every(
    (side) => one[side].first <= at[side] && at[side] <= one[side].last,
  );
}
