import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Config, readConfig, withTrustedKeys } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { TrustBody } from '../ipc/life-body.ts';
import { readIfPresent, stageDurably } from '../load/durable-file.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import type { KeysOptions } from './keys.ts';
import { ExitStatus, UsageError } from './output.ts';
import { requirePerson } from './person.ts';

/**
 * `penstock keys trust FILE`: policies may be signed with this key too. It comes into force at once, on record; where
 * the gateway does not run, at its start.
 * @throws UsageError, GatewayError PST_ERR_KEY_READ
 */
export async function trustKey(file: string, options: KeysOptions): Promise<number> {
  const config = readConfig(options.config);
  const by = requirePerson(options.by);
  const [key] = readTrustedKeys([file]);
  if (readTrustedKeys(config.trustedKeys).some(({ id }) => id === key?.id)) {
    throw new UsageError(`${file} is trusted already.`, 'Look with penstock keys.');
  }
  const place = join(dirname(config.file), 'keys', basename(file));
  const bytes = readFileSync(file);
  const there = readIfPresent(place);
  if (there !== undefined && !bytes.equals(there)) {
    throw new UsageError(
      `${place} is there already, with another key.`,
      'Give the new one a name of its own.',
    );
  }
  try {
    // Public, and for the engine to read.
    if (there === undefined) stageDurably(place, bytes, { ...statSync(config.file), mode: 0o644 })();
  } catch {
    throw new UsageError(`${place} cannot be written.`, 'Run this as root: sudo penstock keys trust.');
  }
  return change(config, options, by, (paths) => [...paths, relative(dirname(config.file), place)]);
}

/**
 * `penstock keys distrust NAME`: nothing that this key alone signs is taken any more. Refused while the policy in force
 * needs it.
 * @throws UsageError, GatewayError PST_ERR_KEY_READ
 */
export async function distrustKey(name: string, options: KeysOptions): Promise<number> {
  const config = readConfig(options.config);
  const by = requirePerson(options.by);
  const isIt = (path: string): boolean =>
    readTrustedKeys([path]).some((key) => key.name === name || (name.length >= 8 && key.id.startsWith(name)));
  const found = config.trustedKeys.filter(isIt);
  if (found.length !== 1) {
    throw new UsageError(
      found.length === 0 ? `No key ${name} is trusted.` : `Several keys are called ${name}.`,
      'Name one as penstock keys does, or give the first digits of its fingerprint.',
    );
  }
  return change(config, options, by, (paths) =>
    paths.filter((path) => resolve(dirname(config.file), path) !== found[0]),
  );
}

/** Writes gateway.yaml and has the engine take it over; what it refuses is taken back. */
async function change(
  config: Config,
  { json }: KeysOptions,
  by: string,
  edit: (paths: readonly string[]) => readonly string[],
): Promise<number> {
  const before = readFileSync(config.file, 'utf8');
  const put = (text: string): void => {
    try {
      // Where a link to it leads; whose it is and who may read it are not ours to change.
      const file = realpathSync(config.file);
      stageDurably(`${config.file}.bak`, Buffer.from(before))();
      stageDurably(file, Buffer.from(text), statSync(file))();
    } catch {
      throw new UsageError(`${config.file} cannot be written.`, 'Run this as root: sudo penstock keys.');
    }
  };
  put(withTrustedKeys(before, edit));
  const asked = { kind: 'life', id: 1, by, act: { what: 'trust' } } as const;
  try {
    const answer = await askEngine(controlSocket(config), asked, TrustBody);
    if (!answer.ok) {
      put(before);
      explainNoAnswer(answer);
      return ExitStatus.refused;
    }
    const { changed } = answer.body;
    const lines = changed.map(
      ({ id, name, trusted }) =>
        `${name} (${id.slice(0, 12)}) ${trusted ? 'is trusted' : 'is trusted no more'}`,
    );
    console.log(json === true ? JSON.stringify(answer.body) : lines.join('\n'));
  } catch (cause) {
    if (!(cause instanceof GatewayError) || cause.code !== 'PST_ERR_ENGINE_GONE') throw cause;
    console.log(
      json === true
        ? JSON.stringify({ changed: [] })
        : 'The gateway does not run; it counts from its start on.',
    );
  }
  return ExitStatus.good;
}
