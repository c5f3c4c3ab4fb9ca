import type { Command } from 'commander';
import type { CommandWays } from './exercise-commands.ts';

/** `penstock backup`, `penstock restore` and `penstock keys`. */
export function addBackupCommands(
  command: (usage: string, description: string) => Command,
  { shared, act }: CommandWays,
): void {
  const withShared = (one: Command): Command => {
    for (const [flags, text, value] of shared) one.option(flags, text, value);
    return one;
  };
  withShared(command('backup', 'this box in one encrypted file: configuration, policy, accounts'))
    .requiredOption('--out <file>', 'where it goes')
    .option('--with-keys', 'private keys too, so that the spare box is trusted as this one is')
    .option('--with-evidence', 'the evidence log and recordings too')
    .option(...PassphraseFile)
    .action(act(async (options) => (await import('./backup.ts')).backup(options)));
  withShared(command('restore <file>', 'put a backup onto a box whose gateway is stopped'))
    .option('--onto-this-box', 'over the state that is here; what is newer here stays')
    .option(...PassphraseFile)
    .action(act(async (file: string, options) => (await import('./restore.ts')).restore(file, options)));
  const keys = withShared(
    command('keys', 'every key this box has or trusts; with a word: change one'),
  ).action(act(async (options) => (await import('./keys.ts')).keys(options)));
  // Else options behind the second word would be taken for those of the first.
  keys.enablePositionalOptions();
  const under = (usage: string, description: string): Command =>
    withShared(keys.command(usage).description(description));
  under('rotate <key>', 'a new key in the place of one: evidence, authority, page, ssh, recordings')
    .option('--reason <text>', 'why, for the record')
    .action(act(async (key: string, options) => (await import('./keys.ts')).rotateKey(key, options)));
  under('trust <file>', 'take policies signed with this public key, too')
    .option('--release', 'software updates signed with it, not policies')
    .action(act(async (file: string, options) => (await import('./keys-trust.ts')).trustKey(file, options)));
  under('distrust <name>', 'take no more what this key alone signs')
    .option('--release', 'of the keys that software updates are signed with')
    .action(
      act(async (name: string, options) => (await import('./keys-trust.ts')).distrustKey(name, options)),
    );
}

const PassphraseFile = [
  '--passphrase-file <file>',
  'its first line is the passphrase; asked for at the terminal if not given',
] as const;
