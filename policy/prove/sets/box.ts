import { meet, meets, type Spans, within, without } from './spans.ts';

/**
 * The combinations of one number from each of its sides' sets. The sides of all boxes that are compared are
 * the same.
 */
export type Box<Side extends string, N extends number | bigint = number> = Readonly<Record<Side, Spans<N>>>;

/** Whether some combination is in both; sides are asked in the order given, most telling first. */
export function boxesMeet<Side extends string, N extends number | bigint>(
  one: Box<Side, N>,
  other: Box<Side, N>,
  sides: readonly Side[],
): boolean {
  return sides.every((side) => meets(one[side], other[side]));
}

/** The combinations in both, or undefined for none. */
export function meetBox<Side extends string, N extends number | bigint, B extends Box<Side, N>>(
  box: B,
  other: Box<Side, N>,
  sides: readonly Side[],
): B | undefined {
  const cut: Partial<Record<Side, Spans<N>>> = {};
  for (const side of sides) {
    const both = meet(box[side], other[side]);
    if (both.length === 0) return undefined;
    cut[side] = both;
  }
  return { ...box, ...cut };
}

/**
 * The parts of a box outside another, which do not overlap, and the part inside it: what else a box carries
 * goes into each part.
 */
export function splitBox<Side extends string, N extends number | bigint, B extends Box<Side, N>>(
  box: B,
  taken: Box<Side, N>,
  sides: readonly Side[],
): { readonly outside: readonly B[]; readonly inside: B | undefined } {
  if (!boxesMeet(box, taken, sides)) return { outside: [box], inside: undefined };
  const outside: B[] = [];
  let core = box;
  for (const side of sides) {
    if (within(core[side], taken[side])) continue;
    outside.push({ ...core, [side]: without(core[side], taken[side]) });
    core = { ...core, [side]: meet(core[side], taken[side]) };
  }
  return { outside, inside: core };
}
