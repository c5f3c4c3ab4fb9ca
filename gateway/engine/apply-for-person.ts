import type { AppliedBody } from '../ipc/snapshot.ts';
import type { Activation } from '../load/activation.ts';
import { ByPerson } from './journal.ts';
import type { Outcome } from './question-server.ts';

/** Takes up a bundle that came over the control socket and says what changed, or why nothing did. */
export async function applyForPerson(activation: Activation, envelope: Uint8Array): Promise<Outcome> {
  const result = await activation.apply(envelope, ByPerson);
  if (!result.ok) {
    const { code, message, remedy } = result.rejection;
    return { ok: false, problem: { code, sentence: message, remedy } };
  }
  const { active, former } = result;
  const body: AppliedBody = {
    version: active.policy.version,
    digest: active.digest,
    formerVersion: former?.policy.version ?? 0,
    formerDigest: former?.digest ?? '',
  };
  return { ok: true, body };
}
