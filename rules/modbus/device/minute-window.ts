import type { Distance } from '../permission/value.ts';

/**
 * What was added in the last 60 seconds, in slots of one second: an amount counts for 60 to 61 seconds, so
 * never for too short. Times are milliseconds, on one clock that does not run backwards.
 */
export interface MinuteWindow {
  /** Everything since then has been added; −Infinity for always. */
  since: number;
  /** The slot of the second under way, and that second. */
  newest: number;
  second: number;
  /** Of all slots, when it was last asked for. */
  sum: number;
  readonly slots: Float64Array;
}

/** An empty window; nothing is known of what was before `since`. */
export function createMinuteWindow(since: number): MinuteWindow {
  return { since, newest: 0, second: Number.NEGATIVE_INFINITY, sum: 0, slots: new Float64Array(Slots) };
}

/** Whether the window has seen a whole minute. */
export function isMinuteKnown(window: MinuteWindow, now: number): boolean {
  return now - window.since >= 60_000;
}

/** Adds what happens at `now`. */
export function addToMinute(window: MinuteWindow, now: number, amount: number): void {
  advance(window, now);
  window.slots[window.newest] = (window.slots[window.newest] ?? 0) + amount;
}

/** Adds a step at `now`; a step handed over as a number would be allocated. */
export function addStepToMinute(window: MinuteWindow, now: number, step: Distance): void {
  advance(window, now);
  window.slots[window.newest] = (window.slots[window.newest] ?? 0) + step.furthest;
}

/** The sum of the minute up to `now`. */
export function minuteSum(window: MinuteWindow, now: number): number {
  sumMinute(window, now);
  return window.sum;
}

/** Brings {@link MinuteWindow.sum} up to `now`. */
export function sumMinute(window: MinuteWindow, now: number): void {
  advance(window, now);
  let sum = 0;
  // Always anew: a running sum of doubles would keep the rounding of what has long left it.
  for (let slot = 0; slot < Slots; slot++) sum += window.slots[slot] ?? 0;
  window.sum = sum;
}

/** Milliseconds from `now` until the sum is no more than `most`, if nothing is added meanwhile. */
export function minuteWait(window: MinuteWindow, now: number, most: number): number {
  advance(window, now);
  let newer = 0;
  for (let age = 0; age < Slots; age++) {
    newer += window.slots[(window.newest - age + Slots) % Slots] ?? 0;
    if (newer > most) return (window.second - age + Slots) * 1000 - now;
  }
  return 0;
}

function advance(window: MinuteWindow, now: number): void {
  const second = Math.floor(now / 1000);
  if (second - window.second >= Slots) {
    window.slots.fill(0);
    window.second = second;
  }
  while (window.second < second) {
    window.second++;
    window.newest = window.newest === Slots - 1 ? 0 : window.newest + 1;
    window.slots[window.newest] = 0;
  }
}

/** The second under way and the 60 before it. */
const Slots = 61;
