import { expect, test } from 'vitest';
import { dayNumbers, isTimeZone, parseDays, parseHours } from '../../../policy/model/schedule.ts';

test('hours are minutes after midnight, and 24:00 is the end of the day', () => {
  expect(parseHours('07:00-16:30')).toEqual({ ok: true, from: 420, to: 990 });
  expect(parseHours('00:00-24:00')).toEqual({ ok: true, from: 0, to: 1440 });
});

test.for(['25:00-26:00', '07:61-08:00', '23:00-24:01', '16:00-07:00', '07:00-07:00'])(
  '%s are no hours',
  (text) => {
    expect(parseHours(text).ok).toBe(false);
  },
);

test('a range of days may run over the end of the week', () => {
  expect(parseDays('mon-fri')).toEqual([1, 2, 3, 4, 5]);
  expect(parseDays('sat-mon')).toEqual([1, 6, 7]);
  expect(parseDays('sun')).toEqual([7]);
});

test('days are sorted and each is named once', () => {
  expect(dayNumbers(['fri', 'mon', 'fri'])).toEqual([1, 5]);
});

test('a time zone is one the runtime knows', () => {
  expect(isTimeZone('Europe/Stockholm')).toBe(true);
  expect(isTimeZone('UTC')).toBe(true);
  expect(isTimeZone('Europe/Stokholm')).toBe(false);
});
