import type { Judgement, RunningPolicy } from '../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../rules/policy.ts';
import type { BundleStore } from './bundle-store.ts';
import type { ConfirmWindow } from './confirm-window.ts';

/** A policy that is in force, with the digest it is known by. */
export interface ActivePolicy {
  readonly policy: Policy;
  /** SHA-256 of the payload, hexadecimal. */
  readonly digest: string;
  /** Wall clock of the activation. */
  readonly since: number;
}

/** Why a bundle did not come into force, or was not confirmed or given up. The running policy stayed. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** How many of a bundle's tests were run on this box, and how many need more than this moment tells. */
export interface TestCount {
  readonly run: number;
  readonly left: number;
}

/** A genuine policy with the bytes that inspectors are handed. */
export type Genuine = Extract<Judgement, { readonly ok: true }>;

/** How a policy comes into force: by a person's bundle, after a restart, or because a person goes back to it. */
export interface Occasion {
  readonly kind: 'apply' | 'restart' | 'rollback';
  /** Who handed it over. */
  readonly by: string;
  /** Milliseconds; 0 confirms it at once. */
  readonly confirmWithin: number;
}

/** A policy that was taken back, and the one in force since then. */
export interface Rollback {
  readonly from: Pick<ActivePolicy, 'policy' | 'digest'>;
  readonly to: Pick<ActivePolicy, 'policy' | 'digest'> | undefined;
  /** A sentence. */
  readonly why: string;
  /** A person, or empty. */
  readonly by: string;
}

/** The steps of taking a policy up, in their order; see createActivation in activation.ts. */
export interface ActivationSteps {
  readonly store: BundleStore;
  readonly window: ConfirmWindow;
  readonly wall: () => number;
  /** A new bundle against the one confirmed last. */
  readonly judge: (envelope: Uint8Array, confirmed: RunningPolicy | undefined) => Judgement;
  /** A bundle this box confirmed earlier: its validity may have ended, its authenticity may not. */
  readonly judgeConfirmed: (envelope: Uint8Array) => Judgement;
  /** Checks that change nothing: the mode, the listeners, the dry run in the kernel. @throws GatewayError */
  readonly check: (policy: Policy) => Promise<void>;
  /** Runs the bundle's own tests by the evaluator; the first that fails is the rejection. */
  readonly test: (policy: Policy) => TestCount | Rejection;
  /** Hands the policy to the inspectors without effect; says what one cannot do with it, or ''. */
  readonly prepare: (digest: string, payload: Uint8Array) => Promise<string>;
  /** On record before anything takes effect; a failure stops the activation. @throws GatewayError */
  readonly recordAccepted: (
    next: Genuine,
    occasion: Occasion,
    former: ActivePolicy | undefined,
  ) => Promise<void>;
  /** Makes it the ruleset, all or nothing, and reads it back. @throws GatewayError */
  readonly enforce: (policy: Policy) => Promise<void>;
  /** Runs the bundle's own tests against what the kernel holds now. @throws GatewayError */
  readonly testTables: (policy: Policy) => Promise<TestCount | Rejection>;
  readonly activate: (digest: string, policy: Policy) => void;
  readonly abandon: (digest: string) => void;
  /** No policy is in force from now on; what held traffic before the first one holds it again. @throws GatewayError */
  readonly withdraw: () => Promise<void>;
  readonly recordRejected: (rejection: Rejection, by: string) => void;
  /** On record before it counts. @throws GatewayError */
  readonly recordConfirmed: (confirmed: ActivePolicy, by: string) => Promise<void>;
  /** Never stands in the way. */
  readonly recordRolledBack: (rollback: Rollback) => void;
  /** It goes on being tried. */
  readonly rollbackFailed: (problem: Rejection) => void;
}
