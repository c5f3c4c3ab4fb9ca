import { TableName } from '../../../rules/nft/ruleset.ts';
import { GatewayError } from '../../errors.ts';
import { closedCommands } from './closed-table.ts';
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
 * Makes our table this ruleset in one transaction, reads it back, and puts the former table back when it is
 * not what was sent: at boot that is the drop of hardware/os/boot-drop.nft, which bears the same name. A
 * table that is this ruleset already stays, with its counters.
 * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD, PST_ERR_NFT_READ_BACK
 */
export async function switchRuleset(nft: Nft, ruleset: Ruleset): Promise<Switched> {
  const former = await nft.snapshot(TableName);
  const undo = () => persist(() => (former === undefined ? nft.apply(closedCommands) : nft.restore(former)));
  const standing = await nft.listTable(TableName);
  const stands = differs(ruleset, standing) === undefined;
  const commands = stands ? ruleset.additions : [...ruleset.fixed, ...ruleset.additions];
  const death = await applyUnlessChildDies(nft, commands);
  try {
    const difference = differs(ruleset, await persist(() => nft.listTable(TableName)));
    if (difference === undefined) return { replaced: stands ? undefined : standing, undo };
    // The child died before the kernel had the transaction, which is all or nothing: nothing happened.
    throw death ?? new GatewayError('PST_ERR_NFT_READ_BACK', difference);
  } catch (error) {
    if (error !== death) await undo();
    throw error;
  }
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
    if (isChildDeath(error)) return error;
    throw error;
  }
}

/** Asks again when the child dies of it; only for what may be done twice. */
async function persist<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isChildDeath(error) || attempt === Attempts) throw error;
    }
  }
}

function isChildDeath(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'PST_ERR_NFT_CHILD';
}

const Attempts = 4;
