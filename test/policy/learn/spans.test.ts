import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinSpans, spansText } from '../../../policy/learn/spans.ts';

test('neighbours are joined, and a gap of one stays a gap', () => {
  const joined = joinSpans([
    { first: 11, last: 19 },
    { first: 0, last: 5 },
    { first: 6, last: 9 },
    { first: 30, last: 30 },
  ]);
  expect(joined).toEqual([
    { first: 0, last: 9 },
    { first: 11, last: 19 },
    { first: 30, last: 30 },
  ]);
  expect(spansText(joined)).toBe('[0-9, 11-19, 30]');
  expect(spansText([{ first: 7, last: 7 }])).toBe('7');
});

test('joined spans hold what the spans held and nothing else', () => {
  const span = fc.tuple(fc.nat(40), fc.nat(5)).map(([first, length]) => ({ first, last: first + length }));
  const points = (spans: readonly { first: number; last: number }[]) =>
    new Set(
      spans.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, at) => first + at)),
    );
  fc.assert(
    fc.property(fc.array(span, { maxLength: 10 }), (spans) => {
      expect([...points(joinSpans(spans))].sort()).toEqual([...points(spans)].sort());
    }),
  );
});
