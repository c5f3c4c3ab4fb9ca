import { Type } from 'typebox';
import { listNetworkDevices } from '../../hardware/interfaces.ts';
import { leaveForRecord } from '../backup/to-record.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { systemClock } from '../clock.ts';
import { type Config, readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { GatewayRelease } from '../release.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { ExitStatus, UsageError } from './output.ts';
import { readPassphrase } from './passphrase.ts';
import { findPerson } from './person.ts';

export interface BackupCommandOptions {
  readonly config: string;
  readonly out: string;
  readonly withKeys?: boolean;
  readonly withEvidence?: boolean;
  readonly passphraseFile?: string;
  readonly by?: string;
  readonly json?: boolean;
}

/**
 * `penstock backup --out FILE`: the state of this box in one encrypted file, whether the gateway runs or not
 * (62443-3-3 SR 7.3). On record before it is made.
 * @returns 1 when it cannot be put on record; nothing is written then
 * @throws UsageError, GatewayError PST_ERR_CONFIG_READ, PST_ERR_CONFIG
 */
export async function backup(options: BackupCommandOptions): Promise<number> {
  const config = readConfig(options.config);
  const passphrase = await readPassphrase(options.passphraseFile, true);
  const keys = options.withKeys === true;
  const evidence = options.withEvidence === true;
  const by = findPerson(options.by);
  if (!(await putOnRecord(config, { keys, evidence, by }))) return ExitStatus.refused;
  const devices = listNetworkDevices().flatMap(({ name, mac, physical }) =>
    physical ? [{ name, mac }] : [],
  );
  const about = {
    keys,
    evidence,
    by: by || 'root',
    madeAt: systemClock.wall(),
    release: GatewayRelease,
    devices,
  };
  try {
    writeBackup({ ...about, config, out: options.out, passphrase });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UsageError(
      `The backup cannot be made: ${cause.message}.`,
      'Run this as root, with --out where there is room for it.',
    );
  }
  const parts = [
    'configuration, policy, accounts',
    ...(keys ? ['keys'] : []),
    ...(evidence ? ['evidence'] : []),
  ];
  console.log(
    options.json === true
      ? JSON.stringify({ out: options.out, keys, evidence })
      : `${options.out}: ${parts.join(', ')}\n  Nobody opens it without the passphrase. On another box: penstock restore ${options.out}`,
  );
  return ExitStatus.good;
}

/** By the engine; one that does not run finds it at its next start. */
async function putOnRecord(
  config: Config,
  about: { readonly keys: boolean; readonly evidence: boolean; readonly by: string },
): Promise<boolean> {
  try {
    const asked = {
      kind: 'life',
      id: 1,
      by: about.by,
      act: { what: 'back-up', keys: about.keys, evidence: about.evidence },
    } as const;
    const answer = await askEngine(controlSocket(config), asked, Type.Object({}));
    if (!answer.ok) explainNoAnswer(answer);
    return answer.ok;
  } catch (cause) {
    if (!(cause instanceof GatewayError) || cause.code !== 'PST_ERR_ENGINE_GONE') throw cause;
    try {
      leaveForRecord(config.state, { kind: 'backedUp', ...about, by: about.by || 'root' });
      return true;
    } catch {
      throw new UsageError(
        `${config.state} cannot be read and written.`,
        'Run this as root: sudo penstock backup.',
      );
    }
  }
}
