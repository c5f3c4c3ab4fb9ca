import type { Find } from './finding.ts';
import type { ActOf, Where } from './told.ts';

/** Holds approvals against what is told of the accounts that gave them. */
export interface PeopleReplay {
  readonly changed: (act: ActOf<'accountChanged'>) => void;
  readonly approved: (act: ActOf<'grantApproved'>, where: Where) => void;
  readonly claims: () => readonly PasskeyClaim[];
}

/** A passkey's signature under an approval. */
export interface PasskeyClaim {
  readonly sequence: number;
  readonly grant: string;
  readonly account: string;
  readonly purpose: 'approve' | 'break-glass';
  /** What was approved. */
  readonly digest: Uint8Array;
  /** JSON as the browser gave it, WebAuthn Level 3 §5.4. */
  readonly assertion: string;
  /** Public keys of the account's passkeys as they were enrolled, base64url of COSE_Key, by the passkey's id. */
  readonly keys: ReadonlyMap<string, string>;
}

interface Account {
  disabled: boolean;
  readonly keys: Map<string, string>;
}

export function createPeopleReplay(find: Find): PeopleReplay {
  const accounts = new Map<string, Account>();
  const claims: PasskeyClaim[] = [];

  function accountOf(name: string): Account {
    const known = accounts.get(name) ?? { disabled: false, keys: new Map() };
    accounts.set(name, known);
    return known;
  }

  function changed({ account, what, detail }: ActOf<'accountChanged'>): void {
    if (what === 'disabled') accountOf(account).disabled = true;
    if (what === 'enabled') accountOf(account).disabled = false;
    if (what === 'passkey') {
      const enrolled = readPasskey(detail);
      if (enrolled !== undefined) accountOf(account).keys.set(enrolled.id, enrolled.key);
    }
  }

  function approved(act: ActOf<'grantApproved'>, { sequence }: Where): void {
    const named = `The approval of grant ${act.grant} by ${act.by}`;
    const account = accountOf(act.by);
    if (account.disabled)
      find('approval-barred', sequence, `${named} came from an account that was disabled.`);
    if (act.means === 'break-glass') {
      find('approval-alone', sequence, `${named} was given in an emergency, by one person alone.`);
    } else if (act.means !== 'passkey') {
      find(
        'approval-weak',
        sequence,
        `${named} was made with ${act.means}: nobody but the box vouches for it.`,
      );
    }
    if (act.assertion === '') {
      if (act.means === 'passkey')
        find('approval-forged', sequence, `${named} has no signature of the passkey.`);
      return;
    }
    if (account.keys.size === 0) {
      return find(
        'approval-unproved',
        sequence,
        `${named} is signed with a passkey whose key is not on record.`,
      );
    }
    const { grant, digest, assertion } = act;
    const purpose = act.means === 'break-glass' ? 'break-glass' : 'approve';
    claims.push({
      sequence,
      purpose,
      grant,
      account: act.by,
      digest,
      assertion,
      keys: new Map(account.keys),
    });
  }

  return { changed, approved, claims: () => claims };
}

/** Where the act that enrols a passkey holds its public key: `id=… key=…`, both base64url. */
function readPasskey(detail: string): { readonly id: string; readonly key: string } | undefined {
  const [, id = '', key = ''] = /\bid=([\w-]+) key=([\w-]+)/.exec(detail) ?? [];
  return key === '' ? undefined : { id, key };
}
