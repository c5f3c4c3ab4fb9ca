import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncDirectory, syncFile } from '../load/durable-file.ts';
import type { Account } from '../run/account.ts';
import { makeStateDirectory } from '../run/directories.ts';

/** Puts files where they belong in a state directory, each with the mode and owner the engine gives it itself. */
export interface Placer {
  /** From the unpacked backup, in the place of what is there, which is kept aside. @throws GatewayError PST_ERR_STATE_DIR, the system's error */
  readonly put: (name: string) => void;
  /** Keeps aside what is there. @throws the system's error */
  readonly setAside: (name: string) => void;
  /** Files that were there and are kept aside now. */
  readonly aside: () => readonly string[];
}

/** @param aside directory that takes what was there */
export function createPlacer(
  unpacked: string,
  state: string,
  aside: string,
  owner: Account | undefined,
): Placer {
  const kept: string[] = [];

  /** Each on the way is looked at: a link that an engine left there would lead root anywhere. */
  function directory(path: string): void {
    if (path === state) return;
    directory(dirname(path));
    const isThere = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isThere) makeStateDirectory(path, isSecret(path.slice(state.length + 1)) ? 0o700 : 0o750, owner);
  }

  function setAside(name: string): void {
    mkdirSync(dirname(join(aside, name)), { recursive: true, mode: 0o700 });
    renameSync(join(state, name), join(aside, name));
    kept.push(name);
  }

  return {
    put: (name) => {
      const from = join(unpacked, name);
      if (!existsSync(from)) return;
      const to = join(state, name);
      directory(dirname(to));
      if (existsSync(to) && !readFileSync(to).equals(readFileSync(from))) setAside(name);
      chmodSync(from, isSecret(name) ? 0o600 : 0o640);
      if (owner !== undefined) chownSync(from, owner.uid, owner.gid);
      syncFile(from);
      renameSync(from, to);
      syncDirectory(dirname(to));
    },
    setAside,
    aside: () => kept,
  };
}

/** Names under the state directory that only the engine's own user may read. */
function isSecret(name: string): boolean {
  return /^(access|authority|recordings)(\/|$)|\.key(\.next)?$/.test(name);
}
