import { decodePolicy } from '../../rules/bundle/codec.ts';
import { decodeEnvelope } from '../../rules/bundle/envelope.ts';
import { isNftBatch } from '../../rules/nft/schema.ts';
import { describeBatch } from '../../rules/nft/text.ts';
import type { Policy } from '../../rules/policy.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';
import { boxText, flowsText, headText, modbusText } from './policy-text.ts';

export interface ShowOptions {
  readonly flows?: boolean;
  readonly modbus?: boolean;
  readonly nft?: boolean;
  readonly json?: boolean;
}

/**
 * `penstock show BUNDLE`: what a bundle permits, in words; with one of the options that part alone. It
 * verifies no signature, since a reader needs no key for that; a gateway always does.
 */
export async function show(file: string, options: ShowOptions): Promise<number> {
  const { policy, signers } = readBundle(file);
  if (options.json === true) console.log(options.nft === true ? policy.nft : policyJson(policy));
  else if (options.nft === true) console.log(rulesetText(policy));
  else if (options.modbus === true) console.log(modbusText(policy));
  else if (options.flows === true) console.log(flowsText(policy));
  else console.log([headText(policy, signers), flowsText(policy), boxText(policy)].join('\n\n'));
  return ExitStatus.good;
}

function readBundle(file: string): { readonly policy: Policy; readonly signers: readonly string[] } {
  const envelope = decodeEnvelope(readNamedFile(file));
  const remedy = 'Name a bundle that penstock compile of this release wrote.';
  if (envelope === undefined) throw new UsageError(`${file} is not a bundle.`, remedy);
  const decoded = decodePolicy(envelope.payload);
  if (!decoded.ok) throw new UsageError(`${file} cannot be read: ${decoded.message}`, remedy);
  // Whoever signs may write anything there, and it goes to a terminal.
  const signers = envelope.signatures.map(({ keyid }) =>
    keyid.replace(/[^0-9A-Za-z:._-]/g, '?').slice(0, 64),
  );
  return { policy: decoded.policy, signers };
}

function policyJson({ nft: _, modelDigest, ...rest }: Policy): string {
  return JSON.stringify({ ...rest, modelDigest: Buffer.from(modelDigest).toString('hex') }, null, 2);
}

function rulesetText(policy: Policy): string {
  const batch: unknown = JSON.parse(policy.nft);
  return isNftBatch(batch) ? describeBatch(batch) : policy.nft;
}
