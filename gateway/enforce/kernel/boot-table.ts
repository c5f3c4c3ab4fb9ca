import { TableName } from '../../../rules/nft/ruleset.ts';
import type { NftCommand } from './nft.ts';

/** The table that drops everything until ours stands; hardware/os/boot-drop.nft makes it at boot. */
export const BootTable = 'penstock_boot';

/**
 * One transaction after which nothing passes and nothing reaches the box but over loopback: the state of a
 * box that has no ruleset, and the last resort where the former one cannot be put back.
 */
export function closedCommands(): readonly NftCommand[] {
  return [
    // What is not there cannot be deleted: added first, it always is.
    table('add', TableName),
    table('delete', TableName),
    table('add', BootTable),
    table('delete', BootTable),
    table('add', BootTable),
    ...['input', 'forward', 'output'].map(dropAll),
    acceptLoopback('input', 'iif'),
    acceptLoopback('output', 'oif'),
  ];
}

function table(verb: 'add' | 'delete', name: string): NftCommand {
  return { [verb]: { table: { family: 'inet', name } } };
}

function dropAll(hook: string): NftCommand {
  const name = { family: 'inet', table: BootTable, name: hook };
  return { add: { chain: { ...name, type: 'filter', hook, prio: 0, policy: 'drop' } } };
}

function acceptLoopback(chain: string, key: 'iif' | 'oif'): NftCommand {
  const isLoopback = { match: { op: '==', left: { meta: { key } }, right: 'lo' } };
  return { add: { rule: { family: 'inet', table: BootTable, chain, expr: [isLoopback, { accept: null }] } } };
}
