import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { boxSystem } from '../../../hardware/release/system.ts';
import { scratch } from './staged.ts';

const ours = fileURLToPath(new URL('../../../hardware/release', import.meta.url));

test('the return is on the medium before a trial goes on: its units, and that they are enabled', () => {
  const folder = scratch();
  const [home, units, bin, log] = ['opt', 'units', 'bin', 'log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const made of [units, bin]) mkdirSync(made);
  cpSync(ours, join(home, 'releases/0.1.0/hardware/release'), { recursive: true });
  for (const name of ['systemctl', 'sync']) {
    // What is there when it is called is what a sync puts on the medium.
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} "$@" "[$(ls ${units} | xargs)]" >>${log}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  try {
    boxSystem(home, '', units).arm('releases/0.1.0');
  } finally {
    vi.unstubAllEnvs();
  }
  const all = 'penstock-return-note.service penstock-return.service penstock-return.timer';
  expect(readdirSync(units).sort().join(' ')).toBe(all);
  const called = readFileSync(log, 'utf8').split('\n');
  const synced = called.indexOf(`sync -f ${units} [${all}]`);
  const enabled = called.findIndex((line) =>
    line.startsWith('systemctl --quiet enable penstock-return.service penstock-return-note.service '),
  );
  expect(enabled).toBeGreaterThanOrEqual(0);
  expect(synced).toBeGreaterThan(enabled);
  // Several updates that return within an hour are not one return that fails again and again.
  expect(called.some((line) => line.startsWith('systemctl reset-failed penstock-return.service '))).toBe(
    true,
  );
});

test('a return that cannot be done is given up until the next boot, and starts the engine again three times at most', () => {
  const [, unit = ''] =
    /^\[Unit\]$(.*?)^\[Service\]$/ms.exec(readFileSync(join(ours, 'penstock-return.service'), 'utf8')) ?? [];
  expect(unit).toMatch(/^StartLimitIntervalSec=1h$/m);
  expect(unit).toMatch(/^StartLimitBurst=3$/m);
});

test('a return that is not on record yet goes on record at the next start, and then no more', () => {
  const note = readFileSync(join(ours, 'penstock-return-note.service'), 'utf8');
  expect(note).toMatch(/^ConditionPathExists=\/opt\/penstock\/returned$/m);
  expect(note).toMatch(/^WantedBy=penstock\.target$/m);
});
