import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Config } from '../config.ts';
import { releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { nameOfGroup } from '../run/account.ts';

/** Whether a file is in every backup, only with the keys, or only with the evidence. */
export type FileClass = 'state' | 'key' | 'evidence';

/** A file of the box, by its name in a backup. */
export interface BoxFile {
  readonly name: string;
  readonly path: string;
  readonly class: FileClass;
}

/**
 * Files of the state directory, by their place in it; what is on no line is made again or belongs to this box alone.
 * A bundle that nobody confirmed yet is nobody's policy, and a recording that is still made has no end.
 */
const StateFiles: readonly (readonly [RegExp, FileClass])[] = [
  [/^bundles\/(confirmed|previous|given-up)\.bundle$/, 'state'],
  [/^access\/accounts\/[^/]+\.json$/, 'state'],
  [/^access\/grants\/G-[A-Z0-9]+\.json$/, 'state'],
  [/^(mode|exercise|observation|trusted-keys)\.json$/, 'state'],
  [/^evidence\/(checkpoint(\.old)?|log\.pub|broken|witness\.[0-9a-f.]+)$/, 'state'],
  [/^evidence\/log\.key$/, 'key'],
  [/^authority\/((authority|page|carrier)\.pem|ssh_host_ed25519_key)$/, 'key'],
  [/^recordings\/key(\.[0-9a-f]{8})?$/, 'key'],
  [/^evidence\/(\d{8}\.seg|last\.cut)$/, 'evidence'],
  [/^recordings\/G-[A-Z0-9]+\/[^/]+\.rec$/, 'evidence'],
  [/^syslog\/cursor$/, 'evidence'],
];

/** What belongs in a backup of the state directory, in order. @throws the system's error */
export function stateFiles(state: string): readonly BoxFile[] {
  return namesUnder(state, '').flatMap((name) => {
    const kind = classOf(name);
    return kind === undefined ? [] : [{ name: `state/${name}`, path: join(state, name), class: kind }];
  });
}

/** Of a file under the state directory; undefined for one that no backup holds. */
export function classOf(name: string): FileClass | undefined {
  return StateFiles.find(([pattern]) => pattern.test(name))?.[1];
}

/** Only directories that a backup looks into, so that links and strange files are never followed. */
function namesUnder(root: string, at: string): readonly string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
    const name = at === '' ? entry.name : `${at}/${entry.name}`;
    if (entry.isDirectory()) found.push(...namesUnder(root, name));
    else if (entry.isFile()) found.push(name);
  }
  return found.sort();
}

/** The files that gateway.yaml names, and the keys of releases beside it: each once, and where each belongs. */
export function configFiles(
  config: Config,
): readonly (BoxFile & { readonly belongs: string; readonly mode: number; readonly group: string })[] {
  const { trustedKeys, bundle, page, syslog } = config;
  const named: readonly (readonly [string | undefined, FileClass])[] = [
    ...trustedKeys.map((file) => [file, 'state'] as const),
    [bundle, 'state'],
    [page.tls?.cert, 'state'],
    [page.tls?.key, 'key'],
    [syslog?.authority, 'state'],
    [syslog?.identity?.certificate, 'state'],
    [syslog?.identity?.key, 'key'],
    ...releaseKeyFiles(releaseKeyDirectory(config)).map((file) => [file, 'state'] as const),
  ];
  const home = dirname(config.file);
  const files = new Map<string, FileClass>();
  for (const [path, kind] of named) {
    // One file may be a certificate and its key.
    if (path !== undefined && existsSync(path) && files.get(path) !== 'key') files.set(path, kind);
  }
  return [...files].map(([path, kind], index) => {
    const inside = relative(home, path);
    const { mode, gid } = statSync(path);
    return {
      name: `config/${index}-${basename(path).replaceAll(/[^A-Za-z0-9._@+-]/g, '_')}`,
      path,
      class: kind,
      belongs: inside.startsWith('..') ? path : inside,
      mode: mode & 0o777,
      group: gid === 0 ? 'root' : nameOfGroup(gid),
    };
  });
}

/**
 * The contents of small files of a box that goes on running, all of one moment: each is replaced whole, so reading them
 * until twice the same is found leaves nothing torn between two files either. @throws Error where they never rest
 */
export function readTogether(list: () => readonly BoxFile[]): ReadonlyMap<string, Buffer> {
  let before = readAll(list());
  for (let tries = 0; tries < MostTries; tries += 1) {
    const now = readAll(list());
    if (isSame(before, now)) return now;
    before = now;
  }
  throw new Error('the files of the box change all the time');
}

function readAll(files: readonly BoxFile[]): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const { name, path } of files) {
    try {
      found.set(name, readFileSync(path));
    } catch (cause) {
      // Taken away since it was listed: the next look tells.
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    }
  }
  return found;
}

function isSame(one: ReadonlyMap<string, Buffer>, other: ReadonlyMap<string, Buffer>): boolean {
  return (
    one.size === other.size && [...one].every(([name, bytes]) => other.get(name)?.equals(bytes) === true)
  );
}

const MostTries = 50;
