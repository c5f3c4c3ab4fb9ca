/** Numbers that look random and are the same for the same seed, on every machine. */
export interface Random {
  /** 0 to `limit` - 1. */
  below(limit: number): number;
  /** Inclusive. */
  between(first: number, last: number): number;
  /** True once in so many times, on average. */
  once(outOf: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    once: (outOf) => below(outOf) === 0,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
  };
}
