import { type Reason, Reasons } from '../reason.ts';
import { MaxLogPrefix } from './ruleset.ts';

/** What a dropped packet's log prefix says: the reason, and the zone pair or flow it is about, or nothing. */
export interface DropLabel {
  readonly reason: Reason;
  /** `supervisory>process`, `C-06/F-01`, or empty. */
  readonly where: string;
}

/** `pst no-flow supervisory>process`. Cut to what libnftables 1.0.6 survives. */
export function formatLogPrefix({ reason, where }: DropLabel): string {
  return `${Mark}${reason}${where === '' ? '' : ` ${where}`}`.slice(0, MaxLogPrefix);
}

/** Undefined for a prefix we did not write. */
export function parseLogPrefix(text: string): DropLabel | undefined {
  if (!text.startsWith(Mark)) return undefined;
  const [reason = '', where = ''] = text.slice(Mark.length).split(' ');
  return isReason(reason) ? { reason, where } : undefined;
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(Reasons, text);
}

const Mark = 'pst ';
