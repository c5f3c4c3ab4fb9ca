/** @module-tag deep: another host; hardware/release/trial.test.ts shows the trial of a release. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { lacks } from '../../tools.ts';
import { startTraffic, type Traffic } from '../../traffic.ts';
import { type InstalledBox, installBox } from './box.ts';

/** `all`, as the slow suite says: every way a release can fail, and not the first alone. */
const everyWay = process.env['PENSTOCK_RELEASES'] === 'all';

/** Milliseconds; a busy machine fails no test. */
const Patience = 900_000;

/** Releases that do not enforce, made of the real one. */
const Spoiled: readonly Spoil[] = [
  {
    version: '0.3.1',
    name: 'whose engine dies',
    file: 'gateway/engine/main.ts',
    edit: (text: string) => `process.exit(1);\n${text}`,
  },
  {
    version: '0.3.2',
    name: 'whose inspectors never listen',
    file: 'gateway/inspector/transparent-carrier.ts',
    edit: (text: string) =>
      text.replace('const wanted =', "if (shards.length > 0) throw new Error('deaf');\nconst wanted ="),
  },
  {
    version: '0.3.3',
    name: 'whose table does not read back',
    file: 'gateway/enforce/kernel/ruleset-switch.ts',
    edit: (text: string) => text.replace('= differences(ruleset, listed);', "= ['something else'];"),
  },
];

interface Spoil {
  readonly version: string;
  readonly name: string;
  readonly file: string;
  readonly edit: (text: string) => string;
}

/**
 * One box through its years: installed from the archive with no network but the plant's, updated, spoiled, cut off in
 * the middle. The tests stand in an order; each starts with the box that the one before leaves.
 */
describe.skipIf(lacks('systemd', 'systemd-nspawn'))('a box under systemd', () => {
  let box: InstalledBox;
  let traffic: Traffic;

  beforeAll(async () => {
    box = await installBox();
    traffic = await startTraffic(box);
  }, Patience);
  afterAll(async () => {
    await traffic?.stop();
    await box?.close();
  }, Patience);

  test('is installed from the archive alone, with the Debian package that was missing', async () => {
    const { stdout } = await box.container.inside('dpkg-query', '--show', 'netbase');
    expect(stdout).toBe('netbase\t6.4\n');
    expect(existsSync(join(box.container.root, 'etc/protocols'))).toBe(true);
    expect(box.current()).toBe('0.1.0');
  });

  test(
    'is updated, and keeps what enforces: plain flows lose nothing, inspected ones open again',
    async () => {
      const archive = box.bring(box.releases.variant('0.2.0'));
      expect(await box.update('--dry-run', archive)).toMatchObject({
        status: 0,
        stderr: '',
        stdout: expect.stringContaining('0.2.0 could run here'),
      });
      expect(box.current()).toBe('0.1.0');

      const began = Date.now();
      expect(await box.update(archive)).toMatchObject({ status: 0, stderr: '' });
      const lasted = Date.now() - began;
      const gap = traffic.longestUnanswered(began);
      console.log(`update ${lasted} ms; longest without an inspected transaction ${gap} ms`);
      expect(box.current()).toBe('0.2.0');
      await stillEnforces();
      const acts = await box.acts();
      expect(acts).toMatch(/software 0\.1\.0 -> 0\.2\.0 began, by anna/);
      expect(acts).toMatch(/software 0\.1\.0 -> 0\.2\.0 kept, by anna/);
    },
    Patience,
  );

  test.for(everyWay ? Spoiled : Spoiled.slice(0, 1))(
    'leaves a release $name by itself',
    { timeout: Patience },
    async ({ version, file, edit }) => {
      const archive = box.bring(box.releases.variant(version, { [file]: edit }));
      const { status, stderr } = await box.update('--within', '15s', archive);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('0.2.0 runs again') });
      expect(box.current()).toBe('0.2.0');
      await stillEnforces();
      const returned = new RegExp(`software ${version.replaceAll('.', '\\.')} -> 0\\.2\\.0 returned`);
      await eventually('the return on record', async () =>
        returned.test(await box.acts()) ? true : undefined,
      );
    },
  );

  test(
    'whose power is cut while a release is on trial starts with the former one',
    async () => {
      const archive = box.bring(box.releases.variant('0.4.0'));
      const update = box.startUpdate(archive);
      await update.says(/looking whether it enforces/, Patience);
      expect(box.current()).toBe('0.4.0');
      await box.container.cutPower();
      await box.container.boot();
      expect(box.current()).toBe('0.2.0');
      await stillEnforces();
      expect(existsSync(join(box.container.root, 'opt/penstock/trial'))).toBe(false);
      await eventually('the return on record', async () =>
        /software 0\.4\.0 -> 0\.2\.0 returned.*started again/.test(await box.acts()) ? true : undefined,
      );
    },
    Patience,
  );

  test.runIf(everyWay)(
    'returns in time when penstock update itself is killed',
    async () => {
      const units = join(box.container.root, 'etc/systemd/system/penstock-return.timer.d');
      mkdirSync(units);
      writeFileSync(join(units, 'soon.conf'), '[Timer]\nOnActiveSec=\nOnActiveSec=90s\n');
      const update = box.startUpdate(box.bring(box.releases.variant('0.5.0')));
      const [, pid] = await update.says(/^pid (\d+)$/m);
      await update.says(/looking whether it enforces/, Patience);
      await box.container.inside('kill', '-9', pid ?? '');
      await eventually('the former release', () => (box.current() === '0.2.0' ? true : undefined));
      await stillEnforces();
      // Its processes start again after the link has moved; only then is the trial over.
      await eventually('the end of the return', () =>
        existsSync(join(box.container.root, 'opt/penstock/trial')) ? undefined : true,
      );
    },
    Patience,
  );

  test.runIf(everyWay)(
    'goes back to the release before, by a named person',
    async () => {
      expect(await box.update('--back')).toMatchObject({ status: 0, stderr: '' });
      expect(box.current()).toBe('0.1.0');
      await stillEnforces();
      expect(await box.acts()).toMatch(/software 0\.2\.0 -> 0\.1\.0 kept, by anna/);
    },
    Patience,
  );

  async function stillEnforces(): Promise<void> {
    await box.enforcing();
    await traffic.answeredAfter(Date.now());
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
  }
});
