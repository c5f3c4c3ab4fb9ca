import { type Reason, Reasons } from '../reason.ts';
import { MaxLogPrefix } from './ruleset.ts';

/** What a logged packet's prefix says: the reason, and the zone pair or flow it is about, or nothing. */
export interface DropLabel {
  readonly reason: Reason;
  /** `supervisory>process`, `C-06/F-01`, or empty. */
  readonly where: string;
  /** `would-refuse` passed, by the leave of an audit stage. */
  readonly verdict: 'refuse' | 'would-refuse';
}

/** `pst no-flow supervisory>process`. Cut to what libnftables 1.0.6 survives. */
export function formatLogPrefix({ reason, where, verdict }: DropLabel): string {
  const passed = verdict === 'refuse' ? '' : `${Passed} `;
  return `${Mark}${passed}${reason}${where === '' ? '' : ` ${where}`}`.slice(0, MaxLogPrefix);
}

/** Undefined for a prefix we did not write. */
export function parseLogPrefix(text: string): DropLabel | undefined {
  if (!text.startsWith(Mark)) return undefined;
  const words = text.slice(Mark.length).split(' ');
  const verdict = words[0] === Passed ? 'would-refuse' : 'refuse';
  const [reason = '', where = ''] = verdict === 'refuse' ? words : words.slice(1);
  return isReason(reason) ? { reason, where, verdict } : undefined;
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(Reasons, text);
}

const Mark = 'pst ';
const Passed = 'audit';
