import type { Reason } from '../reason.ts';
import type { Grant, GrantRules, GrantTotals } from './grant.ts';

/** What of an open grant is left, milliseconds, rounded by nobody yet. */
export interface TimeLeft {
  readonly end: number;
  /** Infinity where idling ends nothing. */
  readonly idle: number;
}

/** How long before an end it is said that it comes, milliseconds; of a shorter idle time the half. */
export const WarningTime = 60_000;

/** By the monotonic clock alone: whoever sets the wall clock moves no end (62443-3-3 SR 2.6, SR 2.11). */
export function timeLeft(grant: Grant, rules: GrantRules, mono: number): TimeLeft {
  if (grant.opened === undefined) return { end: 0, idle: 0 };
  return {
    end: Math.max(0, grant.opened.until - mono),
    idle: rules.idle === 0 ? Number.POSITIVE_INFINITY : Math.max(0, grant.activeAt + rules.idle - mono),
  };
}

/** Why an open grant ends now by its own measure, or undefined. */
export function overdue(
  grant: Grant,
  rules: GrantRules,
  totals: GrantTotals,
  mono: number,
): Extract<Reason, 'grant-ended' | 'grant-idle' | 'too-much-data'> | undefined {
  const left = timeLeft(grant, rules, mono);
  if (left.end <= 0) return 'grant-ended';
  if (left.idle <= 0) return 'grant-idle';
  return totals.bytesFromClient + totals.bytesFromServer > rules.maxBytes ? 'too-much-data' : undefined;
}

/** What is about to end an open grant, as a sentence, or ''. */
export function warning(grant: Grant, rules: GrantRules, totals: GrantTotals, mono: number): string {
  if (grant.phase !== 'open') return '';
  const { end, idle } = timeLeft(grant, rules, mono);
  if (end <= WarningTime) return `It ends in ${seconds(end)} s.`;
  if (idle <= Math.min(WarningTime, rules.idle / 2)) {
    return `Nothing is sent: it ends in ${seconds(idle)} s unless something is.`;
  }
  const used = (totals.bytesFromClient + totals.bytesFromServer) / rules.maxBytes;
  return used >= 0.9 ? `${Math.floor(used * 100)} % of the bytes it may carry have passed.` : '';
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
