import type { Spans } from '../sets/spans.ts';

/** First and last address of a range and how many there are, each from a set of its own. */
export interface RangeSets {
  readonly first: Spans;
  readonly last: Spans;
  readonly quantity: Spans;
}

/**
 * The shortest range that fits, at the lowest address: a whole number of values of `width` registers that are
 * counted from the address `phase`. Undefined where none fits.
 */
export function rangeIn(
  sets: RangeSets,
  width: number,
  phase: number,
): { readonly address: number; readonly quantity: number } | undefined {
  let best: { readonly address: number; readonly quantity: number } | undefined;
  for (const first of sets.first) {
    for (const last of sets.last) {
      for (const quantity of sets.quantity) {
        // first + quantity = last + 1, so the ends of two of them bound the third.
        const most = Math.min(quantity.end - 1, last.end - first.first);
        const from = upTo(Math.max(quantity.first, last.first - first.end + 2), 0, width);
        for (
          let count = from;
          count <= most && (best === undefined || count <= best.quantity);
          count += width
        ) {
          const address = upTo(Math.max(first.first, last.first - count + 1), phase, width);
          if (address > Math.min(first.end - 1, last.end - count)) continue;
          const isBetter = best === undefined || count < best.quantity || address < best.address;
          if (isBetter) best = { address, quantity: count };
          break;
        }
      }
    }
  }
  return best;
}

/** The least number from `least` on that is `phase` and whole widths away from it. */
export function upTo(least: number, phase: number, width: number): number {
  const over = (((least - phase) % width) + width) % width;
  return over === 0 ? least : least + width - over;
}
