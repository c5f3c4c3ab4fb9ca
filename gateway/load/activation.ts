import type { Judgement, RunningPolicy } from '../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../rules/policy.ts';
import { GatewayError } from '../errors.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
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
  | { readonly ok: true; readonly active: ActivePolicy; readonly former: ActivePolicy | undefined }
  | { readonly ok: false; readonly rejection: Rejection };

/** The steps of taking a policy up, in their order; see {@link createActivation}. */
export interface ActivationSteps {
  readonly store: BundleStore;
  readonly wall: () => number;
  /** A new bundle against the one confirmed last. */
  readonly judge: (envelope: Uint8Array, confirmed: RunningPolicy | undefined) => Judgement;
  /** A bundle this box confirmed earlier: its validity may have ended, its authenticity may not. */
  readonly judgeConfirmed: (envelope: Uint8Array) => Judgement;
  /** Back-end checks that change nothing: the dry run in the kernel, the listeners. @throws GatewayError */
  readonly check: (policy: Policy) => Promise<void>;
  /** Hands the policy to the inspectors without effect; says what one cannot do with it, or ''. */
  readonly prepare: (digest: string, payload: Uint8Array) => Promise<string>;
  /** On record before anything takes effect; a failure stops the activation. @throws GatewayError */
  readonly recordAccepted: (policy: Policy, digest: string, by: string) => Promise<void>;
  /** Makes it the ruleset, all or nothing, and reads it back. @throws GatewayError */
  readonly enforce: (policy: Policy) => Promise<void>;
  readonly activate: (digest: string, policy: Policy) => void;
  readonly abandon: (digest: string) => void;
  readonly recordRejected: (rejection: Rejection, by: string) => void;
}

/** Takes bundles up, one at a time. */
export interface Activation {
  /** Verify, dry-run, prepare, record, enforce, read back, confirm, activate. `by` names who handed it over. */
  readonly apply: (envelope: Uint8Array, by: string) => Promise<ActivationResult>;
  /**
   * Takes up again what was confirmed before the restart; undefined on a new box and where a policy is in
   * force already.
   */
  readonly resume: () => Promise<ActivationResult | undefined>;
  readonly active: () => ActivePolicy | undefined;
  /** The policy in force; before there is one, the confirmed one, under which the inspectors may still work. */
  readonly latest: () => Policy | undefined;
}

/**
 * A bundle comes into force in this order, and a failure at any step leaves the running policy as it was.
 * The anti-rollback mark, which is the confirmed bundle itself, moves after the kernel's read-back and before
 * the inspectors change: were it last, a disk that fails at that moment would let a restart bring the
 * former policy back. A confirmed bundle that could not be taken up is still the mark.
 */
export function createActivation(steps: ActivationSteps, inTurn: OneAtATime): Activation {
  let active: ActivePolicy | undefined;
  let confirmed: { readonly policy: Policy; readonly digest: string } | undefined;

  async function takeUp(judged: Judgement, stage: () => () => void, by: string): Promise<ActivationResult> {
    if (!judged.ok) return reject(judged, by);
    const { policy, payload, digest } = judged;
    try {
      const confirm = stage();
      await steps.check(policy);
      const problem = await steps.prepare(digest, payload);
      if (problem !== '') throw new GatewayError('PST_ERR_INSPECTOR_POLICY', problem);
      await steps.recordAccepted(policy, digest, by);
      await steps.enforce(policy);
      await keep(confirm);
    } catch (cause) {
      return reject(asGatewayError(cause), by, digest);
    }
    const former = active;
    confirmed = { policy, digest };
    active = { policy, digest, since: steps.wall() };
    steps.activate(digest, policy);
    return { ok: true, active, former };
  }

  /** What cannot be kept does not stay: the next restart would bring the former policy back unasked. */
  async function keep(confirm: () => void): Promise<void> {
    try {
      confirm();
    } catch (cause) {
      if (active !== undefined) await steps.enforce(active.policy);
      throw cause;
    }
  }

  function reject(why: Rejection, by: string, digest?: string): ActivationResult {
    if (digest !== undefined) steps.abandon(digest);
    const { code, message, remedy } = why;
    steps.recordRejected({ code, message, remedy }, by);
    return { ok: false, rejection: { code, message, remedy } };
  }

  async function resume(): Promise<ActivationResult | undefined> {
    if (active !== undefined) return undefined;
    let envelope: Uint8Array | undefined;
    try {
      envelope = steps.store.confirmed();
    } catch (cause) {
      return reject(asGatewayError(cause), Resumed);
    }
    if (envelope === undefined) return undefined;
    const judged = steps.judgeConfirmed(envelope);
    // One whose key is no longer trusted is no mark: its signer may have set the version as high as they liked.
    if (judged.ok) confirmed = judged;
    return takeUp(judged, () => () => undefined, Resumed);
  }

  function mark(): RunningPolicy | undefined {
    return confirmed === undefined
      ? undefined
      : { version: confirmed.policy.version, digest: confirmed.digest };
  }

  return {
    apply: (envelope, by) =>
      inTurn(() => takeUp(steps.judge(envelope, mark()), () => steps.store.stage(envelope), by)),
    resume: () => inTurn(resume),
    active: () => active,
    latest: () => confirmed?.policy,
  };
}

/** Who hands over the bundle that was in force before the engine's restart. */
export const Resumed = 'restart';

/** A bug stops the process instead. */
function asGatewayError(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  throw cause;
}
