/**
 * How long to wait before starting a dead process again: at once the first time, because a plant waits for
 * it, then longer each time, so that a process that cannot live does not take the processor from those
 * that can. Milliseconds.
 * @param diedInARow how often it has died without living {@link SettledAfter} in between, from 1
 */
export function restartDelay(diedInARow: number): number {
  if (diedInARow <= 1) return 0;
  return Math.min(LongestDelay, FirstDelay * 2 ** (diedInARow - 2));
}

/** A process that lived this long is healthy; its next death counts as the first. Milliseconds. */
export const SettledAfter = 10_000;

const FirstDelay = 100;
const LongestDelay = 5_000;
