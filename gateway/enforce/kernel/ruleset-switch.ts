import { TableName } from '../../../rules/nft/ruleset.ts';
import { GatewayError } from '../../errors.ts';
import { BootTable, closedCommands } from './boot-table.ts';
import type { Nft, NftCommand, NftObject } from './nft.ts';
import { differences, type Ruleset } from './ruleset.ts';

/** A switch that was made. */
export interface Switched {
  /** The table that stood before and is gone now, with its counts; undefined when none was replaced. */
  readonly replaced: readonly NftObject[] | undefined;
  /** Puts it back; throws what {@link Nft.restore} throws. */
  readonly undo: () => Promise<void>;
}

/** Asks the kernel whether it would take the ruleset. @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD */
export function rehearse(nft: Nft, { fixed, additions }: Ruleset): Promise<void> {
  return nft.check([...fixed, ...additions]);
}

/**
 * Makes our table this ruleset in one transaction that also ends the boot-time drop, reads it back, and puts
 * the former table back when it is not what was sent; without a former one everything is closed. A table
 * that is this ruleset already stays, with its counters.
 * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD, PST_ERR_NFT_READ_BACK
 */
export async function switchRuleset(nft: Nft, ruleset: Ruleset): Promise<Switched> {
  const former = await nft.snapshot(TableName);
  const undo = () => (former === undefined ? nft.apply(closedCommands()) : nft.restore(former));
  const standing = await nft.listTable(TableName);
  const boot = (await nft.listTable(BootTable)) === undefined ? [] : [deleteBootTable];
  const stands = standing !== undefined && differs(ruleset, standing) === undefined;
  const commands = stands ? ruleset.additions : [...ruleset.fixed, ...ruleset.additions];
  const death = await applyUnlessChildDies(nft, [...commands, ...boot]);
  const difference = differs(ruleset, await nft.listTable(TableName));
  if (difference === undefined) return { replaced: stands ? undefined : standing, undo };
  // The child died before the kernel had the transaction, which is all or nothing: nothing happened.
  if (death !== undefined) throw death;
  await undo();
  throw new GatewayError('PST_ERR_NFT_READ_BACK', difference);
}

/** The first difference, or undefined. */
function differs(ruleset: Ruleset, listed: readonly NftObject[] | undefined): string | undefined {
  return differences(ruleset, listed ?? [])[0];
}

async function applyUnlessChildDies(
  nft: Nft,
  commands: readonly NftCommand[],
): Promise<GatewayError | undefined> {
  try {
    await nft.apply(commands);
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'PST_ERR_NFT_CHILD') return error;
    throw error;
  }
}

const deleteBootTable: NftCommand = { delete: { table: { family: 'inet', name: BootTable } } };
