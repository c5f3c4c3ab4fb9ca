import type { EvidenceBody } from '../../ipc/grant-body.ts';
import { type CallOptions, callAtConsole, printAnswer } from '../console-call.ts';
import { readNamedFile } from '../output.ts';

/** `penstock evidence bring-back FILE`: a checkpoint with the signature of a witness goes to the gateway. */
export async function bringBack(file: string, options: CallOptions): Promise<number> {
  const note = readNamedFile(file).toString('utf8');
  return printAnswer(await callAtConsole('evidence-witness', { note }, options), options, describeProof);
}

/**
 * `penstock evidence accept --why TEXT`: vendors can be let in again although the log is not what it was. Look into
 * it with `penstock evidence verify` first: what it was stays on record, and so does who answered for it.
 */
export async function acceptEvidence(options: CallOptions & { readonly why: string }): Promise<number> {
  const answer = await callAtConsole('evidence-accept', { why: options.why }, options);
  return printAnswer(answer, options, describeProof);
}

function describeProof({ origin, size, witnessedSize, witnesses, broken }: EvidenceBody): string {
  const seen = witnesses.filter((one) => one.size > 0).map((one) => `${one.name} up to ${one.size}`);
  return [
    `${size} records under ${origin}`,
    witnessedSize === 0 ? 'no witness has seen any of them' : `witnessed: ${seen.join(', ')}`,
    broken === '' ? 'vendors can be let in' : `vendors cannot be let in: ${broken}`,
  ].join('\n');
}
