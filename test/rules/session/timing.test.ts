import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeLeft, warning } from '../../../rules/session/timing.ts';
import { Hour, Minute, noTotals, opened, rules } from './sample-grant.ts';

test('an end is warned of a minute before', () => {
  const grant = { ...opened(), activeAt: 2 * Hour };
  expect(warning(grant, rules, noTotals, 2 * Hour - 1)).toBe('');
  expect(warning(grant, rules, noTotals, 2 * Hour)).toBe('It ends in 60 s.');
  expect(warning(grant, rules, noTotals, 2 * Hour + Minute - 1)).toBe('It ends in 1 s.');
});

test('idleness is warned of a minute before, and at the half where it is shorter', () => {
  const grant = opened();
  expect(warning(grant, rules, noTotals, 15 * Minute - 1)).toBe('');
  expect(warning(grant, rules, noTotals, 15 * Minute)).toBe(
    'Nothing is sent: it ends in 60 s unless something is.',
  );
  const short = { ...rules, idle: 20_000 };
  expect(warning(grant, short, noTotals, Minute + 9_999)).toBe('');
  expect(warning(grant, short, noTotals, Minute + 10_000)).toContain('10 s');
});

test('so is the end of what it may carry', () => {
  const grant = opened();
  expect(warning(grant, rules, { ...noTotals, bytesFromServer: 899_999 }, 2 * Minute)).toBe('');
  expect(warning(grant, rules, { ...noTotals, bytesFromServer: 900_000 }, 2 * Minute)).toContain('90 %');
});

test('a vendor without an idle limit is never idle', () => {
  expect(timeLeft(opened(), { ...rules, idle: 0 }, 2 * Hour).idle).toBe(Number.POSITIVE_INFINITY);
});

test('what is left never grows while nobody does anything, and is never below nothing', () => {
  const grant = opened();
  fc.assert(
    fc.property(fc.nat(5 * Hour), fc.nat(5 * Hour), (one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)].map((mono) =>
        timeLeft(grant, rules, mono),
      );
      expect(late!.end).toBeLessThanOrEqual(early!.end);
      expect(late!.idle).toBeLessThanOrEqual(early!.idle);
      expect(Math.min(late!.end, late!.idle)).toBeGreaterThanOrEqual(0);
    }),
  );
});
