import { type Tolerance, Tolerances } from '../profile.ts';

/** Tolerances as one small integer, a bit each, so that looking one up and noting one costs nothing. */
export type ToleranceSet = number;

/** The set without any: the specification as it is written. */
export const Strict: ToleranceSet = 0;

/** The set of these tolerances. */
export function toleranceSet(tolerances: readonly Tolerance[]): ToleranceSet {
  return tolerances.reduce(include, Strict);
}

export function has(set: ToleranceSet, tolerance: Tolerance): boolean {
  return (set & bitOf(tolerance)) !== 0;
}

/** The set with this one as well. */
export function include(set: ToleranceSet, tolerance: Tolerance): ToleranceSet {
  return set | bitOf(tolerance);
}

function bitOf(tolerance: Tolerance): number {
  return 1 << Tolerances.indexOf(tolerance);
}
