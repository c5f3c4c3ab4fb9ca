import type { Place } from '../finding.ts';

/** Two boxes with the same legs, of which one carries at a time. */
export interface Pair {
  readonly at: Place;
  /** Name of the other box, which may not exist: a check says so. */
  readonly with: string;
  /** Device of the cable between the two; no zone lies behind it. */
  readonly link: string;
  /** The box's own address on that cable, with prefix length, or empty. */
  readonly address: string;
}
