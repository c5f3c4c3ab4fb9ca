import type { AccessPiece } from '../prove/access.ts';

/** What changes when one policy takes the place of another. */
export interface Difference {
  /** What may happen now that could not before, and the reverse. */
  readonly gained: readonly AccessChange[];
  readonly lost: readonly AccessChange[];
  /** All else that changed, in the order of {@link ChangeKinds}. */
  readonly changes: readonly OtherChange[];
}

/** One sentence of access, with the rule that gives or gave it. */
export interface AccessChange {
  /** `C-05 Supervision of controllers`; vendors and gateways by their name. */
  readonly group: string;
  /** `C-05/F-01`. */
  readonly by: string;
  /** `hmi-1 may write plc-dosing holding registers 100-119 (unit 1, function 6, values 0-1000)`. */
  readonly sentence: string;
  /** What stays the same all the same, or what is not known: a sentence each. */
  readonly notes: readonly string[];
  readonly file: string;
  readonly line: number;
  readonly owner: string;
  readonly ticket: string;
  /** What it was made of; undefined where only compiled policies were compared. */
  readonly piece: AccessPiece | undefined;
}

/** A change that is not access by itself. */
export interface OtherChange {
  readonly kind: ChangeKind;
  /** The conduit, flow, zone, test … that changed. */
  readonly about: string;
  readonly sentence: string;
  readonly file: string;
  readonly line: number;
  /** A protection is gone or weaker, or somebody has been let off something: look at this first. */
  readonly needsLook: boolean;
}

/** In the order in which a reviewer wants them. */
export const ChangeKinds = [
  'audit stages',
  'limits',
  'permissions',
  'schedules and ends',
  'modes',
  'tests and invariants',
  'waivers',
  'levels',
  'vendors',
  'zones and assets',
  'conduits and flows',
  'gateways',
  'people',
  'site',
] as const;
export type ChangeKind = (typeof ChangeKinds)[number];

export function isSame({ gained, lost, changes }: Difference): boolean {
  return gained.length + lost.length + changes.length === 0;
}
