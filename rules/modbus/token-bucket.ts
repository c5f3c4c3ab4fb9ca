/** Counts against a rate: holds one second's worth, so that a burst of that size passes at once. */
export interface TokenBucket {
  /** Whether one more fits under `perSecond` at `now`, in milliseconds; 0 is no limit. */
  take(now: number, perSecond: number): boolean;
}

/** A full bucket. */
export function createTokenBucket(): TokenBucket {
  let tokens = Number.POSITIVE_INFINITY;
  let filledAt = 0;
  return {
    take(now, perSecond) {
      if (perSecond === 0) return true;
      // A clock that stands still or runs back fills nothing.
      const elapsed = Math.max(0, now - filledAt);
      tokens = Math.min(perSecond, tokens + (elapsed * perSecond) / 1000);
      filledAt = Math.max(filledAt, now);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
