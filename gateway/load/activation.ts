import type { Judgement, RunningPolicy } from '../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../rules/policy.ts';
import { GatewayError } from '../errors.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import {
  type ActivationResult,
  asRejection,
  attempt,
  orThrow,
  type Pending,
  refuse,
  type SettleResult,
  type TrialResult,
} from './outcome.ts';
import type { ActivationSteps, ActivePolicy, Genuine, Occasion, Rejection, TestCount } from './steps.ts';

/** Who hands a bundle over, and the milliseconds in which somebody must confirm it; 0 confirms it at once. */
export interface ApplyTerms {
  readonly by: string;
  readonly confirmWithin: number;
}

/** Takes bundles up, one at a time. */
export interface Activation {
  /** Verify, dry-run, test, prepare, record, enforce, read back, test the tables, activate; confirm at once or wait. */
  readonly apply: (envelope: Uint8Array, terms: ApplyTerms) => Promise<ActivationResult>;
  /** As far as that changes nothing. */
  readonly trial: (envelope: Uint8Array) => Promise<TrialResult>;
  /** The policy in force stays. */
  readonly confirm: (by: string) => Promise<SettleResult>;
  /** Back to the policy before: the confirmed one while another is yet to be confirmed, else the previous one. */
  readonly rollback: (by: string) => Promise<SettleResult>;
  /** Takes back what is not confirmed; nothing else is touched. `why` is a sentence. */
  readonly giveUp: (why: string) => Promise<void>;
  /**
   * Takes up again what was confirmed before the restart, never what was not; undefined on a new box and where a
   * policy is in force already.
   */
  readonly resume: () => Promise<ActivationResult | undefined>;
  readonly active: () => ActivePolicy | undefined;
  readonly pending: () => Pending | undefined;
  /** The policy in force; before there is one, the confirmed one, under which the inspectors may still work. */
  readonly latest: () => Policy | undefined;
}

/** A policy that is or was in force, with the bytes that bring it back. */
type Held = ActivePolicy & Pick<Genuine, 'payload'>;

/**
 * A bundle comes into force in this order, and a failure at any step leaves the running policy as it was. It
 * lies on the disk as pending before the kernel hears of it: a restart that finds it there goes back to the
 * confirmed one. The anti-rollback mark is the confirmed bundle itself; it moves when the new one is confirmed,
 * and down only by {@link Activation.rollback}. A confirmed bundle that could not be taken up is still the mark.
 */
