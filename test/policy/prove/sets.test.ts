import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText, countOf, packetBoxes, spansOf } from '../../../policy/prove/packet-box.ts';
import { rangeIn } from '../../../policy/prove/requests/range-in.ts';
import { type Box, boxesMeet, meetBox, splitBox } from '../../../policy/prove/sets/box.ts';
import {
  fromNumbers,
  fromRanges,
  has,
  isSame,
  joined,
  meet,
  meets,
  type Spans,
  within,
  without,
} from '../../../policy/prove/sets/spans.ts';

const Universe = Array.from({ length: 12 }, (_, number) => number);
const numbers = fc.subarray(Universe);
const sides = ['x', 'y', 'z'] as const;
type Cube = Box<(typeof sides)[number]>;
const cube: fc.Arbitrary<Cube> = fc.record({
  x: fc.subarray([0, 1, 2, 3]).map(fromNumbers),
  y: fc.subarray([0, 1, 2, 3]).map(fromNumbers),
  z: fc.subarray([0, 1, 2, 3]).map(fromNumbers),
});
const Points = [0, 1, 2, 3].flatMap((x) =>
  [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((z) => ({ x, y, z }))),
);

describe('sets of numbers', () => {
  test('agree with lists of them in every operation', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [a, b] = [fromNumbers(one), fromNumbers(other)];
        expect(listed(meet(a, b))).toEqual(one.filter((each) => other.includes(each)));
        expect(listed(without(a, b))).toEqual(one.filter((each) => !other.includes(each)));
        expect(listed(joined([...a, ...b]))).toEqual(
          Universe.filter((each) => one.includes(each) || other.includes(each)),
        );
        expect(meets(a, b)).toBe(one.some((each) => other.includes(each)));
        expect(within(a, b)).toBe(one.every((each) => other.includes(each)));
        expect(isSame(a, b)).toBe(one.join() === other.join());
        for (const each of Universe) expect(has(a, each)).toBe(one.includes(each));
      }),
    );
  });

  test('are written alike when they are equal', () => {
    expect(fromNumbers([3, 1, 2, 2, 7])).toEqual([
      { first: 1, end: 4 },
      { first: 7, end: 8 },
    ]);
    expect(
      fromRanges([
        { first: 5, last: 9 },
        { first: 10, last: 12 },
        { first: 6, last: 7 },
      ]),
    ).toEqual([{ first: 5, end: 13 }]);
  });
});

describe('boxes', () => {
  test('agree with points in every operation', () => {
    fc.assert(
      fc.property(cube, cube, (one, other) => {
        const { outside, inside } = splitBox(one, other, sides);
        const both = meetBox<(typeof sides)[number], number, Cube>(one, other, sides);
        for (const point of Points) {
          const [inOne, inOther] = [holds(one, point), holds(other, point)];
          expect(outside.filter((each) => holds(each, point)).length).toBe(inOne && !inOther ? 1 : 0);
          expect(inside !== undefined && holds(inside, point)).toBe(inOne && inOther);
          expect(both !== undefined && holds(both, point)).toBe(inOne && inOther);
        }
        const shares = Points.some((point) => holds(one, point) && holds(other, point));
        expect(boxesMeet(one, other, sides)).toBe(shares);
      }),
    );
  });
});

describe('ranges of addresses', () => {
  test('are found exactly where some range fits', () => {
    const small = fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]).map(fromNumbers);
    const width = fc.constantFrom(1, 2, 4);
    fc.assert(
      fc.property(small, small, small, width, fc.nat(3), (first, last, quantity, of, phase) => {
        const fitting = Universe.flatMap((address) =>
          Universe.filter((count) => {
            const isWhole = count % of === 0 && (address - phase) % of === 0;
            return (
              count > 0 &&
              isWhole &&
              has(first, address) &&
              has(last, address + count - 1) &&
              has(quantity, count)
            );
          }).map((count) => ({ address, quantity: count })),
        );
        const best = fitting.toSorted((a, b) => a.quantity - b.quantity || a.address - b.address)[0];
        // A quantity of nothing is no range, and no request has one.
        const counted = without(quantity, fromNumbers([0]));
        expect(rangeIn({ first, last, quantity: counted }, of, phase)).toEqual(best);
      }),
      { numRuns: 500 },
    );
  });
});

describe('addresses', () => {
  test('of both families stand on one line and never mix', () => {
    const spans = spansOf(['10.0.0.0/30', '10.0.0.4/32', 'fd00::/127', '0.0.0.0/32', '255.255.255.255/32']);
    expect(countOf(spans)).toBe(9n);
    expect(spans.map(({ first }) => addressText(first))).toEqual([
      '0.0.0.0',
      '10.0.0.0',
      '255.255.255.255',
      'fd00::',
    ]);
    const boxes = packetBoxes(spans, spansOf(['::/0', '0.0.0.0/0']), 'tcp', fromNumbers([1]));
    expect(boxes.map(({ source, destination }) => [countOf(source), countOf(destination)])).toEqual([
      [7n, 2n ** 32n],
      [2n, 2n ** 128n],
    ]);
  });

  test('that are none are none', () => {
    expect(spansOf(['', 'nonsense', '10.0.0.1/8', '010.0.0.1'])).toEqual([]);
  });
});

function listed(spans: Spans): number[] {
  return Universe.filter((number) => has(spans, number));
}

function holds(box: Cube, point: Record<(typeof sides)[number], number>): boolean {
  return sides.every((side) => has(box[side], point[side]));
}
