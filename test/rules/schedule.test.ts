import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gate } from '../../rules/policy.ts';
import { isOpen, nextChange } from '../../rules/schedule.ts';

const at = (text: string): number => Date.parse(text);
const gate = (some: Partial<Gate>): Gate => ({
  opensAt: 0,
  closesAt: 0,
  schedule: undefined,
  session: false,
  ...some,
});
const workdays = gate({
  schedule: { days: [1, 2, 3, 4, 5], from: 7 * 60, to: 16 * 60, timeZone: 'Europe/Stockholm' },
});

describe('gates', () => {
  test('a weekday schedule opens at its local hour and shuts before its end', () => {
    expect(isOpen(workdays, at('2026-11-20T06:59:59+01:00'))).toBe(false);
    expect(isOpen(workdays, at('2026-11-20T07:00:00+01:00'))).toBe(true);
    expect(isOpen(workdays, at('2026-11-20T15:59:59+01:00'))).toBe(true);
    expect(isOpen(workdays, at('2026-11-20T16:00:00+01:00'))).toBe(false);
    expect(isOpen(workdays, at('2026-11-21T10:00:00+01:00'))).toBe(false);
  });

  test('the hour is local in summer too', () => {
    expect(isOpen(workdays, at('2026-07-01T07:00:00+02:00'))).toBe(true);
    expect(isOpen(workdays, at('2026-07-01T06:00:00Z'))).toBe(true);
    expect(isOpen(workdays, at('2026-07-01T04:59:59Z'))).toBe(false);
  });

  test('from Friday evening the next change is Monday morning, over the change to winter time as well', () => {
    expect(nextChange(workdays, at('2026-10-23T18:00:00+02:00'))).toBe(at('2026-10-26T07:00:00+01:00'));
  });

  test('an open schedule ends at its end or at the end of the permission, whichever comes first', () => {
    const ending = { ...workdays, closesAt: at('2026-11-20T12:00:00Z') };
    expect(nextChange(workdays, at('2026-11-20T09:00:00Z'))).toBe(at('2026-11-20T15:00:00Z'));
    expect(nextChange(ending, at('2026-11-20T09:00:00Z'))).toBe(at('2026-11-20T12:00:00Z'));
    expect(nextChange(ending, at('2026-11-20T12:00:00Z'))).toBeUndefined();
  });

  test('a window inside the hour that daylight saving skips never opens that day', () => {
    const night = gate({ schedule: { days: [7], from: 130, to: 150, timeZone: 'Europe/Stockholm' } });
    expect(nextChange(night, at('2026-03-29T00:00:00+01:00'))).toBe(at('2026-04-05T02:10:00+02:00'));
  });

  test('a permission without a schedule changes at its two ends only', () => {
    const window = gate({ opensAt: 1_000, closesAt: 2_000 });
    expect([0, 1_000, 2_000].map((now) => [isOpen(window, now), nextChange(window, now)])).toEqual([
      [false, 1_000],
      [true, 2_000],
      [false, undefined],
    ]);
  });

  test('a permission that begins far in the future is found through its schedule', () => {
    const later = { ...workdays, opensAt: at('2027-03-06T00:00:00Z') };
    expect(nextChange(later, at('2026-11-20T09:00:00Z'))).toBe(at('2027-03-08T06:00:00Z'));
  });

  test('nothing changes between now and the next change', () => {
    const minutes = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(
        minutes,
        minutes,
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, now, share) => {
          const schedule = {
            days: [1, 3, 7],
            from: Math.min(a, b),
            to: Math.max(a, b) + 1,
            timeZone: 'Europe/Stockholm',
          };
          const one = gate({ schedule });
          const change = nextChange(one, now);
          if (change === undefined) return;
          expect(isOpen(one, Math.floor(now + (change - 1 - now) * share))).toBe(isOpen(one, now));
          expect(isOpen(one, change)).not.toBe(isOpen(one, now));
        },
      ),
      { numRuns: 200 },
    );
  });
});
