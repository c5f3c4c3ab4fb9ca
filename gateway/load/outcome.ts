import type { Policy } from '../../rules/policy.ts';
import { type ErrorCode, GatewayError } from '../errors.ts';
import type { ActivePolicy, Rejection, TestCount } from './steps.ts';

export type ActivationResult =
  | {
      readonly ok: true;
      readonly active: ActivePolicy;
      readonly former: ActivePolicy | undefined;
      readonly tests: TestCount;
    }
  | { readonly ok: false; readonly rejection: Rejection };

/** What was found of a bundle that was only tried. */
export type TrialResult =
  | { readonly ok: true; readonly policy: Policy; readonly digest: string; readonly tests: TestCount }
  | { readonly ok: false; readonly rejection: Rejection };

/** What is in force after a confirmation or a rollback, and what was before. */
export type SettleResult =
  | {
      readonly ok: true;
      readonly active: ActivePolicy | undefined;
      readonly former: ActivePolicy | undefined;
    }
  | { readonly ok: false; readonly rejection: Rejection };

/** That the policy in force is yet to be confirmed. */
export interface Pending {
  readonly by: string;
  /** Milliseconds until it goes back. */
  readonly left: number;
  /** Where it goes back to; undefined where nothing was in force. */
  readonly before: ActivePolicy | undefined;
}

/** A bundle that is refused for what it is and not because the system is in the way. */
class RefusedBundle extends Error {
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.message);
    this.name = 'RefusedBundle';
    this.rejection = rejection;
  }
}

/** The count, or the failing test as what {@link asRejection} takes. @throws RefusedBundle */
export function orThrow(tested: TestCount | Rejection): TestCount {
  if ('code' in tested) throw new RefusedBundle(tested);
  return tested;
}

/** Why something was not done; a bug stops the process instead. */
export function asRejection(cause: unknown): Rejection {
  if (cause instanceof RefusedBundle) return cause.rejection;
  if (cause instanceof GatewayError) return cause;
  throw cause;
}

/** That something was not done for this reason. */
export function refuse(code: ErrorCode): { readonly ok: false; readonly rejection: Rejection } {
  const { message, remedy } = new GatewayError(code);
  return { ok: false, rejection: { code, message, remedy } };
}

/** For what the next start mends when it cannot be done now. */
export function attempt(act: () => void): void {
  try {
    act();
  } catch (cause) {
    asRejection(cause);
  }
}
