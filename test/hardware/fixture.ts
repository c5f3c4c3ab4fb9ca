import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A root directory that holds these files and nothing else, for as long as the test runs. */
export function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'penstock-board-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** What a CM4 shows of itself. */
export const Cm4Files = {
  'proc/device-tree/compatible': 'raspberrypi,4-compute-module\0brcm,bcm2711\0',
  'proc/device-tree/model': 'Raspberry Pi Compute Module 4 Rev 1.1\0',
  'proc/device-tree/serial-number': '10000000abcdef01\0',
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone0/temp': '48686\n',
  'sys/class/watchdog/watchdog0/identity': 'Broadcom BCM2835 Watchdog timer\n',
  'sys/class/watchdog/watchdog0/timeout': '15\n',
  'sys/class/watchdog/watchdog0/nowayout': '0\n',
  'dev/watchdog0': '',
} as const;
