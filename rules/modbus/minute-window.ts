/**
 * What was added in the last 60 seconds, in slots of one second: an amount counts for 60 to 61 seconds, so
 * never for too short. Times are milliseconds, on one clock that does not run backwards.
 */
export interface MinuteWindow {
  /** Everything since then has been added; −Infinity for always. */
  since: number;
  /** The second the newest slot stands for. */
  second: number;
  readonly slots: Float64Array;
}

/** An empty window; nothing is known of what was before `since`. */
export function createMinuteWindow(since: number): MinuteWindow {
  return { since, second: Number.NEGATIVE_INFINITY, slots: new Float64Array(Slots) };
}

/** Whether the window has seen a whole minute. */
export function isMinuteKnown(window: MinuteWindow, now: number): boolean {
  return now - window.since >= 60_000;
}

/** Adds what happens at `now`. */
export function addToMinute(window: MinuteWindow, now: number, amount: number): void {
  advance(window, now);
  const slot = slotOf(window.second);
  window.slots[slot] = (window.slots[slot] ?? 0) + amount;
}

/** The sum of the minute up to `now`. */
export function minuteSum(window: MinuteWindow, now: number): number {
  advance(window, now);
  let sum = 0;
  for (let slot = 0; slot < Slots; slot++) sum += window.slots[slot] ?? 0;
  return sum;
}

/** Milliseconds from `now` until the sum is no more than `most`, if nothing is added meanwhile. */
export function minuteWait(window: MinuteWindow, now: number, most: number): number {
  let sum = minuteSum(window, now);
  for (let age = Slots - 1; age >= 0; age--) {
    if (sum <= most) return age === Slots - 1 ? 0 : (window.second - age + Slots - 1) * 1000 - now;
    sum -= window.slots[slotOf(window.second - age)] ?? 0;
  }
  return (window.second + Slots) * 1000 - now;
}

function advance(window: MinuteWindow, now: number): void {
  const second = Math.floor(now / 1000);
  if (second - window.second >= Slots) {
    window.slots.fill(0);
    window.second = second;
  }
  while (window.second < second) {
    window.second++;
    window.slots[slotOf(window.second)] = 0;
  }
}

function slotOf(second: number): number {
  return ((second % Slots) + Slots) % Slots;
}

/** The second under way and the 60 before it. */
const Slots = 61;
