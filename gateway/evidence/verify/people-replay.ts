import { fromBase64 } from '../../../rules/evidence/base64.ts';
import type { Find } from './finding.ts';
import type { ActOf, Where } from './told.ts';

/** Holds approvals against what is told of the accounts that gave them. */
export interface PeopleReplay {
  readonly changed: (act: ActOf<'accountChanged'>, where: Where) => void;
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
  /** The account's passkeys as they were enrolled, by their ids. */
  readonly keys: ReadonlyMap<string, EnrolledPasskey>;
}

/** What the act that enrols a passkey says of it. */
export interface EnrolledPasskey {
  /** SubjectPublicKeyInfo in DER form. */
  readonly publicKey: Uint8Array;
  /** Of COSE. */
  readonly algorithm: number;
  /** The name it is bound to. */
  readonly rp: string;
}

interface Account {
  disabled: boolean;
  /** Undefined where the log does not tell. */
  rights: Rights | undefined;
  /** When its authenticators were reset last. */
  resetAt: number;
  readonly keys: Map<string, EnrolledPasskey>;
}

export function createPeopleReplay(find: Find): PeopleReplay {
  const accounts = new Map<string, Account>();
  const claims: PasskeyClaim[] = [];

  function accountOf(name: string): Account {
    const known = accounts.get(name) ?? {
      disabled: false,
      rights: undefined,
      resetAt: Number.NEGATIVE_INFINITY,
      keys: new Map(),
    };
    accounts.set(name, known);
    return known;
  }

  function changed({ account, what, detail }: ActOf<'accountChanged'>, { at }: Where): void {
    if (TellRights.has(what)) accountOf(account).rights = readRights(detail);
    if (what === 'reset') {
      accountOf(account).resetAt = at;
      // Whoever took the key that was lost must not prove anything with it (NIST SP 800-63B §6.2).
      accountOf(account).keys.clear();
    }
    if (what === 'disabled') accountOf(account).disabled = true;
    if (what === 'enabled') accountOf(account).disabled = false;
    if (what === 'passkey') {
      const enrolled = readPasskey(detail);
      if (enrolled !== undefined) accountOf(account).keys.set(enrolled.id, enrolled.passkey);
      else if (detail.startsWith(Removed)) accountOf(account).keys.delete(detail.slice(Removed.length));
    }
  }

  function approved(act: ActOf<'grantApproved'>, { sequence, at }: Where): void {
    const named = `The approval of grant ${act.grant} by ${act.by}`;
    const account = accountOf(act.by);
    const bar = barOf(account, act, at);
    if (bar !== '') find('approval-barred', sequence, `${named} came from ${bar}.`);
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

/** Why the account may not approve in this duty now, or empty. */
function barOf(
  { disabled, rights, resetAt }: Account,
  { role: duty, means }: ActOf<'grantApproved'>,
  at: number,
): string {
  const alone = means === 'break-glass';
  if (disabled) return 'an account that was disabled';
  if (at < resetAt + ApprovalRest) return 'an account whose authenticators were reset within a day';
  if (rights === undefined) return '';
  if (!rights.roles.some((one) => one === 'approver' || (alone && one === 'engineer')))
    return 'somebody who is no approver';
  return duty === '' || ` ${rights.duties} `.includes(` ${duty} `) ? '' : `somebody without the duty ${duty}`;
}

interface Rights {
  readonly roles: readonly string[];
  /** Duties with spaces between them. */
  readonly duties: string;
}

/** `Olle Ek, operator approver, duties shift-lead`: the last part that is no other is the roles. */
function readRights(detail: string): Rights | undefined {
  const [, roles, duties = ''] =
    /, ([a-z]+(?: [a-z]+)*)(?:, duties ([^,]*))?(?:, of [^,]*)?(?:, until [^,]*)?$/.exec(detail) ?? [];
  return roles === undefined ? undefined : { roles: roles.split(' '), duties };
}

/** Changes of an account that tell its rights anew. */
const TellRights: ReadonlySet<string> = new Set(['added', 'changed', 'disabled', 'enabled']);

/** Nobody approves for so long after their authenticators were reset. Milliseconds. */
const ApprovalRest = 86_400_000;

/** What stands before the id of a passkey that is taken off an account. */
const Removed = 'removed ';

/** JSON of credential, key, algorithm and rp; anything else is no passkey that could be verified. */
function readPasskey(detail: string): { readonly id: string; readonly passkey: EnrolledPasskey } | undefined {
  let told: unknown;
  try {
    told = JSON.parse(detail);
  } catch {
    return undefined;
  }
  if (typeof told !== 'object' || told === null) return undefined;
  const { credential, key, algorithm, rp } = told as Readonly<Record<string, unknown>>;
  const publicKey = typeof key === 'string' ? fromBase64(key) : undefined;
  if (typeof credential !== 'string' || publicKey === undefined) return undefined;
  if (typeof algorithm !== 'number' || typeof rp !== 'string') return undefined;
  return { id: credential, passkey: { publicKey, algorithm, rp } };
}
