import type { Command } from 'commander';
import type { CommandWays } from './exercise-commands.ts';

/** The commands under `penstock account`. */
export function addAccountCommands(account: Command, { shared, act }: CommandWays): void {
  const command = (usage: string, description: string): Command => {
    const one = account.command(usage).description(description);
    for (const [flags, text, value] of shared) one.option(flags, text, value);
    return one;
  };
  command('list', 'every account, what it may, and how it is').action(
    act(async (options) => (await import('./account.ts')).listAccounts(options)),
  );
  command('first-administrator <name>', 'the first account of a box, made here only')
    .requiredOption(...FullName)
    .action(
      act(async (name: string, options) => (await import('./account.ts')).firstAdministrator(name, options)),
    );
  command('add <name>', 'a further account; prints the invitation to hand over')
    .requiredOption(...FullName)
    .requiredOption(
      '--role <names...>',
      'viewer, operator, approver, engineer, auditor, administrator, or vendor',
    )
    .option('--duty <names...>', 'duties the zone model names for approvals, as shift-lead')
    .option('--vendor <id>', 'vendor of the zone model, with the role vendor')
    .option('--ends <time>', 'when it ends; a vendor has to have an end')
    .action(act(async (name: string, options) => (await import('./account.ts')).addAccount(name, options)));
  command('disable <name>', 'shut it at once; sign-ins and grants end').action(
    act(async (name: string, options) => (await import('./account.ts')).disableAccount(name, options)),
  );
  command('reset <name>', 'a new invitation for who lost password or factors; takes two administrators')
    .requiredOption('--reason <text>', 'why, for the record')
    .action(act(async (name: string, options) => (await import('./account.ts')).resetAccount(name, options)));
  command('unlock <name>', 'end a lock-out before its time').action(
    act(async (name: string, options) => (await import('./account.ts')).unlockAccount(name, options)),
  );
}

const FullName = ['--full-name <text>', "the person's name"] as const;
