import { isNftBatch } from '../../rules/nft/schema.ts';
import { describeBatch } from '../../rules/nft/text.ts';
import type { Policy } from '../../rules/policy.ts';
import { modbusText } from './modbus-text.ts';
import { ExitStatus } from './output.ts';
import { readBundle } from './policy-source.ts';
import { boxText, flowsText, headText, vendorsText } from './policy-text.ts';

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
  else console.log(wholeText(policy, signers));
  return ExitStatus.good;
}

function wholeText(policy: Policy, signers: readonly string[]): string {
  const parts = [headText(policy, signers), flowsText(policy), vendorsText(policy), boxText(policy)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function policyJson({ nft: _, modelDigest, ...rest }: Policy): string {
  return JSON.stringify({ ...rest, modelDigest: Buffer.from(modelDigest).toString('hex') }, null, 2);
}

function rulesetText(policy: Policy): string {
  const batch: unknown = JSON.parse(policy.nft);
  return isNftBatch(batch) ? describeBatch(batch) : policy.nft;
}
