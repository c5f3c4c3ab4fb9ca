import { mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Config, readConfig, withTrustedKeys } from '../config.ts';
import { type FileRights, readIfPresent, stageDurably, syncDirectory } from '../load/durable-file.ts';
import { ReleaseKeyDirectory, releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { readTrustedKeys, type TrustedKey } from '../load/trusted-keys.ts';
import type { KeysOptions } from './keys.ts';
import { changeTrust, type TrustChange } from './keys-change.ts';
import { ExitStatus, UsageError } from './output.ts';
import { requirePerson } from './person.ts';

export interface TrustOptions extends KeysOptions {
  /** A key that releases are signed with; else one that policies are. */
  readonly release?: boolean;
}

/**
 * `penstock keys trust FILE`: policies, or with `--release` software updates, may be signed with this key too. It comes
 * into force at once, on record; where the gateway does not run, it goes on record at its start.
 * @throws UsageError, GatewayError PST_ERR_KEY_READ, PST_ERR_ENGINE_GONE where a gateway runs and does not answer
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
  if (isRelease) {
    return changeReleases(config, options, by, {
      make: () => putKey(place, bytes, releaseRights(config)),
      undo: () => removeKeys([place]),
    });
  }
  // Public, and for the engine to read.
  if (there === undefined) putKey(place, bytes, statSync(config.file));
  return changeConfig(config, options, by, (paths) => [...paths, relative(dirname(config.file), place)]);
}

/**
 * `penstock keys distrust NAME`: nothing that this key alone signs is taken any more. Refused while the policy in force
 * needs it.
 * @throws UsageError, GatewayError PST_ERR_KEY_READ, PST_ERR_ENGINE_GONE where a gateway runs and does not answer
 */
export async function distrustKey(name: string, options: TrustOptions): Promise<number> {
  const config = readConfig(options.config);
  const by = requirePerson(options.by);
  const isRelease = options.release === true;
  const trusted = trustedFiles(config, isRelease).flatMap((file) =>
    readTrustedKeys([file]).map((key) => ({ ...key, file })),
  );
  const isNamed = (key: TrustedKey): boolean =>
    key.name === name || (name.length >= 8 && key.id.startsWith(name));
  const ids = new Set(trusted.filter(isNamed).map(({ id }) => id));
  if (ids.size !== 1) {
    throw new UsageError(
      ids.size === 0 ? `No key ${name} is trusted.` : `Several keys are called ${name}.`,
      'Name one as penstock keys does, or give the first digits of its fingerprint.',
    );
  }
  // The same key may lie there under another name, too: it would stay trusted.
  const files = trusted.filter(({ id }) => ids.has(id)).map(({ file }) => file);
  if (!isRelease) {
    return changeConfig(config, options, by, (paths) =>
      paths.filter((path) => !files.includes(resolve(dirname(config.file), path))),
    );
  }
  const kept = files.map((file) => ({ file, bytes: readFileSync(file) }));
  return changeReleases(config, options, by, {
    make: () => removeKeys(files),
    undo: () => {
      for (const { file, bytes } of kept) putKey(file, bytes, releaseRights(config));
    },
  });
}

function trustedFiles(config: Config, isRelease: boolean): readonly string[] {
  return isRelease ? releaseKeyFiles(releaseKeyDirectory(config)) : config.trustedKeys;
}

/** Root's: whoever owns gateway.yaml does not say which software runs here. */
function releaseRights({ file }: Config): FileRights {
  return process.geteuid?.() === 0 ? { uid: 0, gid: 0, mode: 0o644 } : statSync(file);
}

function putKey(place: string, bytes: Uint8Array, rights: FileRights): void {
  asRoot(place, () => {
    // Anybody may know whom this box trusts; the engine must.
    mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
    stageDurably(place, bytes, { ...rights, mode: 0o644 })();
  });
}

function removeKeys(places: readonly string[]): void {
  for (const place of places) {
    asRoot(place, () => {
      rmSync(place, { force: true });
      syncDirectory(dirname(place));
    });
  }
}

function asRoot(file: string, write: () => void): void {
  try {
    write();
  } catch {
    throw new UsageError(`${file} cannot be written.`, 'Run this as root: sudo penstock keys.');
  }
}

async function changeReleases(
  config: Config,
  { json }: TrustOptions,
  by: string,
  change: TrustChange,
): Promise<number> {
  const status = await changeTrust(config, { json: json === true, by }, change);
  const directory = resolve(releaseKeyDirectory(config));
  if (status === ExitStatus.good && directory !== ReleaseKeyDirectory) {
    console.error(`${directory} was changed; penstock update goes by ${ReleaseKeyDirectory} alone.`);
  }
  return status;
}

/** Writes gateway.yaml and has the engine take it over; what it refuses is taken back. */
function changeConfig(
  config: Config,
  { json }: TrustOptions,
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
  return changeTrust(
    config,
    { json: json === true, by },
    { make: () => put(withTrustedKeys(before, edit)), undo: () => put(before) },
  );
}
