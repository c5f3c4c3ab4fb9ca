import { readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Config, readConfig, withTrustedKeys } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { TrustBody } from '../ipc/life-body.ts';
import { readIfPresent, stageDurably, syncDirectory } from '../load/durable-file.ts';
import { releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import type { KeysOptions } from './keys.ts';
import { ExitStatus, UsageError } from './output.ts';
import { requirePerson } from './person.ts';

export interface TrustOptions extends KeysOptions {
  /** A key that releases are signed with; else one that policies are. */
  readonly release?: boolean;
}

/**
 * `penstock keys trust FILE`: policies, or with `--release` software updates, may be signed with this key too. It comes
 * into force at once, on record; where the gateway does not run, it goes on record at its start.
 * @throws UsageError, GatewayError PST_ERR_KEY_READ
 */
export async function trustKey(file: string, options: TrustOptions): Promise<number> {
  const config = readConfig(options.config);
  const by = requirePerson(options.by);
  const isRelease = options.release === true;
  const [key] = readTrustedKeys([file]);
  if (readTrustedKeys(trustedFiles(config, isRelease)).some(({ id }) => id === key?.id)) {
    throw new UsageError(`${file} is trusted already.`, 'Look with penstock keys.');
  }
  const directory = isRelease ? releaseKeyDirectory(config) : join(dirname(config.file), 'keys');
  const place = join(directory, file.endsWith('.pem') ? basename(file) : `${basename(file)}.pub.pem`);
  const bytes = readFileSync(file);
  const there = readIfPresent(place);
  if (there !== undefined && !bytes.equals(there)) {
    throw new UsageError(
      `${place} is there already, with another key.`,
      'Give the new one a name of its own.',
    );
  }
  if (there === undefined) putKey(place, bytes, config);
  if (isRelease) return tellEngine(config, options, by, () => removeKey(place));
  return changeConfig(config, options, by, (paths) => [...paths, relative(dirname(config.file), place)]);
}

/**
 * `penstock keys distrust NAME`: nothing that this key alone signs is taken any more. Refused while the policy in force
 * needs it.
 * @throws UsageError, GatewayError PST_ERR_KEY_READ
 */
export async function distrustKey(name: string, options: TrustOptions): Promise<number> {
  const config = readConfig(options.config);
  const by = requirePerson(options.by);
  const isRelease = options.release === true;
  const isIt = (path: string): boolean =>
    readTrustedKeys([path]).some((key) => key.name === name || (name.length >= 8 && key.id.startsWith(name)));
  const [found = '', ...others] = trustedFiles(config, isRelease).filter(isIt);
  if (found === '' || others.length > 0) {
    throw new UsageError(
      found === '' ? `No key ${name} is trusted.` : `Several keys are called ${name}.`,
      'Name one as penstock keys does, or give the first digits of its fingerprint.',
    );
  }
  if (!isRelease) {
    return changeConfig(config, options, by, (paths) =>
      paths.filter((path) => resolve(dirname(config.file), path) !== found),
    );
  }
  const bytes = readFileSync(found);
  removeKey(found);
  return tellEngine(config, options, by, () => putKey(found, bytes, config));
}

function trustedFiles(config: Config, isRelease: boolean): readonly string[] {
  return isRelease ? releaseKeyFiles(releaseKeyDirectory(config)) : config.trustedKeys;
}

/** Public, and for the engine to read. */
function putKey(place: string, bytes: Uint8Array, { file }: Config): void {
  asRoot(place, () => stageDurably(place, bytes, { ...statSync(file), mode: 0o644 })());
}

function removeKey(place: string): void {
  asRoot(place, () => {
    rmSync(place);
    syncDirectory(dirname(place));
  });
}

function asRoot(file: string, write: () => void): void {
  try {
    write();
  } catch {
    throw new UsageError(`${file} cannot be written.`, 'Run this as root: sudo penstock keys.');
  }
}

/** Writes gateway.yaml and has the engine take it over; what it refuses is taken back. */
function changeConfig(
  config: Config,
  options: TrustOptions,
  by: string,
  edit: (paths: readonly string[]) => readonly string[],
): Promise<number> {
  const before = readFileSync(config.file, 'utf8');
  const put = (text: string): void =>
    asRoot(config.file, () => {
      // Where a link to it leads; whose it is and who may read it are not ours to change.
      const file = realpathSync(config.file);
      stageDurably(`${config.file}.bak`, Buffer.from(before))();
      stageDurably(file, Buffer.from(text), statSync(file))();
    });
  put(withTrustedKeys(before, edit));
  return tellEngine(config, options, by, () => put(before));
}

/** Has the engine look at what is trusted now, and put it on record; what it refuses is undone. */
async function tellEngine(
  config: Config,
  { json }: TrustOptions,
  by: string,
  undo: () => void,
): Promise<number> {
  const asked = { kind: 'life', id: 1, by, act: { what: 'trust' } } as const;
  try {
    const answer = await askEngine(controlSocket(config), asked, TrustBody);
    if (!answer.ok) {
      undo();
      explainNoAnswer(answer);
      return ExitStatus.refused;
    }
    console.log(json === true ? JSON.stringify(answer.body) : describe(answer.body));
  } catch (cause) {
    if (!(cause instanceof GatewayError) || cause.code !== 'PST_ERR_ENGINE_GONE') throw cause;
    console.log(
      json === true
        ? JSON.stringify({ changed: [] })
        : 'The gateway does not run; it is put on record at its start.',
    );
  }
  return ExitStatus.good;
}

function describe({ changed }: TrustBody): string {
  return changed
    .map(({ use, id, name, trusted }) => {
      const what = trusted ? 'is trusted' : 'is trusted no more';
      return `${name} (${id.slice(0, 12)}) ${what}${use === 'releases' ? ' to sign releases' : ''}`;
    })
    .join('\n');
}
