import { readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { createLog } from '../log.ts';
import { makeDirectories } from '../run/directories.ts';
import { gatewayProcesses } from '../run/processes.ts';
import { supervise } from '../run/supervisor.ts';

/**
 * `penstock run`: starts and supervises the gateway's processes until SIGTERM or SIGINT.
 * @returns exit status 0 after an orderly stop
 * @throws GatewayError where the configuration, a key or a right is missing; nothing was started then
 */
export async function run(options: { readonly config: string }): Promise<number> {
  const config = readConfig(options.config);
  readTrustedKeys(config.trustedKeys);
  const log = createLog('supervisor');
  const asRoot = process.getuid?.() === 0;
  if (config.backEnd === 'kernel' && !asRoot) {
    throw new GatewayError(
      'PST_ERR_CAPABILITY',
      'The kernel back end is started by root, which hands out the rights.',
    );
  }
  if (asRoot && config.users === undefined) {
    log.warn(
      'no users are configured: the processes keep only their capabilities but share the root account',
    );
  }
  makeDirectories(config, asRoot);
  const supervisor = supervise(gatewayProcesses(config, asRoot), {
    started: (name, pid) => log.info({ process: name, startedPid: pid }, 'started'),
    died: (name, how, nextStartInMs) =>
      log.error({ process: name, how, nextStartInMs }, 'ended, starting again'),
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  await supervisor.stop();
  return 0;
}
