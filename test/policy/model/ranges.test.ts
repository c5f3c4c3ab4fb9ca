import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandRanges, joinRanges, readRanges } from '../../../policy/model/ranges.ts';

test.for([
  { written: 140, ranges: [{ first: 140, last: 140 }] },
  { written: '100-119', ranges: [{ first: 100, last: 119 }] },
  {
    written: ['0-9', 20],
    ranges: [
      { first: 0, last: 9 },
      { first: 20, last: 20 },
    ],
  },
])('$written', ({ written, ranges }) => {
  expect(readRanges(written, 65535, 'address')).toEqual({ ok: true, ranges });
});

test('an empty range is refused at its place in the list', () => {
  expect(readRanges(['0-9', '9-8'], 65535, 'address')).toMatchObject({ ok: false, index: 1 });
});

test('a number above the limit is refused', () => {
  expect(readRanges('65535-65536', 65535, 'address')).toMatchObject({ ok: false, index: 0 });
});

test('joining keeps exactly the numbers and leaves gaps between the ranges', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(10)).map(([first, more]) => ({ first, last: first + more }));
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const joined = joinRanges(ranges);
      const numbers = [...new Set(expandRanges(ranges))].sort((a, b) => a - b);
      expect(expandRanges(joined)).toEqual(numbers);
      for (const [index, { first }] of joined.entries())
        if (index > 0) expect(first).toBeGreaterThan(joined[index - 1]!.last + 1);
    }),
  );
});
