/** A stretch of whole numbers, `end` outside of it: addresses as bigint, everything else as numbers. */
export interface Span<N extends number | bigint = number> {
  readonly first: N;
  readonly end: N;
}

/**
 * A set of whole numbers as stretches in ascending order that neither overlap nor touch, so that equal sets
 * are written alike. Without an end of its own no stretch needs a number added, whatever its type.
 */
export type Spans<N extends number | bigint = number> = readonly Span<N>[];

/** The set of everything in any of the stretches, in whatever order they come. */
export function joined<N extends number | bigint>(spans: readonly Span<N>[]): Spans<N> {
  if (spans.length < 2) return spans.filter(({ first, end }) => first < end);
  const result: { first: N; end: N }[] = [];
  for (const { first, end } of [...spans].sort((one, other) => (one.first < other.first ? -1 : 1))) {
    const before = result.at(-1);
    if (first >= end) continue;
    if (before !== undefined && first <= before.end) {
      if (end > before.end) before.end = end;
    } else result.push({ first, end });
  }
  return result;
}

/** What is in both sets. */
export function meet<N extends number | bigint>(one: Spans<N>, other: Spans<N>): Spans<N> {
  if (one === other) return one;
  const result: Span<N>[] = [];
  for (let left = 0, right = 0; left < one.length && right < other.length; ) {
    const a = one[left] as Span<N>;
    const b = other[right] as Span<N>;
    const first = a.first > b.first ? a.first : b.first;
    const end = a.end < b.end ? a.end : b.end;
    if (first < end) result.push({ first, end });
    if (a.end < b.end) left++;
    else right++;
  }
  return result;
}

/** Whether the sets share anything; asked of every pair, so it makes nothing. */
export function meets<N extends number | bigint>(one: Spans<N>, other: Spans<N>): boolean {
  for (let left = 0, right = 0; left < one.length && right < other.length; ) {
    const a = one[left] as Span<N>;
    const b = other[right] as Span<N>;
    if (a.first < b.end && b.first < a.end) return true;
    if (a.end < b.end) left++;
    else right++;
  }
  return false;
}

/** What is in the first set and not in the second. */
export function without<N extends number | bigint>(one: Spans<N>, taken: Spans<N>): Spans<N> {
  const result: Span<N>[] = [];
  let right = 0;
  for (const { first, end } of one) {
    let next = first;
    while (right < taken.length && (taken[right] as Span<N>).end <= next) right++;
    for (let at = right; at < taken.length && (taken[at] as Span<N>).first < end; at++) {
      const cut = taken[at] as Span<N>;
      if (cut.first > next) result.push({ first: next, end: cut.first });
      if (cut.end > next) next = cut.end;
    }
    if (next < end) result.push({ first: next, end });
  }
  return result;
}

/** Whether all of the first set is in the second. */
export function within<N extends number | bigint>(one: Spans<N>, whole: Spans<N>): boolean {
  return one === whole || without(one, whole).length === 0;
}

export function isSame<N extends number | bigint>(one: Spans<N>, other: Spans<N>): boolean {
  if (one === other) return true;
  return (
    one.length === other.length &&
    one.every(({ first, end }, at) => first === other[at]?.first && end === other[at]?.end)
  );
}

/** Ranges whose ends are both in them, as the model and the rules write them. */
export function fromRanges(ranges: readonly { readonly first: number; readonly last: number }[]): Spans {
  return joined(ranges.map(({ first, last }) => ({ first, end: last + 1 })));
}

export function fromNumbers(numbers: readonly number[]): Spans {
  return joined(numbers.map((number) => ({ first: number, end: number + 1 })));
}

/** Back to ranges whose ends are both in them. */
export function toRanges(spans: Spans): readonly { readonly first: number; readonly last: number }[] {
  return spans.map(({ first, end }) => ({ first, last: end - 1 }));
}

export function has<N extends number | bigint>(spans: Spans<N>, number: N): boolean {
  return spans.some(({ first, end }) => first <= number && number < end);
}

/** The least number of a set; undefined of an empty one. */
export function least<N extends number | bigint>(spans: Spans<N>): N | undefined {
  return spans[0]?.first;
}
