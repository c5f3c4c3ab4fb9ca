import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../config.ts';
import type { Enforcement } from '../enforce/enforcement.ts';
import type { DropSummary } from '../enforce/kernel/drop-summary.ts';
import { createKernelEnforcement } from '../enforce/kernel/kernel-enforcement.ts';
import { createProxyEnforcement } from '../enforce/proxy-enforcement.ts';
import { GatewayError } from '../errors.ts';
import { createLog } from '../log.ts';
import { findAccount } from '../run/account.ts';
import { startEngine } from './engine.ts';

/** `node gateway/engine/main.ts --config FILE [--supervised]`: the engine process. */
const log = createLog('engine');

try {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, supervised: { type: 'boolean', default: false } },
  });
  const config = readConfig(values.config ?? '/etc/penstock/gateway.yaml');
  const engine = await startEngine(config, (onDrops) => createEnforcement(config, onDrops), log);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void engine.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  // Ctrl-C reaches the whole process group; the supervisor ends its processes in their order.
  process.on('SIGINT', values.supervised ? () => undefined : end);
  if (values.supervised) {
    process.stdin.resume();
    process.stdin.once('end', end);
    process.stdin.once('error', end);
  }
} catch (cause) {
  fail(cause);
}

// A bug ends the engine: the kernel's table and the inspectors go on under the policy in force.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

function createEnforcement(config: Config, onDrops: (summary: DropSummary) => void): Enforcement {
  if (config.backEnd === 'proxy') return createProxyEnforcement();
  const front = config.users === undefined ? undefined : findAccount(config.users.front).uid;
  return createKernelEnforcement({ log, frontUid: front, onDrops });
}

function fail(cause: unknown): void {
  if (cause instanceof GatewayError) log.fatal({ code: cause.code, remedy: cause.remedy }, cause.message);
  else log.fatal({ err: cause }, 'the engine met a defect of its own');
  process.exit(cause instanceof GatewayError ? 3 : 70);
}
