import { Unopenable } from '../backup/age.ts';
import { restoreBackup } from '../backup/restore.ts';
import { systemClock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { ExitStatus, UsageError } from './output.ts';
import { readPassphrase } from './passphrase.ts';
import { findPerson } from './person.ts';

export interface RestoreCommandOptions {
  readonly config: string;
  readonly passphraseFile?: string;
  readonly ontoThisBox?: boolean;
  readonly by?: string;
  readonly json?: boolean;
}

/**
 * `penstock restore FILE`: puts a backup onto a box whose gateway is stopped (62443-3-3 SR 7.4). The restore itself goes
 * on record at the next start.
 * @returns 1 when it is refused; nothing was changed then
 * @throws UsageError, GatewayError PST_ERR_CONFIG, PST_ERR_KEY_READ, PST_ERR_STATE_DIR
 */
export async function restore(file: string, options: RestoreCommandOptions): Promise<number> {
  const passphrase = await readPassphrase(options.passphraseFile, false);
  const outcome = await restoreBackup({
    file,
    passphrase,
    configFile: options.config,
    onThisBox: options.ontoThisBox === true,
    by: findPerson(options.by) || 'root',
    now: systemClock.wall(),
  }).catch((cause: unknown) => explain(file, cause));
  if (!outcome.ok) {
    const { sentence, remedy } = outcome;
    if (options.json === true) console.log(JSON.stringify({ sentence, remedy }));
    else console.error(`${sentence}\n  ${remedy}`);
    return ExitStatus.refused;
  }
  const { manifest, config, policyVersion, notes } = outcome;
  const { site, gateway, madeAt } = manifest;
  if (options.json === true) {
    console.log(JSON.stringify({ site, gateway, madeAt, policyVersion, notes }));
    return ExitStatus.good;
  }
  const policy = policyVersion === 0 ? 'no policy' : `policy version ${policyVersion}`;
  console.log(
    [
      `${site} ${gateway} as it was on ${new Date(madeAt).toISOString()}: ${policy}`,
      ...notes.map((note) => `  ${note}`),
      `Look it over with penstock doctor --config ${config.file}, then start it: sudo systemctl start penstock.target.`,
    ].join('\n'),
  );
  return ExitStatus.good;
}

function explain(file: string, cause: unknown): never {
  if (cause instanceof Unopenable) {
    const [sentence, remedy] = Problems[cause.problem];
    throw new UsageError(`${file} ${sentence}`, remedy);
  }
  if (cause instanceof GatewayError || !(cause instanceof Error && 'code' in cause)) throw cause;
  throw new UsageError(
    `The backup cannot be restored: ${cause.message}.`,
    'Run this as root, on a box that hardware/install.sh has prepared.',
  );
}

const Problems: Readonly<Record<Unopenable['problem'], readonly [string, string]>> = {
  'no-backup': ['is no backup.', 'Name a file that penstock backup wrote.'],
  passphrase: ['does not open with this passphrase.', 'Try again; nothing was changed.'],
  changed: [
    'is not as it was written: it was changed or damaged.',
    'Take another copy; nothing was changed on this box.',
  ],
};
