import type { Place } from '../finding.ts';
import type { Zone } from './zone-model.ts';

/** What a model says for people and auditors; nothing here is compiled. */

/** What the worst case costs, by dimension; what is not stated is undefined. */
export type Consequences = Readonly<Partial<Record<ConsequenceDimension, ConsequenceGrade>>>;
export const ConsequenceDimensions = ['safety', 'environmental', 'financial', 'reputational'] as const;
export type ConsequenceDimension = (typeof ConsequenceDimensions)[number];
export const ConsequenceGrades = ['none', 'low', 'medium', 'high', 'critical'] as const;
export type ConsequenceGrade = (typeof ConsequenceGrades)[number];

/** The texts of 62443-3-2 ZCR 6.4 that nothing can be derived for; empty where not given. */
export interface Characteristics {
  /** d. */
  readonly physicalBoundary: string;
  /** g. */
  readonly physicalAccess: string;
  /** l. */
  readonly requirements: string;
  /** m. */
  readonly policies: string;
  /** n. */
  readonly assumptions: string;
}

/** A way between zones, or from outside, that carries data without IP: it is declared, and never compiled. */
export interface NonIpPath {
  readonly at: Place;
  readonly id: string;
  readonly kind: 'usb' | 'wireless' | 'laptop' | 'serial' | 'other';
  /** Undefined is from outside the site. */
  readonly from: Zone | undefined;
  readonly to: Zone;
  readonly purpose: string;
  readonly owner: string;
  /** What keeps it in bounds; empty is nothing. */
  readonly controls: string;
}

/** A patch that is not applied: why, what stands in for it, and when somebody looks again (62443-2-3). */
export interface PatchDeferral {
  readonly at: Place;
  readonly reason: string;
  readonly approver: string;
  readonly since: number;
  readonly review: number;
}
