import { lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../gateway/config.ts';
import { makeDirectories } from '../../../gateway/run/directories.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-dirs-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const config = (users?: Config['users']): Config =>
  ({ state: join(home, 'state'), run: join(home, 'run'), users }) as Config;
const modeOf = (path: string): string => (statSync(join(home, path)).mode & 0o7777).toString(8);

describe('the directories of a gateway', () => {
  test('let each role in where its socket is, and nowhere else', () => {
    makeDirectories(config(), false);
    const paths = [
      'state',
      'run',
      'run/control',
      'run/inspector',
      'run/front',
      'run/carriers',
      'run/counters',
    ];
    expect(paths.map(modeOf)).toEqual(['750', '755', '700', '2750', '2750', '2750', '2770']);
  });

  test('are made again as they should be, whatever they were', () => {
    mkdirSync(join(home, 'run/control'), { recursive: true, mode: 0o777 });
    makeDirectories(config(), false);
    expect(modeOf('run/control')).toBe('700');
  });

  test('are never reached through a link: an engine that was taken over could give itself any directory', () => {
    mkdirSync(join(home, 'run'));
    mkdirSync(join(home, 'etc'), { mode: 0o755 });
    symlinkSync(join(home, 'etc'), join(home, 'run/control'));
    expect(() => makeDirectories(config(), false)).toThrow(
      expect.objectContaining({ code: 'PST_ERR_SOCKET', message: expect.stringContaining('run/control') }),
    );
    expect(modeOf('etc')).toBe('755');
    expect(lstatSync(join(home, 'run/control')).isSymbolicLink()).toBe(true);
  });

  test('that cannot be made are named, with a remedy', () => {
    writeFileSync(join(home, 'state'), '');
    expect(() => makeDirectories(config(), false)).toThrow(
      expect.objectContaining({
        code: 'PST_ERR_STATE_DIR',
        message: expect.stringContaining(join(home, 'state')),
        remedy: expect.stringContaining('gateway.yaml'),
      }),
    );
  });

  test.skipIf(process.getuid?.() !== 0)('belong to the engine, and the role’s group may enter', () => {
    makeDirectories(config({ engine: '64811', inspector: '64812', front: '64813' }), true);
    const owner = (path: string) => {
      const { uid, gid } = statSync(join(home, path));
      return [uid, gid];
    };
    expect(owner('state')).toEqual([64811, 64811]);
    expect(owner('run/control')).toEqual([64811, 64811]);
    expect(owner('run/inspector')).toEqual([64811, 64812]);
    expect(owner('run/front')).toEqual([64811, 64813]);
    // The inspectors make sockets there; the front may only connect.
    expect(owner('run/carriers')).toEqual([64812, 64813]);
    // And count there; the engine reads it and removes it.
    expect(owner('run/counters')).toEqual([64812, 64811]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'have a place for what was handed to a collector, of who hands it',
    () => {
      const users = { engine: '64811', inspector: '64812', front: '64813', syslog: '64814' };
      const syslog = {
        to: { address: '10.20.0.5', port: 6514 },
        name: 'c',
        authority: '',
        identity: undefined,
      };
      makeDirectories({ ...config(users), syslog }, true);
      const { uid, gid } = statSync(join(home, 'state', 'syslog'));
      expect([uid, gid]).toEqual([64814, 64811]);
    },
  );

  test('of an account that does not exist are not made', () => {
    expect(() =>
      makeDirectories(config({ engine: 'nobody-has-this', inspector: '1', front: '1' }), true),
    ).toThrow(
      expect.objectContaining({
        code: 'PST_ERR_CONFIG',
        message: expect.stringContaining('nobody-has-this'),
      }),
    );
  });
});
