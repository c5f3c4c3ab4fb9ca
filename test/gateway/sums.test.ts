import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSums, MixedGroups } from '../../gateway/sums.ts';

interface Thing {
  readonly name: string;
  readonly count: number;
}

const rules = {
  key: ({ name }: Thing) => name,
  merge: (one: Thing, other: Thing) => ({ ...one, count: one.count + other.count }),
  group: () => '',
  mix: (one: Thing | undefined, other: Thing, kinds: number) => ({
    name: `${kinds} others`,
    count: (one?.count ?? 0) + other.count,
  }),
};

test('like things are one sum, and what is of one kind too many is in the last', () => {
  const sums = createSums(rules, 2);
  for (const name of ['a', 'b', 'a', 'c', 'd', 'c', 'b']) sums.add({ name, count: 1 });
  expect(sums.take()).toEqual([
    { name: 'a', count: 2 },
    { name: 'b', count: 2 },
    { name: '2 others', count: 3 },
  ]);
  expect(sums.isEmpty()).toBe(true);
  expect(sums.take()).toEqual([]);
});

test('what is mixed stays apart by group, of so many groups at most', () => {
  const apart = { ...rules, group: ({ name }: Thing) => name.slice(0, 1) };
  const sums = createSums(apart, 0);
  const letters = [...'abcdefghijkl'];
  for (const letter of letters) for (const digit of '123') sums.add({ name: letter + digit, count: 2 });
  const taken = sums.take();
  expect(taken).toHaveLength(MixedGroups + 1);
  expect(taken[0]).toEqual({ name: '3 others', count: 6 });
  expect(taken.at(-1)).toEqual({ name: '12 others', count: 24 });
});

test('whatever comes, the sums are exact and few', () => {
  const things = fc.array(fc.record({ name: fc.string({ maxLength: 2 }), count: fc.nat({ max: 1000 }) }));
  fc.assert(
    fc.property(things, fc.nat({ max: 5 }), (all, kinds) => {
      const sums = createSums(rules, kinds);
      for (const one of all) sums.add(one);
      const taken = sums.take();
      expect(taken.length).toBeLessThanOrEqual(kinds + 1);
      expect(total(taken)).toBe(total(all));
    }),
  );
});

function total(things: readonly Thing[]): number {
  return things.reduce((sum, { count }) => sum + count, 0);
}
