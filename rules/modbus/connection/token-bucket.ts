/** Counts against a rate: holds one second's worth, so that a burst of that size passes at once. */
export interface TokenBucket {
  /** Whether one more fits under `perSecond` at `now`, in milliseconds; 0 is no limit. */
  take(now: number, perSecond: number): boolean;
}

/** A full bucket. */
export function createTokenBucket(): TokenBucket {
  // Fractions in a variable of a closure would be an object each time; in here they are stored in place.
  const state = new Float64Array([Number.POSITIVE_INFINITY, 0]);
  return {
    take(now, perSecond) {
      if (perSecond === 0) return true;
      const filledAt = state[FilledAt] ?? 0;
      // A clock that stands still or runs back fills nothing.
      const elapsed = Math.max(0, now - filledAt);
      const tokens = Math.min(perSecond, (state[Tokens] ?? 0) + (elapsed * perSecond) / 1000);
      state[FilledAt] = Math.max(filledAt, now);
      state[Tokens] = tokens < 1 ? tokens : tokens - 1;
      return tokens >= 1;
    },
  };
}

const Tokens = 0;
const FilledAt = 1;
