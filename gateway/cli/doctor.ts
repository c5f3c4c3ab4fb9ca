import { existsSync } from 'node:fs';
import type { Board } from '../../hardware/board.ts';
import { openBoard } from '../../hardware/detect.ts';
import { examineTty } from '../../hardware/serial-ports.ts';
import { type Config, readConfig } from '../config.ts';
import { checkBoot } from './doctor/boot-checks.ts';
import {
  checkBoard,
  checkClock,
  checkDisk,
  checkForwarding,
  checkRuntime,
  checkSettings,
} from './doctor/box-checks.ts';
import { type Check, note, obstacles } from './doctor/check.ts';
import { checkDataPath } from './doctor/data-path-check.ts';
import { checkGpio } from './doctor/gpio-checks.ts';
import { checkKernel } from './doctor/kernel-checks.ts';
import { tryKernel } from './doctor/kernel-trials.ts';
import { checkLegs, checkReturnPaths, kernelRoute } from './doctor/leg-checks.ts';
import { checkPair } from './doctor/pair-checks.ts';
import { checkRights, readRights } from './doctor/rights.ts';
import { checkSerial, mayOpenTty } from './doctor/serial-checks.ts';
import { checkBundle, checkKeys, checkListeners, checkUsers, fromError } from './doctor/site-checks.ts';
import { formatAbility, formatChecks } from './doctor/text.ts';

/**
 * `penstock doctor`: what this box can enforce and what not, and why. Everything is tried, nothing taken
 * from a version number; the trials happen in a network namespace of their own.
 * @returns 0 when the configured back end can run here (without a configuration: when any can), 1 when not
 */
export async function doctor(options: {
  readonly config?: string;
  readonly json?: boolean;
}): Promise<number> {
  const board = openBoard();
  const { config, checks: siteChecks } = await checkSite(options.config, board);
  const rights = readRights();
  const trials = await tryKernel({
    namespace: rights.effective.has('CAP_SYS_ADMIN'),
    nft: rights.effective.has('CAP_NET_ADMIN'),
  });
  const checks: readonly Check[] = [
    checkRuntime(),
    checkRights(rights),
    checkClock(),
    checkDisk(config?.state ?? '/var/lib/penstock'),
    ...checkBoard(board),
    ...checkGpio(board, config),
    ...(config?.backEnd === 'proxy' ? [] : checkBoot()),
    ...checkForwarding(),
    // Who is not root is told so above; that it cannot set anything is no news then.
    ...(rights.isRoot ? [checkSettings()] : []),
    ...checkKernel(trials),
    ...(config?.backEnd === 'proxy' ? [] : [await checkDataPath(config?.dataPath ?? 'auto')]),
    ...siteChecks,
  ];
  const configured = config?.backEnd;
  const kernel = obstacles(checks, 'kernel', configured);
  const proxy = obstacles(checks, 'proxy', configured);
  const wrongConfig = checks.some(({ code, state }) => code === 'config' && state === 'lacking');
  const able = { kernel: kernel.length === 0, proxy: proxy.length === 0 };
  if (options.json === true) console.log(JSON.stringify({ configured: configured ?? '', able, checks }));
  else {
    console.log(formatChecks(checks));
    console.log(`\nWhat this box can enforce\n${formatAbility('kernel', kernel)}`);
    console.log(formatAbility('proxy', proxy));
  }
  if (wrongConfig) return 1;
  return (configured === undefined ? able.kernel || able.proxy : able[configured]) ? 0 : 1;
}

async function checkSite(
  file: string | undefined,
  board: Board,
): Promise<{ readonly config: Config | undefined; readonly checks: readonly Check[] }> {
  if (file === undefined || !existsSync(file)) return { config: undefined, checks: [withoutConfig(file)] };
  let config: Config;
  try {
    config = readConfig(file);
  } catch (error) {
    return { config: undefined, checks: [fromError('config', 'Configuration', error)] };
  }
  const { check: keyCheck, keys } = checkKeys(config);
  const { check: bundleCheck, judgement } = checkBundle(config, keys);
  const judged = judgement?.ok === true ? judgement.policy : undefined;
  const policy = config.backEnd === 'kernel' ? judged : undefined;
  const checks = [
    keyCheck,
    bundleCheck,
    ...checkUsers(config),
    ...(await checkListeners(config)),
    ...checkSerial(config, judged, {
      ports: board.serialPorts.list(),
      examine: examineTty,
      mayOpen: mayOpenTty(config.users !== undefined),
    }),
    ...(policy === undefined ? [] : checkLegs(policy, board.interfaces.list())),
    ...(policy === undefined ? [] : checkReturnPaths(policy, kernelRoute)),
    ...(policy === undefined ? [] : checkPair(policy)),
  ];
  return { config, checks };
}

function withoutConfig(file: string | undefined): Check {
  return note(
    'no-config',
    'Configuration',
    file === undefined ? 'none given' : `${file} does not exist`,
    'Keys, bundle, interfaces and listeners were not looked at.',
    'Give one with --config; hardware/gateway.example.yaml shows every key.',
  );
}
