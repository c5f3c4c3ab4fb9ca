import { type Static, Type } from 'typebox';
import { type AccountBody, RoleName } from '../ipc/account-body.ts';
import type { KnownAccount, RevokedCause } from './account-book.ts';

const strict = { additionalProperties: false } as const;
const Text = Type.String({ maxLength: 4096 });
const Time = Type.Number();

/** A time-based one-time password, RFC 6238: six digits, 30 s, SHA-1, as every authenticator knows it. */
export const TotpFactor = Type.Object(
  {
    kind: Type.Literal('totp'),
    id: Text,
    label: Text,
    since: Time,
    lastUsed: Time,
    /** Base32. */
    secret: Text,
    /** Number of the last time step whose code was taken: no code at or before it is taken again (RFC 6238 §5.2). */
    lastStep: Type.Integer(),
  },
  strict,
);
export type TotpFactor = Static<typeof TotpFactor>;

/** A WebAuthn credential. */
export const PasskeyFactor = Type.Object(
  {
    kind: Type.Literal('passkey'),
    id: Text,
    label: Text,
    since: Time,
    lastUsed: Time,
    /** Base64url, as the authenticator gave it. */
    credential: Text,
    /** COSE key, base64url. */
    publicKey: Text,
    /** The authenticator's signature counter; 0 where it keeps none. */
    counter: Type.Integer(),
    transports: Type.Array(Text),
  },
  strict,
);
export type PasskeyFactor = Static<typeof PasskeyFactor>;

/** One person's account as it is stored. Times are milliseconds since the Unix epoch, 0 is never. */
export const Account = Type.Object(
  {
    form: Type.Literal(1),
    name: Text,
    fullName: Text,
    roles: Type.Array(RoleName),
    duties: Type.Array(Text),
    vendor: Text,
    createdAt: Time,
    endsAt: Time,
    disabled: Type.Boolean(),
    /** When its first invitation was accepted. */
    activeSince: Time,
    /** As `password-hash.ts` writes it; empty where none is set. */
    password: Text,
    /** SHA-256 of the code, hexadecimal, or empty. */
    invitation: Text,
    invitationUntil: Time,
    factors: Type.Array(Type.Union([TotpFactor, PasskeyFactor])),
    /** SHA-256 of each unused code, hexadecimal. */
    recoveryCodes: Type.Array(Text),
    lockedUntil: Time,
    /** Whether the lock holds from everywhere, or only where this account was never signed in from. */
    lockedFor: Type.Enum(['strangers', 'everybody']),
    /** Places it was signed in from, newest first. */
    places: Type.Array(Text),
    lastSignIn: Time,
    /** When its authenticators were last reset, or renewed by means of a recovery code. */
    resetAt: Time,
    resetAskedBy: Text,
    resetAskedAt: Time,
  },
  strict,
);
export type Account = Static<typeof Account>;

/** How long an account may not approve after a reset. Milliseconds. */
export const ApprovalRest = 24 * 3_600_000;

/** How long an invitation, and a request for a reset, can be answered. Milliseconds. */
export const InvitationTime = 24 * 3_600_000;

/** Factors one account may have. */
export const MostFactors = 8;

/** What an administrator says of a new account. */
export type NewAccount = Pick<Account, 'name' | 'fullName' | 'roles' | 'duties' | 'vendor' | 'endsAt'>;

/** An account that can do nothing but accept its invitation. */
export function inviteAccount(given: NewAccount, invitation: string, now: number): Account {
  return {
    form: 1,
    ...given,
    createdAt: now,
    disabled: false,
    activeSince: 0,
    ...withoutAuthenticators(invitation, now),
    lockedUntil: 0,
    lockedFor: 'strangers',
    places: [],
    lastSignIn: 0,
    resetAt: 0,
    resetAskedBy: '',
    resetAskedAt: 0,
  };
}

/** The part of an account by which a person proves who they are, made empty, with a new invitation. */
export function withoutAuthenticators(
  invitation: string,
  now: number,
): Pick<Account, 'password' | 'invitation' | 'invitationUntil' | 'factors' | 'recoveryCodes'> {
  return {
    password: '',
    invitation,
    invitationUntil: now + InvitationTime,
    factors: [],
    recoveryCodes: [],
  };
}

