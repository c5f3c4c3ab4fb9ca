import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { createLog } from '../log.ts';
import { makeDirectories } from '../run/directories.ts';
import { gatewayProcesses } from '../run/processes.ts';
import { supervise } from '../run/supervisor.ts';
import { type Capability, readRights } from './doctor/rights.ts';
import { ExitStatus } from './output.ts';
import { askedToStop } from './stop-signal.ts';

/**
 * `penstock run`: starts and supervises the gateway's processes until it is asked to stop.
 * @returns exit status 0 after an orderly stop
 * @throws GatewayError where the configuration, a key or a right is missing; nothing was started then
 */
export async function run(options: { readonly config: string }): Promise<number> {
  const stop = askedToStop();
  const config = readConfig(options.config);
  readTrustedKeys(config.trustedKeys);
  const asRoot = process.getuid?.() === 0;
  requireRights(config, asRoot);
  const log = createLog('supervisor');
  if (asRoot && config.users === undefined) {
    log.warn(
      'no users are configured: the processes keep only their capabilities but share the root account',
    );
  }
  const processes = gatewayProcesses(config, asRoot);
  makeDirectories(config, asRoot);
  const supervisor = supervise(processes, {
    started: (name, pid) => log.info({ process: name, startedPid: pid }, 'started'),
    died: (name, how, nextStartInMs) =>
      log.error({ process: name, how, nextStartInMs }, 'ended, starting again'),
  });
  await stop;
  await supervisor.stop();
  return ExitStatus.good;
}

/** What would else be told by processes that cannot start, again and again. */
function requireRights(config: Config, asRoot: boolean): void {
  const lacking = (what: string): GatewayError => new GatewayError('PST_ERR_CAPABILITY', what);
  const isKernel = config.backEnd === 'kernel';
  if (!asRoot) {
    if (isKernel) throw lacking('The kernel back end is started by root, which hands out the rights.');
    return;
  }
  const needs: readonly Capability[] = [
    'CAP_SETPCAP',
    'CAP_NET_BIND_SERVICE',
    ...(isKernel ? (['CAP_NET_ADMIN', 'CAP_NET_RAW'] as const) : []),
    ...(config.users === undefined ? [] : (['CAP_SETUID', 'CAP_SETGID'] as const)),
  ];
  const { effective } = readRights();
  const missing = needs.filter((name) => !effective.has(name));
  if (missing.length > 0) throw lacking(`Root has no ${missing.join(', ')} here to hand out.`);
  if (!isOnPath('setpriv'))
    throw lacking('setpriv, which hands the rights out, is not here: install util-linux.');
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
