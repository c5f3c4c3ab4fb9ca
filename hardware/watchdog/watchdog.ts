import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { absent, type Part, present, type WatchdogDevice } from '../board.ts';
import { HardwareError } from '../errors.ts';
import { readKernelFile, readKernelNumber } from '../kernel-file.ts';

/** A running watchdog: the box restarts when {@link Watchdog.keepAlive} is not called within its timeout. */
export interface Watchdog {
  /** @throws HardwareError PST_ERR_WATCHDOG_WRITE */
  keepAlive(): void;
  /** Orderly stop: the box stays up. Nothing else may stop a watchdog, least of all the death of a process. */
  stop(): void;
}

/** The first watchdog of the box, by Linux watchdog API (`/dev/watchdog0`), not yet opened. */
export function findWatchdog(root = '/'): Part<WatchdogDevice> {
  const name = readKernelFile(root, `${Sys}/identity`);
  if (name === undefined) {
    return absent('The kernel shows no watchdog; load its driver (bcm2835_wdt, iTCO_wdt, sp5100_tco).');
  }
  return present({
    name,
    timeoutSeconds: Math.max(1, readKernelNumber(root, `${Sys}/timeout`) ?? DefaultTimeoutSeconds),
    stoppable: readKernelNumber(root, `${Sys}/nowayout`) !== 1,
    causedLastBoot: ((readKernelNumber(root, `${Sys}/bootstatus`) ?? 0) & CardReset) !== 0,
    open: () => openWatchdog(join(root, Device)),
  });
}

function openWatchdog(path: string): Watchdog {
  let fd: number;
  try {
    fd = openSync(path, 'w');
  } catch (cause) {
    throw new HardwareError('PST_ERR_WATCHDOG_OPEN', path, cause);
  }
  const write = (text: string): void => {
    try {
      writeSync(fd, text);
    } catch (cause) {
      throw new HardwareError('PST_ERR_WATCHDOG_WRITE', path, cause);
    }
  };
  return {
    keepAlive: () => write('\0'),
    stop: () => {
      write(MagicClose);
      closeSync(fd);
    },
  };
}

const Sys = 'sys/class/watchdog/watchdog0';
const Device = 'dev/watchdog0';
/** Only this byte, written last, lets a close stop the timer (kernel: Documentation/watchdog/watchdog-api.rst). */
const MagicClose = 'V';
/** `WDIOF_CARDRESET` of linux/watchdog.h. */
const CardReset = 0x20;
/** Of the two boards we know the shorter one: bcm2835_wdt runs out after 15 s. */
const DefaultTimeoutSeconds = 15;
