import type { Clock } from '../clock.ts';

/** From when until when was observed, and for how much of that nobody looked. Milliseconds since the Unix epoch. */
export interface ObservedSpan {
  readonly since: number;
  readonly until: number;
  readonly blind: number;
}

/**
 * The time an observation goes by: it never runs back, and what the wall clock leaps forward is time nobody looked,
 * be it that the box was off or that its clock was set.
 */
export interface ObservedTime {
  /** Of what was kept, nothing counts any more: more of its time was blind than seen. */
  readonly startsAnew: boolean;
  readonly now: () => number;
  /** Looks at the clocks. */
  readonly pass: () => void;
  readonly span: () => ObservedSpan;
}

export function createObservedTime(clock: Clock, kept: ObservedSpan | undefined): ObservedTime {
  const wall = clock.wall();
  const start = Math.max(wall, kept?.until ?? 0);
  const gap = kept === undefined ? 0 : start - kept.until;
  const startsAnew = kept !== undefined && (kept.blind + gap) * 2 > start - kept.since && gap > LongGap;
  const carriesOn = kept !== undefined && !startsAnew;
  const since = carriesOn ? kept.since : start;
  let blind = carriesOn ? kept.blind + gap : 0;
  let now = start;
  let monotonic = clock.monotonic();

  function pass(): void {
    const { wall: nowWall, ticks } = { wall: clock.wall(), ticks: clock.monotonic() };
    now += ticks - monotonic;
    monotonic = ticks;
    if (nowWall - now <= Leap) return;
    blind += nowWall - now;
    now = nowWall;
  }

  return {
    startsAnew,
    now: () => Math.floor(now),
    pass,
    span: () => ({ since, until: Math.floor(now), blind: Math.ceil(blind) }),
  };
}

/** Clocks that are disciplined differ by less. Milliseconds. */
const Leap = 5_000;
/** A box that was off for less goes on whatever share that is: a new one is restarted often. */
const LongGap = 86_400_000;
