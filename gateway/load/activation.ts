import type { Judgement } from '../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../rules/policy.ts';
import { GatewayError } from '../errors.ts';
import type { BundleStore } from './bundle-store.ts';

/** A policy that is in force, with the digest it is known by. */
export interface ActivePolicy {
  readonly policy: Policy;
  /** SHA-256 of the payload, hexadecimal. */
  readonly digest: string;
  /** Wall clock of the activation. */
  readonly since: number;
}

/** Why a bundle did not come into force. The running policy stayed. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type ActivationResult =
  | { readonly ok: true; readonly active: ActivePolicy }
  | { readonly ok: false; readonly rejection: Rejection };

/** The steps of taking a policy up, in their order; see {@link createActivation}. */
export interface ActivationSteps {
  readonly store: BundleStore;
  readonly wall: () => number;
  /** A new bundle against the one in force. */
  readonly judge: (envelope: Uint8Array, running: ActivePolicy | undefined) => Judgement;
  /** A bundle this box confirmed earlier: its validity may have ended, its authenticity may not. */
  readonly judgeConfirmed: (envelope: Uint8Array) => Judgement;
  /** Back-end checks that change nothing: the dry run in the kernel, the listeners. @throws GatewayError */
  readonly check: (policy: Policy) => Promise<void>;
  /** Hands the policy to the inspectors without effect; says what one cannot do with it, or ''. */
  readonly prepare: (digest: string, payload: Uint8Array) => Promise<string>;
  /** Makes it the ruleset, all or nothing, and reads it back. @throws GatewayError */
  readonly enforce: (policy: Policy) => Promise<void>;
  readonly activate: (digest: string, policy: Policy) => void;
  readonly abandon: (digest: string) => void;
  /** On record before anything takes effect; a failure stops the activation. @throws GatewayError */
  readonly recordAccepted: (policy: Policy, digest: string, by: string) => Promise<void>;
  readonly recordRejected: (rejection: Rejection, by: string) => void;
}

/** Takes bundles up, one at a time. */
export interface Activation {
  /** Verify, dry-run, prepare, enforce, read back, activate, confirm. `by` names who handed it over. */
  readonly apply: (envelope: Uint8Array, by: string) => Promise<ActivationResult>;
  /** Takes up again what was confirmed before the restart; undefined on a new box. */
  readonly resume: () => Promise<ActivationResult | undefined>;
  readonly active: () => ActivePolicy | undefined;
}

/**
 * A bundle comes into force in this order, and a failure at any step leaves the running policy as it was.
 * The anti-rollback mark, which is the confirmed bundle itself, moves last.
 */
export function createActivation(steps: ActivationSteps): Activation {
  let active: ActivePolicy | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function takeUp(judged: Judgement, stage: () => () => void, by: string): Promise<ActivationResult> {
    if (!judged.ok) return reject(judged, by);
    const { policy, payload, digest } = judged;
    let confirm: () => void;
    try {
      confirm = stage();
      await steps.check(policy);
      const problem = await steps.prepare(digest, payload);
      if (problem !== '') throw new GatewayError('PST_ERR_INSPECTOR_POLICY', problem);
      await steps.recordAccepted(policy, digest, by);
      await steps.enforce(policy);
    } catch (cause) {
      if (!(cause instanceof GatewayError)) throw cause;
      return reject(cause, by, digest);
    }
    steps.activate(digest, policy);
    active = { policy, digest, since: steps.wall() };
    confirm();
    return { ok: true, active };
  }

  function reject(why: Rejection, by: string, digest?: string): ActivationResult {
    if (digest !== undefined) steps.abandon(digest);
    const { code, message, remedy } = why;
    steps.recordRejected({ code, message, remedy }, by);
    return { ok: false, rejection: { code, message, remedy } };
  }

  function oneAtATime<T>(act: () => Promise<T>): Promise<T> {
    const turn = queue.then(act);
    queue = turn.catch(() => undefined);
    return turn;
  }

  return {
    apply: (envelope, by) =>
      oneAtATime(() => takeUp(steps.judge(envelope, active), () => steps.store.stage(envelope), by)),
    resume: () =>
      oneAtATime(async () => {
        const envelope = steps.store.confirmed();
        if (envelope === undefined) return undefined;
        return takeUp(steps.judgeConfirmed(envelope), () => () => undefined, Resumed);
      }),
    active: () => active,
  };
}

/** Who hands over the bundle that was in force before the engine's restart. */
export const Resumed = 'restart';
