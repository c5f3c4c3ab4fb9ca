import type { Command } from 'commander';
import type { CommandWays } from '../exercise-commands.ts';

/** `penstock sessions`, `grants`, `kill` and `receipt`: vendors' granted sessions, from the console of the box. */
export function addGrantCommands(
  command: (usage: string, description: string) => Command,
  { shared, act }: CommandWays,
): void {
  const withShared = (one: Command): Command => {
    for (const [flags, text, value] of shared) one.option(flags, text, value);
    return one;
  };
  withShared(command('sessions', 'which vendors are inside now, on what, and for how long still')).action(
    act(async (options) => (await import('./grants.ts')).sessions(options)),
  );
  withShared(
    command('grants [id]', 'what vendors asked for, what is open and what has ended; or one of them'),
  ).action(act(async (id: string | undefined, options) => (await import('./grants.ts')).grants(id, options)));
  withShared(command('kill <id>', "end a vendor's session at once, or with all every one"))
    .option('--reason <text>', 'why, for the record')
    .action(act(async (id: string, options) => (await import('./grants.ts')).kill(id, options)));
  const receipt = command('receipt', 'the signed receipt of a session that has ended: get, verify');
  withShared(receipt.command('get <id>').description('fetch it from the gateway'))
    .option('--out <file>', 'write it there, with its signature')
    .action(act(async (id: string, options) => (await import('./receipt.ts')).getReceipt(id, options)));
  receipt
    .command('verify <file>')
    .description('whether a receipt is what the box signed; needs no network')
    .requiredOption('--key <key>', "the log's public key: the line of the commissioning sheet, or its file")
    .option('--json', 'print JSON instead of text')
    .action(act(async (file: string, options) => (await import('./receipt.ts')).checkReceipt(file, options)));
}
