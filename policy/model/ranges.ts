/** An inclusive range of whole numbers. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

export type RangesResult =
  | { readonly ok: true; readonly ranges: readonly NumberRange[] }
  | { readonly ok: false; readonly index: number; readonly message: string };

/**
 * Reads `140`, `100-119` or a list of these, in the order written. `index` of a failure is the entry of the
 * list, 0 for a single value.
 */
export function readRanges(
  written: number | string | readonly (number | string)[],
  limit: number,
  subject: string,
): RangesResult {
  const entries = Array.isArray(written)
    ? (written as readonly (number | string)[])
    : [written as number | string];
  const ranges: NumberRange[] = [];
  for (const [index, entry] of entries.entries()) {
    const [first = 0, last = first] = String(entry).split('-').map(Number);
    if (first > last)
      return {
        ok: false,
        index,
        message: `The range ${first}-${last} is empty: its end is before its start.`,
      };
    if (last > limit)
      return { ok: false, index, message: `${last} is above the largest ${subject}, ${limit}.` };
    ranges.push({ first, last });
  }
  return { ok: true, ranges };
}

/** Every number of the ranges, ascending. */
export function expandRanges(ranges: readonly NumberRange[]): readonly number[] {
  return ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

/** Sorted, with overlapping and neighbouring ranges joined: `10-19` and `0-9` are one range. */
export function joinRanges(ranges: readonly NumberRange[]): readonly NumberRange[] {
  const joined: { first: number; last: number }[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = joined.at(-1);
    if (previous !== undefined && range.first <= previous.last + 1)
      previous.last = Math.max(previous.last, range.last);
    else joined.push({ ...range });
  }
  return joined;
}
