import type { FoundationalRequirement, SecurityLevel } from '../../model/zone-model.ts';
import { type SystemRequirement, SystemRequirements, selectedAt } from './catalogue.ts';
import { type LiveCheck, liveCheckText } from './live-checks.ts';
import { supportOf } from './support.ts';
import type { ZoneView } from './zone-view.ts';

/**
 * How far the evidence at hand supports one requirement for one zone. `met` is said only where the gateway alone
 * can carry the whole of what the SL-T selects, nothing known goes past it, and live checks say so with value
 * and time. It is a statement about evidence; what the zone's devices do themselves is for an assessor.
 */
export interface Assessment {
  readonly sr: string;
  readonly fr: FoundationalRequirement;
  readonly status: AssessmentStatus;
  /** Numbers of the enhancements the SL-T selects. */
  readonly enhancements: readonly number[];
  /** What enforces or evidences it, a sentence each. */
  readonly by: readonly string[];
  /** Live checks it rests on, each with its value and time. */
  readonly live: readonly string[];
  /** What is not covered, or not known. */
  readonly open: readonly string[];
}

export type AssessmentStatus = 'met' | 'partly' | 'not assessed' | 'not selected';

/** All 51 for one zone, each at the level its SL-T has for the foundational requirement. */
export function assessZone(view: ZoneView): readonly Assessment[] {
  return SystemRequirements.map((requirement) => assess(requirement, view));
}

/** What the vector says for a foundational requirement, else the level. */
export function levelFor({ level, vector }: SecurityLevel, requirement: FoundationalRequirement): number {
  return vector[requirement] ?? level;
}

function assess(requirement: SystemRequirement, view: ZoneView): Assessment {
  const { sr, fr } = requirement;
  const selected = selectedAt(requirement, levelFor(view.zone.slT, fr));
  if (selected === undefined) {
    return { sr, fr, status: 'not selected', enhancements: [], by: [], live: [], open: [] };
  }
  const enhancements = selected.map(({ number }) => number);
  const support = supportOf(sr, view);
  const { by, covers, live, open, carries } = support;
  if (by.length === 0) {
    return { sr, fr, status: 'not assessed', enhancements, by: [], live: [], open };
  }
  const uncovered = selected.filter(({ number }) => !covers.includes(number));
  const failing = live.filter(({ ok }) => !ok);
  const isWhole = carries && uncovered.length === 0 && open.length === 0;
  return {
    sr,
    fr,
    status: isWhole && live.length > 0 && failing.length === 0 ? 'met' : 'partly',
    enhancements,
    by,
    live: live.map(sayLive),
    open: [
      ...open,
      ...uncovered.map(({ number, name }) => `RE ${number} (${name}) is not covered`),
      ...(isWhole && live.length === 0 ? ['no gateway of this zone was asked how it is'] : []),
    ],
  };
}

function sayLive(check: LiveCheck): string {
  return `${check.ok ? '' : 'failing: '}${liveCheckText(check)}`;
}
