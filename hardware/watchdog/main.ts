import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { HardwareError } from '../errors.ts';
import { guardKernelTable } from './guard.ts';
import { lookAtKernelTable } from './kernel-table.ts';
import { openRebootHistory } from './reboot-history.ts';
import { findWatchdog, type Watchdog } from './watchdog.ts';

/**
 * The process of penstock-watchdog.service. It holds the watchdog because it needs nothing from the engine:
 * a watchdog held by the engine would reboot a plant's gateway for the engine's own faults.
 */
async function main(): Promise<number> {
  const { state, ask } = readArguments();
  const { watchdog, timeoutSeconds } = openWatchdog();
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const periodMs = (timeoutSeconds * 1000) / LooksPerTimeout;
  const end = await guardKernelTable({
    watchdog,
    history: openRebootHistory(`${state}/reboots`),
    look: () => lookAtKernelTable(),
    restartEngine: () => writeFileSync(ask, `${uptimeMs()}\n`),
    uptime: uptimeMs,
    pause: () => pause(periodMs, stop.signal),
    report: (sentence) => console.log(sentence),
  });
  // Leaving would close the device and systemd would start a new guard; staying quiet lets it run out.
  if (end === 'rebooting') await new Promise(() => setInterval(() => undefined, 3_600_000));
  return 0;
}

/** A box whose watchdog is missing or held by another is guarded all the same: the engine is restarted. */
function openWatchdog(): { readonly watchdog: Watchdog | undefined; readonly timeoutSeconds: number } {
  const found = findWatchdog();
  if (found.state === 'absent') {
    console.log(`${found.why} The engine is still restarted when needed.`);
    return { watchdog: undefined, timeoutSeconds: DefaultTimeoutSeconds };
  }
  const { name, timeoutSeconds, causedLastBoot } = found.part;
  if (causedLastBoot) console.log(`The last start was caused by ${name}.`);
  try {
    return { watchdog: found.part.open(), timeoutSeconds };
  } catch (error) {
    if (!(error instanceof HardwareError)) throw error;
    console.error(`${error.code} ${error.message} ${error.remedy}`);
    return { watchdog: undefined, timeoutSeconds };
  }
}

function readArguments(): { readonly state: string; readonly ask: string } {
  const { values } = parseArgs({ options: { state: { type: 'string' }, ask: { type: 'string' } } });
  if (values.state === undefined || values.ask === undefined) {
    console.error('usage: main.ts --state DIRECTORY --ask FILE');
    process.exit(2);
  }
  return { state: values.state, ask: values.ask };
}

function uptimeMs(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
}

function pause(ms: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

const DefaultTimeoutSeconds = 15;
/** The look itself may take 5 s: a third of the shortest time-out, and one keep-alive may still be lost. */
const LooksPerTimeout = 5;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof HardwareError)) throw error;
  console.error(`${error.code} ${error.message}\n${error.remedy}`);
  process.exitCode = 3;
}
