/** How much was counted in the last 60 seconds, in a fixed little memory. */
export interface MinuteCount {
  /** At least what was added in the 60 seconds up to `now`, at most what was in 61. */
  within(now: number): number;
  add(now: number, amount: number): void;
}

/** Nothing counted. `now` is in milliseconds; a clock that runs back forgets nothing. */
export function createMinuteCount(): MinuteCount {
  // One slot for each second that the last 60 seconds can touch: what is in doubt still counts.
  const slots = new Uint32Array(Seconds);
  let second = 0;
  let total = 0;

  function advance(now: number): void {
    const next = Math.floor(now / 1000);
    for (let passed = Math.min(next - second, Seconds); passed > 0; passed--) {
      const slot = (next - passed + 1) % Seconds;
      total -= slots[slot] ?? 0;
      slots[slot] = 0;
    }
    if (next > second) second = next;
  }

  return {
    within(now) {
      advance(now);
      return total;
    },
    add(now, amount) {
      advance(now);
      const slot = second % Seconds;
      slots[slot] = (slots[slot] ?? 0) + amount;
      total += amount;
    },
  };
}

const Seconds = 61;
