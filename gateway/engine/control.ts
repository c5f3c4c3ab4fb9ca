import type { ControlToEngine } from '../ipc/messages.ts';
import type { AppliedBody, SettledBody } from '../ipc/snapshot.ts';
import type { Activation } from '../load/activation.ts';
import type { SettleResult } from '../load/outcome.ts';
import type { ActivePolicy, Rejection } from '../load/steps.ts';
import type { Outcome } from './question-server.ts';

/** What a person asks for over the control socket: everything there but questions. */
export type PolicyAct = Extract<ControlToEngine, { readonly kind: 'apply' | 'confirm' | 'rollback' }>;

/** Does it and says what changed, or why nothing did. `by` names the person as they go on record. */
export async function actOnPolicy(activation: Activation, asked: PolicyAct, by: string): Promise<Outcome> {
  switch (asked.kind) {
    case 'apply': {
      const envelope = Buffer.from(asked.envelope, 'base64');
      return asked.dryRun
        ? tryOut(activation, envelope)
        : apply(activation, envelope, asked.confirmWithin, by);
    }
    case 'confirm':
      return settled(await activation.confirm(by));
    case 'rollback':
      return settled(await activation.rollback(by));
  }
}

async function apply(
  activation: Activation,
  envelope: Uint8Array,
  confirmWithin: number,
  by: string,
): Promise<Outcome> {
  const result = await activation.apply(envelope, { by, confirmWithin });
  if (!result.ok) return refusal(result.rejection);
  const { active, former, tests } = result;
  const body: AppliedBody = {
    ...versions(active, former),
    inForce: true,
    confirmWithin: activation.pending() === undefined ? 0 : confirmWithin,
    testsRun: tests.run,
    testsLeft: tests.left,
  };
  return { ok: true, body };
}

async function tryOut(activation: Activation, envelope: Uint8Array): Promise<Outcome> {
  const result = await activation.trial(envelope);
  if (!result.ok) return refusal(result.rejection);
  const { tests } = result;
  const body: AppliedBody = {
    ...versions(result, activation.active()),
    inForce: false,
    confirmWithin: 0,
    testsRun: tests.run,
    testsLeft: tests.left,
  };
  return { ok: true, body };
}

function settled(result: SettleResult): Outcome {
  return result.ok ? { ok: true, body: versions(result.active, result.former) } : refusal(result.rejection);
}

type Known = Pick<ActivePolicy, 'policy' | 'digest'> | undefined;

function versions(now: Known, before: Known): SettledBody {
  return {
    version: now?.policy.version ?? 0,
    digest: now?.digest ?? '',
    formerVersion: before?.policy.version ?? 0,
    formerDigest: before?.digest ?? '',
  };
}

function refusal({ code, message, remedy }: Rejection): Outcome {
  return { ok: false, problem: { code, sentence: message, remedy } };
}
