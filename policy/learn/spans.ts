/** Whole numbers from one to another, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Joins what overlaps or is next to each other, in ascending order. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.first - other.first)) {
    const before = joined.at(-1);
    if (before === undefined || span.first > before.last + 1) joined.push(span);
    else joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, span.last) };
  }
  return joined;
}

export function touches(one: Span, other: Span): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** As a model has it: `140`, `"100-119"` without the quotes, `[0-9, 20]`. */
export function spansText(spans: readonly Span[]): string {
  const each = spans.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
  return each.length === 1 ? (each[0] ?? '') : `[${each.join(', ')}]`;
}
