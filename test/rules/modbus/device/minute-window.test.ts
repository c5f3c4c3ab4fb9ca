import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addToMinute,
  createMinuteWindow,
  isMinuteKnown,
  minuteSum,
  minuteWait,
} from '../../../../rules/modbus/device/minute-window.ts';

describe('a minute window', () => {
  test('counts an amount for at least 60 seconds and at most 61', () => {
    for (const at of [0, 999, 1_000, 123_456]) {
      const window = createMinuteWindow(Number.NEGATIVE_INFINITY);
      addToMinute(window, at, 2);
      expect(minuteSum(window, at + 60_000)).toBe(2);
      expect(minuteSum(window, at + 61_000)).toBe(0);
    }
  });

  test('is known after a whole minute', () => {
    expect(isMinuteKnown(createMinuteWindow(5), 60_004)).toBe(false);
    expect(isMinuteKnown(createMinuteWindow(5), 60_005)).toBe(true);
    expect(isMinuteKnown(createMinuteWindow(Number.NEGATIVE_INFINITY), 0)).toBe(true);
  });

  test('forgets an amount beyond all numbers with its second', () => {
    const window = createMinuteWindow(0);
    addToMinute(window, 0, Number.POSITIVE_INFINITY);
    addToMinute(window, 5_000, 1);
    expect(minuteSum(window, 61_000)).toBe(1);
  });

  test('never sums up less than the last minute had, nor more than the last 61 seconds', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.nat(9)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.nat(100_000), steps, fc.nat(90_000), (start, added, later) => {
        const window = createMinuteWindow(0);
        const all: [number, number][] = [];
        let now = start;
        for (const [wait, amount] of added) {
          now += wait;
          addToMinute(window, now, amount);
          all.push([now, amount]);
        }
        now += later;
        const sum = minuteSum(window, now);
        const since = (age: number): number =>
          all.reduce((total, [at, amount]) => total + (now - at <= age ? amount : 0), 0);
        expect(sum).toBeGreaterThanOrEqual(since(60_000));
        expect(sum).toBeLessThanOrEqual(since(61_000));
      }),
      { numRuns: 500 },
    );
  });

  test('tells how long until a sum is small enough again', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.nat(9)), { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.nat(20), (added, most) => {
        const window = createMinuteWindow(0);
        let now = 0;
        for (const [wait, amount] of added) {
          now += wait;
          addToMinute(window, now, amount);
        }
        const wait = minuteWait(window, now, most);
        if (wait > 0) expect(minuteSum(window, now + wait - 1)).toBeGreaterThan(most);
        expect(minuteSum(window, now + wait)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 500 },
    );
  });
});
