import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { readNamedFile, UsageError } from './output.ts';

/** Fewest characters of a passphrase for a new backup: it may lie for years where others guess at leisure. */
export const ShortestPassphrase = 12;

/**
 * The passphrase out of a file (its first line), or typed at the terminal without being shown; never out of the
 * arguments, which every user of the box can read.
 * @param twice asks again for what is new, so that a slip of the finger shuts nobody out
 * @throws UsageError
 */
export async function readPassphrase(file: string | undefined, twice: boolean): Promise<string> {
  const given = file === undefined ? await typed(twice) : firstLine(file);
  if (given === '' || (twice && given.length < ShortestPassphrase)) {
    throw new UsageError(
      `A passphrase has at least ${ShortestPassphrase} characters.`,
      'Take some words that nobody would put together.',
    );
  }
  return given;
}

function firstLine(file: string): string {
  return readNamedFile(file).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}

async function typed(twice: boolean): Promise<string> {
  if (process.stdin.isTTY !== true) {
    throw new UsageError(
      'There is no terminal to ask for the passphrase at.',
      'Give it in a file that only you can read: --passphrase-file FILE.',
    );
  }
  const first = await ask('Passphrase: ');
  if (twice && (await ask('The same again: ')) !== first) {
    throw new UsageError('The two are not the same.', 'Run the command again.');
  }
  return first;
}

/** Types to a terminal whose echo goes nowhere. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
