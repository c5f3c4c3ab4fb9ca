import { TableName as Table } from '../../../rules/nft/ruleset.ts';
import type { NftCommand as PolicyCommand } from '../../../rules/nft/schema.ts';
import { GatewayError } from '../../errors.ts';
import { BootTable } from './additions.ts';
import type { Nft, NftCommand, NftObject } from './nft.ts';
import { differences } from './ruleset.ts';

/** A ruleset that is to be the whole of our table. */
export interface Ruleset {
  /** The policy's own commands, which read-back compares. */
  readonly fixed: readonly PolicyCommand[];
  /** Elements of this box and this hour. */
  readonly additions: readonly NftCommand[];
}

/** Undoes a switch; throws what {@link Nft.restore} throws. */
export type Undo = () => Promise<void>;

/** Asks the kernel whether it would take the ruleset. @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD */
export function rehearse(nft: Nft, ruleset: Ruleset): Promise<void> {
  return nft.check(replacement(ruleset, false));
}

/**
 * Makes our table this ruleset in one transaction that also ends the boot-time drop, reads it back, and puts
 * the former table back when it is not what was sent. A table that already is this ruleset stays, with its
 * counters. `beforeReplacing` gets the table that is about to go.
 * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD, PST_ERR_NFT_READ_BACK
 */
export async function switchRuleset(
  nft: Nft,
  ruleset: Ruleset,
  beforeReplacing: (listed: readonly NftObject[]) => void,
): Promise<Undo> {
  const former = await nft.snapshot(Table);
  const undo: Undo = () => (former === undefined ? close(nft) : nft.restore(former));
  const listed = await nft.listTable(Table);
  const hasBootTable = (await nft.listTable(BootTable)) !== undefined;
  if (listed !== undefined && differences(ruleset.fixed, listed).length === 0) {
    await nft.apply([...ruleset.additions, ...(hasBootTable ? [deleteTable(BootTable)] : [])]);
    return undo;
  }
  if (listed !== undefined) beforeReplacing(listed);
  const death = await applyUnlessChildDies(nft, replacement(ruleset, hasBootTable));
  const problems = differences(ruleset.fixed, (await nft.listTable(Table)) ?? []);
  if (problems.length === 0) return undo;
  // The child died before the kernel had the transaction, which is all or nothing: nothing happened.
  if (death !== undefined) throw death;
  await undo();
  throw new GatewayError('PST_ERR_NFT_READ_BACK', problems[0]);
}

/** The last resort, and the state of a box that has no ruleset: nothing passes but over loopback. */
export function close(nft: Nft): Promise<void> {
  const chain = (hook: string): NftCommand => ({
    add: {
      chain: { family: 'inet', table: BootTable, name: hook, type: 'filter', hook, prio: 0, policy: 'drop' },
    },
  });
  const loopback = (hook: string, key: string): NftCommand => ({
    add: {
      rule: {
        family: 'inet',
        table: BootTable,
        chain: hook,
        expr: [{ match: { op: '==', left: { meta: { key } }, right: 'lo' } }, { accept: null }],
      },
    },
  });
  return nft.apply([
    // A table that is not there cannot be deleted: added first, it always is.
    addTable(Table),
    deleteTable(Table),
    addTable(BootTable),
    deleteTable(BootTable),
    addTable(BootTable),
    ...['input', 'forward', 'output'].map(chain),
    loopback('input', 'iif'),
    loopback('output', 'oif'),
  ]);
}

/** The policy's commands begin with the end of the table that stands. */
function replacement({ fixed, additions }: Ruleset, hasBootTable: boolean): readonly NftCommand[] {
  return [...fixed, ...additions, ...(hasBootTable ? [deleteTable(BootTable)] : [])];
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

function addTable(name: string): NftCommand {
  return { add: { table: { family: 'inet', name } } };
}

function deleteTable(name: string): NftCommand {
  return { delete: { table: { family: 'inet', name } } };
}
