import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { readIfPresent, replaceDurably } from '../load/durable-file.ts';
import { Account } from './account.ts';

/** Every account there ever was on this box. A name is never given to another person: files are never removed. */
export interface AccountStore {
  readonly find: (name: string) => Account | undefined;
  /** By name. */
  readonly all: () => readonly Account[];
  /** Also true for a name whose file cannot be read. */
  readonly isTaken: (name: string) => boolean;
  /** Whether there never was an account; false where nobody can tell. */
  readonly isEmpty: () => boolean;
  /** Resolves when it is on the medium, and known from then on. @throws the system's own error */
  readonly put: (account: Account) => Promise<void>;
  /** Knows it so until the next restart, where a broken disk keeps it from being stored. */
  readonly hold: (account: Account) => void;
  /** What cannot be read, as sentences. */
  readonly troubles: () => readonly string[];
}

/**
 * Opens a directory with one file for each account, replaced whole: a power cut leaves the former or the new one. One
 * that cannot be read is nobody's: its name stays taken and opens nothing (62443-3-3 SR 5.2 RE3).
 */
export function openAccountStore(directory: string): AccountStore {
  const accounts = new Map<string, Account>();
  const unreadable = new Map<string, string>();
  let shut = '';

  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    for (const file of readdirSync(directory)) {
      if (!file.endsWith(Ending)) continue;
      const name = file.slice(0, -Ending.length);
      const account = readAccount(join(directory, file), name);
      if (typeof account === 'string') unreadable.set(name, `${file}: ${account}`);
      else accounts.set(name, account);
    }
  } catch (cause) {
    shut = `${directory}: ${textOf(cause)}`;
  }

  return {
    find: (name) => accounts.get(name),
    all: () => [...accounts.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
    isTaken: (name) => accounts.has(name) || unreadable.has(name),
    isEmpty: () => shut === '' && accounts.size === 0 && unreadable.size === 0,
    put: async (account) => {
      await replaceDurably(join(directory, account.name + Ending), encode(account), 0o600);
      accounts.set(account.name, account);
    },
    hold: (account) => void accounts.set(account.name, account),
    troubles: () => [...(shut === '' ? [] : [shut]), ...unreadable.values()],
  };
}

/** The account in a file, or what is wrong with it. */
function readAccount(path: string, name: string): Account | string {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(readIfPresent(path)));
    if (!validator.Check(value)) return 'it is not an account of this release.';
    return value.name === name ? value : 'it holds another account.';
  } catch (cause) {
    return textOf(cause);
  }
}

function encode(account: Account): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(account, undefined, 1)}\n`);
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const validator = Compile(Account);
const Ending = '.json';
