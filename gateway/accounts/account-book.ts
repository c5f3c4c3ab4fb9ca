import type { Act } from '../../rules/record/record.ts';
import type { CallContext, Caller, CallHandlers } from '../access/caller.ts';
import type { AccessRefusal } from '../access/refusals.ts';
import type { Role } from '../ipc/account-body.ts';
import type { CallName, Second } from '../ipc/calls.ts';

/** The calls about people, which the account book answers itself. */
export type AccountCall =
  | 'welcome'
  | 'sign-in-options'
  | 'sign-in'
  | 'accept-invitation'
  | 'sign-out'
  | 'me'
  | 'lock'
  | 'unlock'
  | 'prove-factor'
  | 'totp-begin'
  | 'totp-finish'
  | 'passkey-begin'
  | 'passkey-finish'
  | 'factor-remove'
  | 'recovery-codes'
  | 'change-password'
  | 'accounts'
  | 'account-add'
  | 'account-set'
  | 'account-reset'
  | 'account-unlock'
  | 'sign-ins'
  | 'sign-in-end'
  | 'first-administrator';

/** What a call wants of whoever makes it, beyond what `call-rights.ts` says of every call of that name. */
export interface Wants {
  readonly call: CallName;
  /** The account must have at least one of these duties. */
  readonly duties?: readonly string[];
  /** A second factor must have been proved within this time, milliseconds. */
  readonly freshFactor?: number;
}

export type Refusal = { readonly ok: false; readonly refusal: AccessRefusal };
export type Admission = { readonly ok: true; readonly caller: Caller } | Refusal;

/** How a second factor was proved, as it goes on record with an approval. */
export interface FactorProof {
  readonly ok: true;
  readonly means: 'passkey' | 'totp' | 'recovery';
  /** Anything but a passkey over the challenge: it proves who, and not what was approved (62443-3-3 SR 2.12). */
  readonly weak: boolean;
  /** The browser's answer as it came, JSON, which gateway/evidence/verify checks. Empty unless it is a passkey's. */
  readonly assertion: string;
}

/**
 * Why something an account holds up no longer stands. `approval-lost` is about what it approved, the others about
 * what it has itself.
 */
export type RevokedCause = 'account-revoked' | 'factor-lost' | 'approval-lost';

/** What others may know of an account. */
export interface KnownAccount {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly Role[];
  readonly duties: readonly string[];
  readonly vendor: string;
  /** Neither disabled nor ended, and past its invitation. */
  readonly usable: boolean;
  /** Usable, in the role of an approver, and not within a day of a reset. */
  readonly mayApprove: boolean;
  readonly hasFactor: boolean;
}

/** The authority on people: who they are, what they may, and how they prove it (62443-3-3 SR 1.1 to 1.5, 2.1). */
export interface AccountBook {
  readonly handlers: CallHandlers<AccountCall>;
  /**
   * Who calls, if they may: the first line of every handler. Through the front only with a live sign-in; at the
   * console for the calls that are open there, as `console:root`, without roles. A call that is open to everybody is
   * not asked here.
   */
  readonly caller: (context: CallContext, wants: Wants) => Admission;
  /**
   * The public name of the live, unlocked sign-in with this secret, and its account; for carriers. A sign-in that a
   * carrier holds has no screen: from then on it is neither locked nor ended for want of its person.
   */
  readonly signedIn: (secret: string) => { readonly account: string; readonly session: string } | undefined;
  /**
   * Proves a second factor now, for one act. With a `challenge` a passkey must have signed exactly that, asked for
   * with {@link AccountBook.passkeyChallenge} by the same sign-in within five minutes. Wrong ones count towards a lock-out.
   */
  readonly proveSecond: (
    caller: Caller,
    second: Second,
    /** Bytes that the act is bound to, as the digest of a grant. */
    challenge?: Uint8Array,
  ) => Promise<FactorProof | Refusal>;
  /** Options for the browser's passkey function, JSON, over these bytes and with the caller's own passkeys only. */
  readonly passkeyChallenge: (
    caller: Caller,
    challenge: Uint8Array,
  ) => Promise<{ readonly ok: true; readonly options: string } | Refusal>;
  readonly find: (account: string) => KnownAccount | undefined;
  /** Whether it may be used now: what holds a grant of its own. */
  readonly isUsable: (account: string) => boolean;
  /** Whether its authenticators were reset within the last milliseconds; receipts say so. */
  readonly resetWithin: (account: string, milliseconds: number) => boolean;
  /** When this sign-in or any other of the account last proved a second factor, monotonic milliseconds. */
  readonly factorAt: (account: string) => number | undefined;
  /** Told after the sign-ins have ended and the change is on disk; several causes are told one after the other. */
  readonly onRevoked: (listener: (account: string, cause: RevokedCause) => void) => void;
  /** What of the state directory cannot be used, as sentences; those accounts cannot sign in. */
  readonly troubles: () => readonly string[];
  /** Acts that tell who may what now, and by which passkeys: see restate.ts. */
  readonly restate: () => Promise<readonly Act[]>;
  readonly close: () => Promise<void>;
}
