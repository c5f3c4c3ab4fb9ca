import type { Act } from '../../rules/record/record.ts';
import type { Account } from './account.ts';
import { describeRights } from './account-calls.ts';
import { passkeyDetail } from './passkey-record.ts';

/**
 * What approvals are judged by, told once more where a log goes on under another key or on another box: who may what,
 * and the passkeys that approvals are signed with. Evidence of a session is proved by one history alone.
 * Rejects with PST_ERR_PASSKEY_LIBRARY: rather nothing than without the passkeys.
 * @param rp the name passkeys are bound to
 */
export async function restate(accounts: readonly Account[], rp: string): Promise<readonly Act[]> {
  const acts: Act[] = [];
  for (const account of accounts) {
    const { name, disabled, factors } = account;
    const told = (what: string, detail: string): Act => {
      return { kind: 'accountChanged', account: name, what, detail, by: 'box', second: '' };
    };
    acts.push(told(disabled ? 'disabled' : 'changed', describeRights(account)));
    for (const factor of factors) {
      const detail = factor.kind === 'passkey' ? await passkeyDetail(factor, rp) : undefined;
      if (detail !== undefined) acts.push(told('passkey', detail));
    }
  }
  return acts;
}
