import { toHex } from '../../rules/evidence/base64.ts';
import type { GrantAct } from '../../rules/session/grant.ts';
import type { KeptGrant } from './grant-entry.ts';
import type { People } from './parts.ts';

/** Notes what went on record of a grant, for the receipt. `at` is wall time. */
export function note(kept: KeptGrant, act: GrantAct, at: number, people: Pick<People, 'resetWithin'>): void {
  if (act.kind === 'grantApproved') {
    const { by, role, means, weak, extension, why } = act;
    const recentlyReset = people.resetWithin(by, ThirtyDays);
    kept.approvals.push({
      at,
      by,
      role,
      means,
      weak,
      extension,
      why,
      digest: toHex(act.digest),
      recentlyReset,
    });
  } else if (act.kind === 'grantExtended') {
    kept.extensions.push({ at, by: act.by, until: act.until });
  }
}

/** Milliseconds. */
const ThirtyDays = 30 * 86_400_000;
