import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gate } from '../../rules/policy.ts';
import { isOpen, isTimeZone, nextChange } from '../../rules/schedule.ts';

const always: Gate = { opensAt: 0, closesAt: 0, schedule: undefined, session: false };
const workHours = { days: [1, 2, 3, 4, 5], from: 420, to: 960, timeZone: 'Europe/Stockholm' };
const weekdays: Gate = { ...always, schedule: workHours };
const at = (text: string) => Date.parse(text);

test.for([
  ['Monday 06:59', '2026-11-16T06:59:59+01:00', false],
  ['Monday 07:00', '2026-11-16T07:00:00+01:00', true],
  ['Monday 15:59', '2026-11-16T15:59:59+01:00', true],
  ['Monday 16:00', '2026-11-16T16:00:00+01:00', false],
  ['Saturday noon', '2026-11-21T12:00:00+01:00', false],
  ['a summer morning, by the clock on the wall', '2026-07-13T07:00:00+02:00', true],
  ['an hour earlier that morning', '2026-07-13T06:00:00+02:00', false],
] as const)('on %s it is open: %s', ([, time, open]) => {
  expect(isOpen(weekdays, at(time))).toBe(open);
});

test('a dated gate opens and shuts to the millisecond', () => {
  const gate = { ...always, opensAt: 1000, closesAt: 2000 };
  expect([999, 1000, 1999, 2000].map((now) => isOpen(gate, now))).toEqual([false, true, true, false]);
  expect([0, 1000, 1500, 2000].map((now) => nextChange(gate, now))).toEqual([1000, 2000, 2000, undefined]);
});

test('the end of a dated gate cuts its hours short', () => {
  const gate = { ...weekdays, closesAt: at('2026-11-16T12:00:00+01:00') };
  expect(nextChange(gate, at('2026-11-16T08:00:00+01:00'))).toBe(gate.closesAt);
});

test('a gate that needs a session never opens and never changes', () => {
  const gate = { ...always, session: true };
  expect(isOpen(gate, 5)).toBe(false);
  expect(nextChange(gate, 5)).toBeUndefined();
});

test('hours in an unknown time zone are never open', () => {
  const gate = { ...always, schedule: { ...workHours, timeZone: 'Europe/Atlantis' } };
  expect(isTimeZone('Europe/Atlantis')).toBe(false);
  expect(isTimeZone('Europe/Stockholm')).toBe(true);
  expect(isOpen(gate, at('2026-11-16T08:00:00+01:00'))).toBe(false);
  expect(nextChange(gate, at('2026-11-16T08:00:00+01:00'))).toBeUndefined();
});

test('around the clock every day never changes', () => {
  const gate = { ...always, schedule: { ...workHours, days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440 } };
  expect(nextChange(gate, at('2026-11-16T08:00:00Z'))).toBeUndefined();
});

test.for([
  ['Friday evening to Monday', '2026-11-20T18:00:00+01:00', '2026-11-23T07:00:00+01:00'],
  ['over the night the clocks go back', '2026-10-24T12:00:00+02:00', '2026-10-26T07:00:00+01:00'],
  ['over the night the clocks go forward', '2027-03-27T12:00:00+01:00', '2027-03-29T07:00:00+02:00'],
  ['from the middle of a minute', '2026-11-16T15:59:30.500+01:00', '2026-11-16T16:00:00+01:00'],
])('the next change %s', ([, now, change]) => {
  expect(nextChange(weekdays, at(now!))).toBe(at(change!));
});

test('hours that fall into the hour the clocks skip do not open that night', () => {
  const gate = { ...always, schedule: { ...workHours, days: [7], from: 125, to: 175 } };
  expect(nextChange(gate, at('2027-03-27T12:00:00+01:00'))).toBe(at('2027-04-04T02:05:00+02:00'));
});

test('five minutes a week are found', () => {
  const gate = { ...always, schedule: { ...workHours, days: [3], from: 611, to: 616 } };
  const opening = at('2026-11-18T10:11:00+01:00');
  expect(nextChange(gate, at('2026-11-16T00:00:30+01:00'))).toBe(opening);
  expect(nextChange(gate, opening)).toBe(at('2026-11-18T10:16:00+01:00'));
});

test('between now and the next change the answer stays the same', () => {
  const zones = ['Europe/Stockholm', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC'];
  const schedule = fc
    .record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: fc.integer({ min: 0, max: 1439 }),
      length: fc.integer({ min: 1, max: 1440 }),
      timeZone: fc.constantFrom(...zones),
    })
    .map(({ length, ...rest }) => ({ ...rest, to: Math.min(1440, rest.from + length) }));
  const moment = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') });
  fc.assert(
    fc.property(schedule, moment, fc.double({ min: 0, max: 1, noNaN: true }), (hours, now, part) => {
      const gate = { ...always, schedule: hours };
      const change = nextChange(gate, now);
      const until = change ?? now + 8 * 86_400_000;
      const between = now + Math.floor((until - 1 - now) * part);
      expect(isOpen(gate, between)).toBe(isOpen(gate, now));
      if (change !== undefined) expect(isOpen(gate, change)).not.toBe(isOpen(gate, now));
    }),
    { numRuns: 200 },
  );
});
