import { expect, test } from 'vitest';
import { createSettledTime } from '../../gateway/retention.ts';

const Hour = 3_600_000;
const Year = 365 * 24 * Hour;
const noon = Date.UTC(2026, 10, 22, 12);

/** A clock that runs, and can be set. */
function settable() {
  let [wall, monotonic] = [noon, 1_000];
  return {
    clock: { wall: () => wall, monotonic: () => monotonic },
    runs: (milliseconds: number) => {
      wall += milliseconds;
      monotonic += milliseconds;
    },
    leaps: (milliseconds: number) => {
      wall += milliseconds;
    },
  };
}

test('a clock that runs is followed', () => {
  const { clock, runs } = settable();
  const time = createSettledTime(clock, noon);
  for (let hours = 1; hours < 100; hours += 1) {
    runs(Hour);
    expect(time()).toBe(noon + hours * Hour);
  }
});

test('a clock that is ten years on for less than a day never was', () => {
  const { clock, runs, leaps } = settable();
  const time = createSettledTime(clock, noon);
  leaps(10 * Year);
  for (let hours = 1; hours < 24; hours += 1) {
    runs(Hour);
    expect(time()).toBe(noon + hours * Hour);
  }
  leaps(-10 * Year);
  expect(time()).toBe(noon + 23 * Hour);
  leaps(10 * Year);
  expect(time()).toBe(noon + 23 * Hour);
});

test('a clock that is found to have been slow is followed after a day', () => {
  const { clock, runs, leaps } = settable();
  const time = createSettledTime(clock, noon);
  leaps(Year);
  expect(time()).toBe(noon);
  runs(24 * Hour);
  expect(time()).toBe(noon + Year + 24 * Hour);
  runs(Hour);
  expect(time()).toBe(noon + Year + 25 * Hour);
});

test('a clock that is set back is followed at once', () => {
  const { clock, leaps } = settable();
  const time = createSettledTime(clock, noon);
  leaps(-Hour);
  expect(time()).toBe(noon - Hour);
});

test('what went by since something was last written has to last a day as well', () => {
  const { clock, runs } = settable();
  const time = createSettledTime(clock, noon - Year);
  expect(time()).toBe(noon - Year);
  runs(24 * Hour);
  expect(time()).toBe(noon + 24 * Hour);
});

test('a last write that lies ahead of the clock moves nothing', () => {
  const { clock } = settable();
  expect(createSettledTime(clock, noon + Year)()).toBe(noon);
});
