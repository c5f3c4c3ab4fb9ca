import type { Place } from '../../finding.ts';
import type { Change } from './rewrite.ts';

/** One rule of a model, dropped or widened. */
export interface Mutant {
  /** Where the rule stands, and what it is the rule of. */
  readonly at: Place;
  readonly about: string;
  /** What is done to it, as in `C-05/F-02 without its source hmi-1`. */
  readonly what: string;
  readonly change: Change;
}
