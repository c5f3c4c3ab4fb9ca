import type { Clock } from './clock.ts';

/** How long something on the disk is kept at the most. */
export interface Retention {
  readonly milliseconds: number;
  /** What its age is told by, milliseconds since the Unix epoch; undefined while no clock can be believed. */
  readonly now: () => number | undefined;
}

/** @param newest as `from` of {@link createSettledTime} */
export function retentionOf(
  days: number | undefined,
  time: { readonly clock: Clock; readonly newest: number; readonly canTellTime: () => boolean },
): Retention | undefined {
  if (days === undefined) return undefined;
  const settled = createSettledTime(time.clock, time.newest);
  return { milliseconds: days * Day, now: () => (time.canTellTime() ? settled() : undefined) };
}

/**
 * The wall clock, for what cannot be undone: where it leaps forward it is followed when that has lasted a day. A time
 * server that errs for a moment would otherwise erase in that moment all that is kept for a time only.
 * @param from when something was last written, by the clock of then: the time until the start may be such a leap, too
 */
export function createSettledTime(clock: Clock, from: number): () => number {
  let offset = Math.min(clock.wall(), from) - clock.monotonic();
  let leaptAt: number | undefined;

  return () => {
    const ticks = clock.monotonic();
    const seen = clock.wall() - ticks;
    if (seen - offset <= Leap) leaptAt = undefined;
    else leaptAt ??= ticks;
    if (leaptAt === undefined || ticks - leaptAt >= Day) {
      offset = seen;
      leaptAt = undefined;
    }
    return ticks + offset;
  };
}

/** Clocks that are disciplined differ by less between two looks. Milliseconds. */
const Leap = 5_000;
const Day = 86_400_000;
