import { expect, test } from 'vitest';
import { formatInstant, parseDate, parseInstant } from '../../../policy/model/instant.ts';
import { addPeriod, parseDuration, parsePeriod } from '../../../policy/model/period.ts';

test.for([
  { text: 'PT5S', milliseconds: 5_000 },
  { text: 'PT0.25S', milliseconds: 250 },
  { text: 'PT15M', milliseconds: 900_000 },
  { text: 'PT1H30M', milliseconds: 5_400_000 },
  { text: 'P1DT1S', milliseconds: 86_401_000 },
  { text: 'P2D', milliseconds: 172_800_000 },
])('$text is $milliseconds ms', ({ text, milliseconds }) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.for(['P', 'PT', 'P1Y', 'P1M', 'PT5', '5S', 'PT-5S', 'PT5S ', 'P1DT', ''])(
  '"%s" is no duration of fixed length',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.for([
  { text: 'P1Y', months: 12, days: 0 },
  { text: 'P1Y6M', months: 18, days: 0 },
  { text: 'P2W', months: 0, days: 14 },
  { text: 'P30D', months: 0, days: 30 },
])('$text is $months months and $days days', ({ text, months, days }) => {
  expect(parsePeriod(text)).toEqual({ months, days });
});

test.for(['P', 'P0D', 'PT1H', 'P1D1M', '1Y', 'P-1Y', ''])('"%s" is no period', (text) => {
  expect(parsePeriod(text)).toBeUndefined();
});

test.for([
  { from: '2026-06-02', period: 'P1Y', to: '2027-06-02T00:00Z' },
  { from: '2026-01-31', period: 'P1M', to: '2026-02-28T00:00Z' },
  { from: '2024-02-29', period: 'P1Y', to: '2025-02-28T00:00Z' },
  { from: '2026-12-15', period: 'P1M', to: '2027-01-15T00:00Z' },
  { from: '2026-12-31', period: 'P1M1D', to: '2027-02-01T00:00Z' },
])('$period after $from is $to', ({ from, period, to }) => {
  expect(formatInstant(addPeriod(parseDate(from) ?? 0, parsePeriod(period)!))).toBe(to);
});

test('a period keeps the time of day', () => {
  const from = parseInstant('2026-11-30T16:05:07.089Z')!;
  expect(formatInstant(addPeriod(from, { months: 1, days: 1 }))).toBe('2026-12-31T16:05:07.089Z');
});
