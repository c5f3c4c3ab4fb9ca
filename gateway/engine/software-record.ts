import type { Act } from '../../rules/record/record.ts';
import { GatewayError } from '../errors.ts';
import type { ControlToEngine } from '../ipc/messages.ts';
import type { Outcome } from './question-server.ts';

/** Puts on record what becomes of another release, before the answer: what is not on the disk may not begin. */
export async function putSoftwareOnRecord(
  recordDurably: (act: Act) => Promise<void>,
  asked: Extract<ControlToEngine, { readonly kind: 'software' }>,
  by: string,
): Promise<Outcome> {
  const { what, from, to, signer, why } = asked;
  const digest = Uint8Array.from(Buffer.from(asked.digest, 'hex'));
  try {
    await recordDurably({ kind: 'softwareUpdated', what, from, to, digest, signer, by, why });
    return { ok: true, body: {} };
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    return { ok: false, problem: { code: cause.code, sentence: cause.message, remedy: cause.remedy } };
  }
}
