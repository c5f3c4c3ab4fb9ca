import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  civilFromDays,
  Day,
  daysFromCivil,
  daysInMonth,
  formatInstant,
  parseDate,
  parseInstant,
} from '../../../policy/model/instant.ts';

test('the epoch is day 0', () => {
  expect(daysFromCivil(1970, 1, 1)).toBe(0);
  expect(civilFromDays(0)).toEqual({ year: 1970, month: 1, day: 1 });
});

test('civil dates agree with the platform calendar for 8000 years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
      const { year, month, day } = civilFromDays(days);
      const platform = new Date(days * Day);
      expect([year, month, day]).toEqual([
        platform.getUTCFullYear(),
        platform.getUTCMonth() + 1,
        platform.getUTCDate(),
      ]);
      expect(daysFromCivil(year, month, day)).toBe(days);
    }),
  );
});

test.for([
  { year: 2024, days: 29 },
  { year: 2026, days: 28 },
  { year: 2000, days: 29 },
  { year: 2100, days: 28 },
])('February $year has $days days', ({ year, days }) => {
  expect(daysInMonth(year, 2)).toBe(days);
});

test.for([
  { text: '2026-11-30T16:00:00Z', iso: '2026-11-30T16:00:00.000Z' },
  { text: '2026-11-30T17:00:00+01:00', iso: '2026-11-30T16:00:00.000Z' },
  { text: '2026-11-30T16:00-05:30', iso: '2026-11-30T21:30:00.000Z' },
  { text: '2026-01-01T00:00:00.5+14:00', iso: '2025-12-31T10:00:00.500Z' },
  { text: '1969-12-31T23:59:59.999Z', iso: '1969-12-31T23:59:59.999Z' },
])('$text is $iso', ({ text, iso }) => {
  expect(parseInstant(text)).toBe(Date.parse(iso));
});

test.for([
  '2026-11-30',
  '2026-11-30T16:00:00',
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-11-30T24:00:00Z',
  '2026-11-30T16:60:00Z',
  '2026-11-30T16:00:60Z',
  '2026-11-30T16:00:00+15:00',
  '2026-11-30 16:00:00Z',
  '2026-11-30T16:00:00z',
  ' 2026-11-30T16:00:00Z',
  '',
])('"%s" is no instant', (text) => {
  expect(parseInstant(text)).toBeUndefined();
});

test('a date is the instant it begins in UTC', () => {
  expect(parseDate('2027-03-31')).toBe(Date.parse('2027-03-31T00:00:00Z'));
  expect(parseDate('2027-02-29')).toBeUndefined();
  expect(parseDate('2027-00-10')).toBeUndefined();
});

test('an instant is written back as the instant it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2999, 0, 1) }), (instant) => {
      expect(parseInstant(formatInstant(instant))).toBe(instant);
    }),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseInstant(text);
      parseDate(text);
    }),
  );
});
