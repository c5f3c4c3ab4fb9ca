import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';
import type { ControlToEngine } from '../ipc/messages.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { ExitStatus } from './output.ts';

/** What became of another release, as it goes on record. */
export type SoftwareAct = Omit<Extract<ControlToEngine, { readonly kind: 'software' }>, 'kind' | 'id'>;

/**
 * Puts it on record where an engine is there to write it.
 * @returns false only where the engine is there and could not: what needs a record does not go on then
 */
export async function recordSoftware(socket: string, act: SoftwareAct): Promise<boolean> {
  try {
    const answer = await askEngine(socket, { kind: 'software', id: 1, ...act }, Type.Object({}));
    if (!answer.ok) explainNoAnswer(answer);
    return answer.ok;
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    console.error('The engine is not there: this is not on record.');
    return true;
  }
}

/**
 * `penstock update --note`: puts on record that the box returned to the former release by itself. Its unit calls it
 * again until the engine is there.
 * @throws GatewayError PST_ERR_ENGINE_GONE
 */
export async function noteReturn(home: string, socket: string): Promise<number> {
  const file = join(home, 'returned');
  const [from = '', to = '', why = ''] = readFileSync(file, 'utf8').split('\n');
  const act = { what: 'returned', from, to, why: oneLine(why), digest: '', signer: '', by: '' } as const;
  const answer = await askEngine(socket, { kind: 'software', id: 1, ...act }, Type.Object({}));
  if (!answer.ok) {
    explainNoAnswer(answer);
    return ExitStatus.system;
  }
  rmSync(file);
  return ExitStatus.good;
}

/** What a message may carry of somebody else's words. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 1000);
}
