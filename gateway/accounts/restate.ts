import type { Act } from '../../rules/record/record.ts';
import type { Account } from './account.ts';
import { describeRights } from './account-calls.ts';
import { passkeyDetail } from './passkey-record.ts';

/**
 * What approvals are judged by, told once more where a log goes on under another key or on another box: who may what,
 * and the passkeys that approvals are signed with. Evidence of a session is proved by one history alone.
 * @param rp the name passkeys are bound to
 */
export function restate(accounts: readonly Account[], rp: string): readonly Act[] {
  return accounts.flatMap((account) => {
    const { name, disabled, factors } = account;
    const told = (what: string, detail: string): Act => {
      return { kind: 'accountChanged', account: name, what, detail, by: 'box', second: '' };
    };
    const keys = factors.flatMap((factor) => (factor.kind === 'passkey' ? [passkeyDetail(factor, rp)] : []));
    return [
      told(disabled ? 'disabled' : 'changed', describeRights(account)),
      ...keys.flatMap((detail) => (detail === undefined ? [] : [told('passkey', detail)])),
    ];
  });
}
