import { expect, test } from 'vitest';
import { formatTime } from '../../rules/time.ts';

test.for([
  ['2026-11-30T16:00:00Z', '2026-11-30 16:00 UTC'],
  ['2026-01-02T00:00:59.999Z', '2026-01-02 00:00 UTC'],
  ['1970-01-01T00:00:00Z', '1970-01-01 00:00 UTC'],
  ['2028-02-29T23:59:00+01:00', '2028-02-29 22:59 UTC'],
])('%s is written %s', ([instant, text]) => {
  expect(formatTime(Date.parse(instant!))).toBe(text);
});
