import { compareRulesets } from '../../../rules/nft/compare.ts';
import { findForeignJson, isNftBatch, type NftBatch, type NftCommand } from '../../../rules/nft/schema.ts';
import { GatewayError } from '../../errors.ts';
import type { NftObject } from './nft.ts';

/** A ruleset that is to be the whole of our table. */
export interface Ruleset {
  /** The policy's own commands; they begin with the end of the table that stands. */
  readonly fixed: readonly NftCommand[];
  /** Elements of this box and this hour. */
  readonly additions: readonly NftCommand[];
}

/** The commands of a policy's ruleset, `policy.nft`. @throws GatewayError PST_ERR_NFT_SCHEMA */
export function readRuleset(text: string): readonly NftCommand[] {
  const batch = parse(text);
  if (isNftBatch(batch)) return batch.nftables;
  throw new GatewayError('PST_ERR_NFT_SCHEMA', `(${findForeignJson(batch) ?? 'no JSON'})`);
}

/**
 * How the listed table differs from the ruleset that made it: one sentence each, empty when it does not.
 * What ends by itself may have ended.
 */
export function differences({ fixed, additions }: Ruleset, listed: readonly NftObject[]): readonly string[] {
  const batches: readonly NftBatch[] = [{ nftables: [...fixed] }, { nftables: [...additions] }];
  return compareRulesets(batches, { nftables: listed });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
