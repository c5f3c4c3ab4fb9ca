import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Config, readConfig, withTrustedKeys } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { syncDirectory, syncFile } from '../load/durable-file.ts';
import { releaseKeyDirectory } from '../load/release-keys.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { findGroup } from '../run/account.ts';
import { ConfigName } from './manifest.ts';
import type { ConfigurationFile, OpenedBackup } from './read-backup.ts';

/** The configuration out of a backup, ready beside its place. */
export interface StagedConfiguration {
  readonly config: Config;
  /** Puts it there. What was there is kept under the name with `.before-restore`. @throws the system's error */
  readonly place: () => void;
  /** Leaves nothing behind. */
  readonly discard: () => void;
  /** What a person has to do or to know, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Whether this box has struck a key off, be it of policies or of releases: an older configuration, whose state directory
 * is given, does not bring it back.
 */
export type IsDistrusted = (use: 'policies' | 'releases', id: string, state: string) => boolean;

/**
 * Lays the configuration down beside its place, where it can be read and judged before anything is changed.
 * @param file where gateway.yaml is to be
 * @throws GatewayError PST_ERR_CONFIG, PST_ERR_KEY_READ; the system's error
 */
export function stageConfiguration(
  { manifest, configuration }: OpenedBackup,
  file: string,
  isDistrusted: IsDistrusted,
): StagedConfiguration {
  const home = dirname(resolve(file));
  const staged = new Map<string, ConfigurationFile>();
  const notes: string[] = [];
  const suffix = `.${process.pid}.restoring`;
  const discard = (): void => {
    for (const path of staged.keys()) rmSync(path + suffix, { force: true });
  };
  const stage = (path: string, content: ConfigurationFile): void => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    staged.set(path, content);
    writeFileSync(path + suffix, content.bytes, { mode: content.mode, flag: 'wx' });
    // A file of the time before may have been anybody's to read.
    chmodSync(path + suffix, content.mode);
    const group = findGroup(content.group);
    if (process.getuid?.() === 0 && group !== undefined) chownSync(path + suffix, 0, group);
  };
  try {
    for (const { name, path } of manifest.files) {
      const content = configuration.get(name);
      const place = isAbsolute(path) ? path : join(home, path);
      if (content !== undefined) stage(place, content);
      else notes.push(`${place} is not in this backup: put it there.`);
    }
    const yaml = configuration.get(ConfigName);
    if (yaml === undefined) throw new GatewayError('PST_ERR_CONFIG_READ', ConfigName);
    const main = resolve(file);
    stage(main, { ...yaml, mode: 0o644, group: 'root' });
    const config = { ...readConfig(main + suffix), file: main };
    const trusted = keptKeys(config, suffix, staged, isDistrusted);
    const leave = (path: string): void =>
      void notes.push(`${path} is trusted no more by this box and stays so.`);
    for (const path of config.trustedKeys) if (!trusted.includes(path)) leave(path);
    for (const path of [...staged.keys()].filter((one) => dirname(one) === releaseKeyDirectory(config))) {
      const [key] = readTrustedKeys([path + suffix]);
      if (key === undefined || !isDistrusted('releases', key.id, config.state)) continue;
      leave(path);
      staged.delete(path);
      rmSync(path + suffix);
    }
    if (trusted.length < config.trustedKeys.length) {
      const text = withTrustedKeys(yaml.bytes.toString('utf8'), (paths) =>
        paths.filter((path) => trusted.includes(resolve(home, path))),
      );
      writeFileSync(main + suffix, text);
    }
    return {
      config: { ...config, trustedKeys: trusted },
      notes,
      discard,
      place: () => {
        for (const path of staged.keys()) {
          const isOther = existsSync(path) && !readFileSync(path).equals(readFileSync(path + suffix));
          // No gateway starts with a configuration whose name alone is on the medium.
          syncFile(path + suffix);
          if (isOther) renameSync(path, `${path}.before-restore`);
          renameSync(path + suffix, path);
          syncDirectory(dirname(path));
        }
      },
    };
  } catch (cause) {
    discard();
    throw cause;
  }
}

/** Those of the trusted keys that the box has not struck off. */
function keptKeys(
  { trustedKeys, state }: Config,
  suffix: string,
  staged: ReadonlyMap<string, unknown>,
  isDistrusted: IsDistrusted,
): readonly string[] {
  return trustedKeys.filter((path) => {
    const [key] = readTrustedKeys([staged.has(path) ? path + suffix : path]);
    return key === undefined || !isDistrusted('policies', key.id, state);
  });
}