/** Why roles, vendor and end do not go together, as a sentence, or ''. */
export function contradiction({ roles, vendor, endsAt }: NewAccount, now: number): string {
  const isVendor = roles.includes('vendor');
  if (isVendor && roles.length > 1) return 'A vendor has no other role.';
  if (isVendor && vendor === '') return 'An account of a vendor names the vendor of the zone model.';
  if (!isVendor && vendor !== '') return 'Only an account with the role vendor belongs to one.';
  if (isVendor && endsAt === 0) return 'An account of a vendor has an end.';
  if (endsAt !== 0 && endsAt <= now) return 'The end is in the past.';
  return '';
}

/** @param now milliseconds since the Unix epoch */
export function stateOf(account: Account, now: number): AccountBody['state'] {
  if (account.disabled) return 'disabled';
  if (account.endsAt !== 0 && now >= account.endsAt) return 'ended';
  if (account.password === '') return 'invited';
  return account.lockedUntil > now ? 'locked' : 'active';
}

/** What others in the engine may know. A lock-out keeps somebody from signing in and ends nothing. */
export function knownOf(account: Account, now: number): KnownAccount {
  const { name, fullName, roles, duties, vendor, factors } = account;
  const state = stateOf(account, now);
  const usable = state === 'active' || state === 'locked';
  const mayApprove = usable && roles.includes('approver') && mayNotApproveUntil(account, now) === 0;
  return { name, fullName, roles, duties, vendor, usable, mayApprove, hasFactor: factors.length > 0 };
}

/** End of the time in which it may not approve, or 0. */
export function mayNotApproveUntil({ resetAt }: Account, now: number): number {
  return resetAt !== 0 && now < resetAt + ApprovalRest ? resetAt + ApprovalRest : 0;
}

/** Who asked for a reset that can still be seconded, or ''. */
export function resetAskedBy({ resetAskedBy: by, resetAskedAt: at }: Account, now: number): string {
  return by !== '' && now < at + InvitationTime ? by : '';
}

/** The account as people see it. */
export function describeAccount(account: Account, signIns: number, now: number): AccountBody {
  const { name, fullName, vendor, endsAt, lockedUntil, lastSignIn } = account;
  return {
    name,
    fullName,
    roles: [...account.roles],
    duties: [...account.duties],
    vendor,
    state: stateOf(account, now),
    endsAt,
    lockedUntil: lockedUntil > now ? lockedUntil : 0,
    factors: account.factors.map(({ id, kind, label, since, lastUsed }) => ({
      id,
      kind,
      label,
      since,
      lastUsed,
    })),
    recoveryCodes: account.recoveryCodes.length,
    signIns,
    lastSignIn,
    mayNotApproveUntil: mayNotApproveUntil(account, now),
    resetAskedBy: resetAskedBy(account, now),
  };
}

/** What no longer stands once `before` has become `after`; see {@link RevokedCause}. */
export function lostBy(before: Account, after: Account, now: number): readonly RevokedCause[] {
  const was = knownOf(before, now);
  const is = knownOf(after, now);
  const causes: RevokedCause[] = [];
  // First: a reset takes the password as well, and why it was done is what the receipt should say.
  if (was.hasFactor && !is.hasFactor) causes.push('factor-lost');
  if ((was.usable && !is.usable) || isWithout(was.roles, is.roles, 'vendor') || was.vendor !== is.vendor) {
    causes.push('account-revoked');
  }
  const duties = was.duties.some((duty) => !is.duties.includes(duty));
  const rested = before.resetAt !== after.resetAt;
  const could = was.mayApprove || (was.usable && was.roles.includes('engineer'));
  const can = is.mayApprove || (is.usable && is.roles.includes('engineer'));
  if ((was.mayApprove && !is.mayApprove) || (could && !can) || rested || duties) causes.push('approval-lost');
  return causes;
}

/** Whether a change is of the kind that ends every sign-in of the account (62443-3-3 SR 1.3, SR 3.8 RE1). */
export function endsSignIns(before: Account, after: Account): boolean {
  const rights = ({ roles, duties, vendor, endsAt, disabled, password, factors, resetAt }: Account) =>
    JSON.stringify([roles, duties, vendor, endsAt, disabled, password, factors.map(({ id }) => id), resetAt]);
  return rights(before) !== rights(after);
}

function isWithout<T>(before: readonly T[], after: readonly T[], one: T): boolean {
  return before.includes(one) && !after.includes(one);
}
