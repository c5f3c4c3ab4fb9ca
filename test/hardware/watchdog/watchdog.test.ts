import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WatchdogDevice } from '../../../hardware/board.ts';
import { findWatchdog } from '../../../hardware/watchdog/watchdog.ts';
import { Cm4Files, rootWith } from '../fixture.ts';

test('the device is found with its time-out and without being opened', () => {
  const { device, written } = deviceIn({});
  expect(device).toMatchObject({
    name: 'Broadcom BCM2835 Watchdog timer',
    timeoutSeconds: 15,
    stoppable: true,
    causedLastBoot: false,
  });
  expect(written()).toBe('');
});

test('a keep-alive is never the byte that stops the timer, and an orderly stop is', () => {
  const { device, written } = deviceIn({});
  const running = device.open();
  running.keepAlive();
  running.keepAlive();
  expect(written()).toBe('\0\0');
  running.stop();
  expect(written()).toBe('\0\0V');
});

test('a driver that cannot be stopped says so, and one that restarted the box too', () => {
  const { device } = deviceIn({
    'sys/class/watchdog/watchdog0/nowayout': '1\n',
    'sys/class/watchdog/watchdog0/bootstatus': '32\n',
  });
  expect(device).toMatchObject({ stoppable: false, causedLastBoot: true });
});

test('a device that cannot be opened is a sentence with a remedy', () => {
  const { device, root } = deviceIn({});
  rmSync(join(root, 'dev'), { recursive: true });
  expect(() => device.open()).toThrow(
    expect.objectContaining({ code: 'PST_ERR_WATCHDOG_OPEN', remedy: expect.stringContaining('install.sh') }),
  );
});

test('a device that fails later is a sentence too, for the box is about to restart', () => {
  const { device, root } = deviceIn({});
  const running = device.open();
  running.stop();
  expect(root).not.toBe('');
  expect(() => running.keepAlive()).toThrow(expect.objectContaining({ code: 'PST_ERR_WATCHDOG_WRITE' }));
});

function deviceIn(more: Readonly<Record<string, string>>): {
  device: WatchdogDevice;
  root: string;
  written: () => string;
} {
  const root = rootWith({ ...Cm4Files, ...more });
  const found = findWatchdog(root);
  if (found.state === 'absent') throw new Error(found.why);
  return { device: found.part, root, written: () => readFileSync(join(root, 'dev/watchdog0'), 'utf8') };
}
