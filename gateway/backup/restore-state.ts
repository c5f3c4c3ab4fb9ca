import { createHash, createPrivateKey, sign } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseKey } from '../../rules/evidence/note.ts';
import type { Config } from '../config.ts';
import { makeNextKey } from '../evidence/log-key.ts';
import {
  encodePending,
  HandoverFile,
  type HandoverSigner,
  makeHandover,
} from '../evidence/pending-handover.ts';
import { openSegmentFiles } from '../evidence/segment-files.ts';
import { sha256 } from '../evidence/sha256.ts';
import type { Account } from '../run/account.ts';
import { makeStateDirectory } from '../run/directories.ts';
import type { Manifest } from './manifest.ts';
import { createPlacer, type Placer } from './place.ts';
import { restoreAccount } from './restored-accounts.ts';
import { leaveForRecord } from './to-record.ts';

export interface RestoreStateOptions {
  /** The state out of the backup; what is placed is taken from there. */
  readonly unpacked: string;
  readonly config: Config;
  readonly manifest: Manifest;
  /** Whose the state is; undefined where it stays whoever's restores. */
  readonly owner: Account | undefined;
  /** The box has a policy that is not older than the backup's. */
  readonly keepsPolicy: boolean;
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * Puts the state in its place, the policy last. What this box decided since stays: its accounts, its grants, its mode,
 * its evidence. @returns what is to be known, as sentences. @throws the system's error
 */
export async function restoreState(options: RestoreStateOptions): Promise<readonly string[]> {
  const { unpacked, config, manifest, owner, keepsPolicy, by } = options;
  const { state } = config;
  const asideDirectory = join(state, 'before-restore');
  rmSync(asideDirectory, { recursive: true, force: true });
  const placer = createPlacer(unpacked, state, asideDirectory, owner);
  const log = await restoreEvidence(options, placer);
  const added = restoreAccounts(options, placer);
  restoreGrants(unpacked, state, log.takesUp, placer);
  for (const name of ['mode.json', 'exercise.json', 'observation.json', 'trusted-keys.json']) {
    if (!existsSync(join(state, name))) placer.put(name);
  }
  for (const name of namesIn(unpacked, 'authority')) placer.put(`authority/${name}`);
  restoreRecordings(unpacked, state, log.takesUp, placer);
  if (!keepsPolicy) {
    for (const name of ['previous', 'given-up', 'confirmed']) placer.put(`bundles/${name}.bundle`);
  }
  const { madeAt, keys, evidence, logKey: formerKey, checkpoint: former } = manifest;
  leaveForRecord(state, { kind: 'restored', madeAt, keys, evidence, formerKey, former, by });
  return [
    ...(keepsPolicy ? ['The policy of this box is not older than the one in the backup, and stays.'] : []),
    ...log.notes,
    ...(added === 0
      ? []
      : [
          `${added} accounts are as they were when the backup was made: disable again who was disabled since. Invitations and recovery codes are void, and codes of authenticators count again in a minute.`,
        ]),
    ...(manifest.keys
      ? []
      : [
          'No keys were in the backup: the box makes new ones, and operators, vendors and auditors have to be given them (penstock keys).',
        ]),
    ...(placer.aside().length === 0
      ? []
      : [`What was there before is in ${asideDirectory}: ${placer.aside().join(', ')}.`]),
  ];
}

/**
 * The evidence goes on with a new key in any case: two boxes that sign as one log would contradict each other, which is
 * what proves fraud. The former key, where it is in the backup, hands over to it and is then forgotten.
 */
async function restoreEvidence(
  { unpacked, config, manifest, owner }: RestoreStateOptions,
  placer: Placer,
): Promise<{ readonly takesUp: boolean; readonly notes: readonly string[] }> {
  const directory = join(config.state, 'evidence');
  // A log that was ever written has its key; a restore that was cut off leaves segments, and a key to hand over to.
  const has = readdirSync(directory).some((name) => /^log\.key(\.first)?$/.test(name));
  if (has)
    return {
      takesUp: false,
      notes: ['The evidence log of this box goes on; none of the backup was taken up.'],
    };
  const former = parseKey(manifest.logKey, sha256);
  if (former === undefined) return { takesUp: false, notes: [] };
  const notes = namesIn(unpacked, 'evidence').filter((name) => name !== 'log.key' && name !== 'log.pub');
  const placed = manifest.evidence ? notes : [];
  // Segments of two backups are no log.
  for (const name of readdirSync(directory)) if (!placed.includes(name)) placer.setAside(`evidence/${name}`);
  if (manifest.evidence) for (const name of notes) placer.put(`evidence/${name}`);
  else keepBeside(unpacked, directory, notes, owner);
  const files = openSegmentFiles(directory);
  const site = { site: config.site, gateway: config.gateway };
  const next = await makeNextKey(files, site);
  const secret = join(unpacked, 'evidence', 'log.key');
  const signers: HandoverSigner[] = [next];
  if (existsSync(secret)) {
    const key = createPrivateKey(readFileSync(secret));
    signers.unshift({ key: former, sign: (message) => sign(null, message, key) });
  }
  const { checkpoint } = manifest;
  const handover = makeHandover(former, next.key, checkpoint, signers);
  const why = `restored from the backup of ${new Date(manifest.madeAt).toISOString()}`;
  await files.replaceNote(HandoverFile, encodePending({ handover, checkpoint, why }));
  for (const name of readdirSync(directory)) {
    if (owner !== undefined) lchownSync(join(directory, name), owner.uid, owner.gid);
  }
  const vouched =
    signers.length > 1
      ? 'the former key hands over to it, so who has that one can follow'
      : 'nobody vouches for it but this box, so write it on the commissioning sheet';
  return {
    takesUp: manifest.evidence,
    notes: [`The evidence goes on with the key ${next.text}: ${vouched}.`],
  };
}

/** The last checkpoint and what witnesses said of it, for who holds the former log to it. */
function keepBeside(
  unpacked: string,
  directory: string,
  names: readonly string[],
  owner: Account | undefined,
): void {
  const beside = join(directory, 'former');
  makeStateDirectory(beside, 0o750, owner);
  for (const name of [...names, 'log.pub']) {
    const from = join(unpacked, 'evidence', name);
    if (!existsSync(from)) continue;
    chmodSync(from, 0o640);
    if (owner !== undefined) chownSync(from, owner.uid, owner.gid);
    renameSync(from, join(beside, name));
  }
}

/** Those this box has stay as they are: they are what was decided last. @returns how many were added */
function restoreAccounts({ unpacked, config, now }: RestoreStateOptions, placer: Placer): number {
  const names = namesIn(unpacked, 'access/accounts').filter(
    (name) => !existsSync(join(config.state, 'access/accounts', name)),
  );
  for (const name of names) {
    restoreAccount(join(unpacked, 'access/accounts', name), now);
    placer.put(`access/accounts/${name}`);
  }
  return names.length;
}

/**
 * What was open does not come back. A grant that the log at hand tells of is ended on record at the next start; of
 * others, those that were over are kept for their receipts.
 */
function restoreGrants(unpacked: string, state: string, isOnRecord: boolean, placer: Placer): void {
  for (const name of namesIn(unpacked, 'access/grants')) {
    if (existsSync(join(state, 'access/grants', name))) continue;
    if (isOnRecord || isOver(join(unpacked, 'access/grants', name))) placer.put(`access/grants/${name}`);
  }
}

function isOver(file: string): boolean {
  try {
    const { grant } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly grant?: { readonly phase?: unknown };
    };
    return grant?.phase === 'closed' || grant?.phase === 'refused';
  } catch {
    return false;
  }
}

/** A key of another box opens its recordings and seals no new ones where this box has one of its own. */
function restoreRecordings(unpacked: string, state: string, isOnRecord: boolean, placer: Placer): void {
  const key = join(unpacked, 'recordings', 'key');
  const own = join(state, 'recordings', 'key');
  if (existsSync(key) && existsSync(own) && !readFileSync(own).equals(readFileSync(key))) {
    const print = createHash('sha256').update(readFileSync(key)).digest('hex').slice(0, 8);
    renameSync(key, `${key}.${print}`);
  }
  for (const name of namesIn(unpacked, 'recordings')) {
    const isFolder = !/^key(\.|$)/.test(name);
    if (!isFolder) placer.put(`recordings/${name}`);
    else if (isOnRecord)
      for (const one of namesIn(unpacked, `recordings/${name}`)) placer.put(`recordings/${name}/${one}`);
  }
  if (isOnRecord) placer.put('syslog/cursor');
}

function namesIn(root: string, folder: string): readonly string[] {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path).sort() : [];
}
