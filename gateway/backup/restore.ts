import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { judgeConfirmedBundle } from '../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../rules/policy.ts';
import { type Config, readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { lockWriter } from '../evidence/writer-lock.ts';
import { openBundleStore } from '../load/bundle-store.ts';
import { readBundleTrust } from '../load/bundle-trust.ts';
import { releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { readTrustMemory } from '../load/trust-memory.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { findAccount } from '../run/account.ts';
import { makeDirectories, makeStateDirectory } from '../run/directories.ts';
import { hardwareNotes } from './hardware-notes.ts';
import type { Manifest } from './manifest.ts';
import { openBackup } from './read-backup.ts';
import { type IsDistrusted, type StagedConfiguration, stageConfiguration } from './restore-configuration.ts';
import { restoreState } from './restore-state.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly passphrase: string;
  /** Where gateway.yaml is to be. */
  readonly configFile: string;
  /** The box has a state of its own, and whoever restores knows it. */
  readonly onThisBox: boolean;
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export type RestoreOutcome =
  | {
      readonly ok: true;
      readonly manifest: Manifest;
      readonly config: Config;
      readonly policyVersion: number;
      /** What is to be known or looked at, as sentences. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly sentence: string; readonly remedy: string };

/**
 * Puts a backup onto this box, whose gateway must be stopped. All of it is read and found to be as it was written
 * before anything is changed; the policy comes last, so that a restore that is cut off leaves a box that lets nothing
 * pass. A policy or a decision of this box that is newer than the backup stays.
 * @throws Unopenable, GatewayError, the system's error
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreOutcome> {
  const { file, passphrase, configFile, onThisBox, by, now } = options;
  const backup = openBackup(file, passphrase);
  const before = presentConfig(configFile);
  // Also of the state that the backup's configuration names: the box's own may be what was lost.
  const isDistrusted: IsDistrusted = (use, id, restored) =>
    [restored, before?.state ?? restored].some((state) => {
      const memory = readTrustMemory(state);
      const ofUse = use === 'releases' ? memory?.releases : memory;
      return ofUse?.distrusted.some((one) => one.id === id) === true;
    });
  const staged = stageConfiguration(backup, configFile, isDistrusted);
  try {
    const { config } = staged;
    if (config.trustedKeys.length === 0)
      return refuse('The box trusts none of the keys in this backup any more.');
    if (hasState(config.state) && !onThisBox) {
      return refuse(
        `${config.state} holds the state of a box.`,
        'To restore over it, add --onto-this-box; a newer policy, its accounts and its evidence stay then.',
      );
    }
    return await place(backup, staged, before, { by, now });
  } finally {
    staged.discard();
  }
}

async function place(
  backup: ReturnType<typeof openBackup>,
  staged: StagedConfiguration,
  before: Config | undefined,
  { by, now }: { readonly by: string; readonly now: number },
): Promise<RestoreOutcome> {
  const { config } = staged;
  const { manifest } = backup;
  const asRoot = process.getuid?.() === 0;
  makeDirectories(config, asRoot);
  const evidence = join(config.state, 'evidence');
  const owner = asRoot && config.users !== undefined ? findAccount(config.users.engine) : undefined;
  makeStateDirectory(evidence, 0o750, owner);
  const lock = await lockWriter(evidence).catch((cause: unknown) => {
    if (cause instanceof GatewayError) return undefined;
    throw cause;
  });
  if (lock === undefined) {
    return refuse(
      'The gateway runs, and would go on with what it knows.',
      'Stop it first: sudo systemctl stop penstock.target penstock-engine.service.',
    );
  }
  // One that was cut off left every key there in clear.
  for (const name of readdirSync(config.state).filter((one) => one.startsWith(Unpacking))) {
    rmSync(join(config.state, name), { recursive: true });
  }
  const unpacked = mkdtempSync(join(config.state, Unpacking));
  try {
    backup.unpackState(unpacked);
    const ownBefore = before === undefined ? -1 : versionIn(config.state, before);
    const struckOff = strikeOff(config, unpacked);
    staged.place();
    // By the keys of either configuration: an old backup must not bring an older policy back.
    const own = Math.max(ownBefore, versionIn(config.state, config));
    const keepsPolicy = own >= 0 && own >= versionIn(unpacked, config);
    const told = await restoreState({ unpacked, config, manifest, owner, keepsPolicy, by, now });
    const policy = confirmedPolicy(config);
    return {
      ok: true,
      manifest,
      config,
      policyVersion: policy?.version ?? 0,
      notes: [...staged.notes, ...struckOff, ...told, ...hardwareNotes(config, policy, manifest.devices)],
    };
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
    await lock.release();
  }
}

/**
 * A spare box was installed with the key its release was signed with. Where the box of the backup had struck that off,
 * so does this one, unless it has looked at its own keys of releases already. @returns what is to be known, as sentences
 */
function strikeOff(config: Config, unpacked: string): readonly string[] {
  const distrusted = readTrustMemory(unpacked)?.releases?.distrusted ?? [];
  if (readTrustMemory(config.state)?.releases !== undefined) return [];
  return releaseKeyFiles(releaseKeyDirectory(config)).flatMap((file) => {
    const [key] = readTrustedKeys([file]);
    if (!distrusted.some(({ id }) => id === key?.id)) return [];
    renameSync(file, `${file}.before-restore`);
    return [`${file} signs no more releases for this box: the box of the backup had struck it off.`];
  });
}

/** Version of the confirmed bundle in a state directory; -1 where there is none that this configuration takes. */
function versionIn(state: string, config: Config): number {
  try {
    const envelope = openBundleStore(state).confirmed();
    const judged =
      envelope === undefined ? undefined : judgeConfirmedBundle(envelope, readBundleTrust(config));
    return judged?.ok === true ? judged.policy.version : -1;
  } catch (cause) {
    if (cause instanceof GatewayError) return -1;
    throw cause;
  }
}

function confirmedPolicy(config: Config): Policy | undefined {
  const envelope = openBundleStore(config.state).confirmed();
  const judged = envelope === undefined ? undefined : judgeConfirmedBundle(envelope, readBundleTrust(config));
  return judged?.ok === true ? judged.policy : undefined;
}

function presentConfig(file: string): Config | undefined {
  try {
    return readConfig(file);
  } catch (cause) {
    if (cause instanceof GatewayError) return undefined;
    throw cause;
  }
}

/** Whether a box has lived here: what a fresh installation makes is no state. */
function hasState(state: string): boolean {
  const has = (folder: string, name: RegExp): boolean =>
    existsSync(join(state, folder)) && readdirSync(join(state, folder)).some((one) => name.test(one));
  return (
    has('bundles', /\.bundle$/) ||
    has('evidence', /\.seg$|^log\.key/) ||
    has('access/accounts', /\.json$/) ||
    has('authority', /./)
  );
}

function refuse(sentence: string, remedy = 'Look at what this box has with penstock keys.'): RestoreOutcome {
  return { ok: false, sentence, remedy };
}

/** Begins the name of the directory that a backup is unpacked into. */
const Unpacking = 'restoring-';
