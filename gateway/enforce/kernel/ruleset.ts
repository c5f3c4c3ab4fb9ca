import { findForeignJson, isNftBatch, type NftCommand } from '../../../rules/nft/schema.ts';
import { GatewayError } from '../../errors.ts';
import type { NftObject } from './nft.ts';

/** The commands of a policy's ruleset, `policy.nft`. @throws GatewayError PST_ERR_NFT_SCHEMA */
export function readRuleset(text: string): readonly NftCommand[] {
  const batch = parse(text);
  if (isNftBatch(batch)) return batch.nftables;
  throw new GatewayError('PST_ERR_NFT_SCHEMA', `(${findForeignJson(batch) ?? 'no JSON'})`);
}

/** How the kernel's table differs from the commands that made it; one sentence each, empty when it does not. */
export function differences(_sent: readonly NftCommand[], _listed: readonly NftObject[]): readonly string[] {
  return ['not implemented'];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
