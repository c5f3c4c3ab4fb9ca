import type { Config } from '../config.ts';
import type { Enforcement } from '../enforce/enforcement.ts';
import type { DropSummary } from '../enforce/kernel/drop-summary.ts';
import { createKernelEnforcement } from '../enforce/kernel/kernel-enforcement.ts';
import { createProxyEnforcement } from '../enforce/proxy-enforcement.ts';
import { createLog } from '../log.ts';
import { findAccount } from '../run/account.ts';
import { liveAsChild } from '../run/child.ts';
import { startEngine } from './engine.ts';

/** `node gateway/engine/main.ts --config FILE [--supervised]`: the engine process. */
const log = createLog('engine');

await liveAsChild(log, (config) => startEngine(config, (onDrops) => createEnforcement(config, onDrops), log));

function createEnforcement(config: Config, onDrops: (summary: DropSummary) => void): Enforcement {
  if (config.backEnd === 'proxy') return createProxyEnforcement();
  const { users } = config;
  const barredUids =
    users === undefined ? [] : [users.front, users.inspector].map((one) => findAccount(one).uid);
  const dialerUid = users === undefined ? (process.getuid?.() ?? 0) : findAccount(users.inspector).uid;
  return createKernelEnforcement({ log, barredUids, dialerUid, onDrops });
}
