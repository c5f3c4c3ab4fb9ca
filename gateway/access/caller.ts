import type { Role } from '../ipc/account-body.ts';
import type { Answers, Asks, CallName } from '../ipc/calls.ts';
import type { AccessRefusal } from './refusals.ts';

/** From where a call came, before it is known by whom. */
export type CallContext =
  /**
   * Through the front: `session` is the secret of a sign-in, or empty; `source` is the address of whoever asks. What a
   * page asks by itself is not `attended`, and does not count as something the person did.
   */
  | {
      readonly at: 'front';
      readonly session: string;
      readonly source: string;
      /** Its port there, where it matters: a carrier's client. */
      readonly port?: number;
      readonly attended: boolean;
    }
  /** At the console: `by` is who the kernel saw. */
  | { readonly at: 'console'; readonly by: string };

/** Somebody who is signed in and may call. */
export interface Caller {
  /** Name of the account, as it goes on record; at the console who the kernel saw. */
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly Role[];
  readonly duties: readonly string[];
  /** Vendor of the zone model, or empty. */
  readonly vendor: string;
  /** Public name of the sign-in, or empty at the console. */
  readonly session: string;
  readonly at: 'front' | 'console';
  /** When the second factor was last proved, monotonic milliseconds; undefined where none was. */
  readonly factorAt: number | undefined;
  /** False for a day after its authenticators were reset. */
  readonly mayApprove: boolean;
}

export type CallOutcome<N extends CallName> =
  | { readonly ok: true; readonly body: Answers<N> }
  | { readonly ok: false; readonly refusal: AccessRefusal };

/** What is done for one call. */
export type CallHandler<N extends CallName> = (
  asks: Asks<N>,
  context: CallContext,
) => Promise<CallOutcome<N>>;

/** Handlers of some calls; the desk is made of several such lists. */
export type CallHandlers<N extends CallName> = { readonly [Name in N]: CallHandler<Name> };