export function createActivation(steps: ActivationSteps, inTurn: OneAtATime): Activation {
  const { store, window } = steps;
  let active: Held | undefined;
  let confirmed: Pick<Held, 'policy' | 'digest'> | undefined;
  let pending: { readonly by: string; readonly before: Held | undefined; goingBack: boolean } | undefined;

  async function apply(envelope: Uint8Array, { by, confirmWithin }: ApplyTerms): Promise<ActivationResult> {
    if (pending !== undefined) return reject(new GatewayError('PST_ERR_UNCONFIRMED'), by);
    const judged = steps.judge(envelope, mark());
    const isSame = judged.ok && judged.digest === confirmed?.digest;
    return takeUp(judged, { kind: 'apply', by, confirmWithin: isSame ? 0 : confirmWithin }, envelope);
  }

  async function takeUp(
    judged: Judgement,
    occasion: Occasion,
    envelope?: Uint8Array,
  ): Promise<ActivationResult> {
    const { by, confirmWithin } = occasion;
    if (!judged.ok) return reject(judged, by);
    const { policy, digest, payload } = judged;
    const former = active;
    let tests: TestCount;
    let isPending = false;
    try {
      const makePending = envelope === undefined ? undefined : store.stage(envelope, confirmWithin > 0);
      await steps.check(policy);
      tests = occasion.kind === 'apply' ? orThrow(steps.test(policy)) : NoTests;
      const problem = await steps.prepare(digest, payload);
      if (problem !== '') throw new GatewayError('PST_ERR_INSPECTOR_POLICY', problem);
      await steps.recordAccepted(judged, occasion, former);
      makePending?.();
      isPending = makePending !== undefined;
      await steps.enforce(policy);
    } catch (cause) {
      const rejection = asRejection(cause);
      if (isPending) attempt(store.discard);
      return reject(rejection, by, digest);
    }
    active = { policy, digest, payload, since: steps.wall() };
    try {
      if (occasion.kind === 'apply') orThrow(await steps.testTables(policy));
      if (isPending && confirmWithin === 0) store.confirm(confirmed?.digest === digest);
    } catch (cause) {
      const rejection = asRejection(cause);
      pending = { by, before: former, goingBack: true };
      await goBack(rejection.message, '');
      return reject(rejection, by, digest);
    }
    if (confirmWithin === 0) confirmed = active;
    else wait(by, former, confirmWithin);
    steps.activate(digest, policy);
    return { ok: true, active, former, tests };
  }

  function wait(by: string, before: Held | undefined, span: number): void {
    pending = { by, before, goingBack: false };
    window.open(span, () => void giveUp('Nobody confirmed it in time.'));
  }

  function giveUp(why: string): Promise<void> {
    return inTurn(async () => void (await goBack(why, '')));
  }

  /** Until it is done it is tried again and again: what nobody confirmed must not stay. */
  async function goBack(why: string, by: string): Promise<SettleResult> {
    if (pending === undefined || active === undefined) return refuse('PST_ERR_NOTHING_TO_CONFIRM');
    const { before } = pending;
    const from = active;
    window.close();
    pending.goingBack = true;
    try {
      await returnTo(before);
    } catch (cause) {
      const rejection = asRejection(cause);
      steps.rollbackFailed(rejection);
      window.open(RetryInterval, () => void inTurn(() => goBack(why, by)));
      return { ok: false, rejection };
    }
    pending = undefined;
    // What cannot be moved on the disk is given up at the next start.
    attempt(store.giveUp);
    steps.recordRolledBack({ from, to: before, why, by });
    return { ok: true, active, former: from };
  }

  async function returnTo(before: Held | undefined): Promise<void> {
    if (before === undefined) {
      await steps.withdraw();
      active = undefined;
      return;
    }
    const { policy, digest, payload } = before;
    await steps.enforce(policy);
    // One that cannot follow raises an alarm; it keeps nobody from going back.
    await steps.prepare(digest, payload);
    active = { ...before, since: steps.wall() };
    steps.activate(digest, policy);
  }

  async function confirm(by: string): Promise<SettleResult> {
    if (pending === undefined || active === undefined || pending.goingBack)
      return refuse('PST_ERR_NOTHING_TO_CONFIRM');
    const { before } = pending;
    try {
      await steps.recordConfirmed(active, by);
      store.confirm(false);
    } catch (cause) {
      return { ok: false, rejection: asRejection(cause) };
    }
    window.close();
    pending = undefined;
    confirmed = active;
    return { ok: true, active, former: before };
  }

  async function rollback(by: string): Promise<SettleResult> {
    if (pending !== undefined) return goBack('It was asked for.', by);
    const former = active;
    let previous: Uint8Array | undefined;
    try {
      previous = store.previous();
    } catch (cause) {
      return { ok: false, rejection: asRejection(cause) };
    }
    if (previous === undefined) return refuse('PST_ERR_NO_PREVIOUS');
    const occasion = { kind: 'rollback', by, confirmWithin: 0 } as const;
    const result = await takeUp(steps.judgeConfirmed(previous), occasion, previous);
    return result.ok ? { ok: true, active, former } : result;
  }

  async function resume(): Promise<ActivationResult | undefined> {
    if (active !== undefined) return undefined;
    try {
      const envelope = store.confirmed();
      const judged = envelope === undefined ? undefined : steps.judgeConfirmed(envelope);
      // One whose key is no longer trusted is no mark: its signer may have set the version as high as they liked.
      if (judged?.ok === true) confirmed = judged;
      await clearPending();
      if (judged === undefined) return undefined;
      return await takeUp(judged, { kind: 'restart', by: Resumed, confirmWithin: 0 });
    } catch (cause) {
      return reject(asRejection(cause), Resumed);
    }
  }

  /** The engine died before anybody confirmed what it had put in force, and the kernel may still hold that. */
  async function clearPending(): Promise<void> {
    const left = store.pending();
    if (left === undefined) return;
    if (confirmed === undefined) await steps.withdraw();
    const judged = steps.judgeConfirmed(left.envelope);
    if (left.waited) store.giveUp();
    else store.discard();
    if (!judged.ok) return;
    const why = 'The gateway ended before anybody confirmed it.';
    steps.recordRolledBack({ from: judged, to: confirmed, why, by: '' });
  }

  function reject(why: Rejection, by: string, digest?: string): Extract<ActivationResult, { ok: false }> {
    if (digest !== undefined) steps.abandon(digest);
    const { code, message, remedy } = why;
    steps.recordRejected({ code, message, remedy }, by);
    return { ok: false, rejection: { code, message, remedy } };
  }

  async function trial(envelope: Uint8Array): Promise<TrialResult> {
    const judged = steps.judge(envelope, mark());
    if (!judged.ok) return { ok: false, rejection: judged };
    const { policy, digest } = judged;
    try {
      await steps.check(policy);
      return { ok: true, policy, digest, tests: orThrow(steps.test(policy)) };
    } catch (cause) {
      return { ok: false, rejection: asRejection(cause) };
    }
  }

  function mark(): RunningPolicy | undefined {
    return confirmed && { version: confirmed.policy.version, digest: confirmed.digest };
  }

  return {
    apply: (envelope, terms) => inTurn(() => apply(envelope, terms)),
    trial: (envelope) => inTurn(() => trial(envelope)),
    confirm: (by) => inTurn(() => confirm(by)),
    rollback: (by) => inTurn(() => rollback(by)),
    giveUp,
    resume: () => inTurn(resume),
    active: () => active,
    pending: () => pending && { by: pending.by, left: window.left(), before: pending.before },
    latest: () => (active ?? confirmed)?.policy,
  };
}

/** Who hands over the bundle that was in force before the engine's restart. */
export const Resumed = 'restart';

const NoTests: TestCount = { run: 0, left: 0 };

/** Milliseconds between two tries to go back. */
const RetryInterval = 1_000;
