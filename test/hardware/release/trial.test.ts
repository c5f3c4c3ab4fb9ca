import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { scratch } from './staged.ts';

const child = fileURLToPath(new URL('trial-child.ts', import.meta.url));
const returnScript = fileURLToPath(new URL('../../../hardware/release/return.sh', import.meta.url));

describe('a trial', () => {
  test('keeps a release that enforces, and the one before it to go back to', () => {
    const box = newBox();
    expect(box.tryRelease('0.2.0', '', 'well')).toEqual({ kept: true });
    expect(box.stands()).toEqual({ current: '0.2.0', previous: '0.1.0', units: '0.2.0', trial: false });
    box.add('0.3.0');
    expect(box.tryRelease('0.3.0', '', 'well')).toEqual({ kept: true });
    expect(box.releases()).toEqual(['0.2.0', '0.3.0']);
  });

  test.for(['dead', 'deaf', 'dying again and again'])('leaves a release that is %s', (health) => {
    const box = newBox();
    expect(box.tryRelease('0.2.0', '', health)).toMatchObject({ kept: false });
    expect(box.stands()).toEqual({ current: '0.1.0', previous: '', units: '0.1.0', trial: false });
    expect(box.releases()).toEqual(['0.1.0']);
    expect(readFileSync(join(box.home, 'returned'), 'utf8')).toMatch(/^0\.2\.0\n0\.1\.0\n(It|Its) .+\n$/);
  });

  test('leaves a release whose installer fails', () => {
    const box = newBox();
    writeFileSync(join(box.home, 'releases/0.2.0/hardware/install.sh'), '#!/bin/sh\nexit 1\n');
    expect(box.tryRelease('0.2.0', '', 'well')).toMatchObject({ kept: false });
    expect(box.stands()).toMatchObject({ current: '0.1.0', units: '0.1.0', trial: false });
  });

  test('keeps any release on a box that has nothing to enforce', () => {
    const box = newBox();
    writeFileSync(join(box.home, 'stopped'), '');
    expect(box.tryRelease('0.2.0', '', 'dead')).toEqual({ kept: true });
  });

  test('looks at a release that starts a gateway which was stopped', () => {
    const box = newBox();
    writeFileSync(join(box.home, 'stopped'), '');
    script(join(box.home, 'releases/0.2.0/hardware/install.sh'), `rm ${join(box.home, 'stopped')}`);
    expect(box.tryRelease('0.2.0', '', 'dead')).toMatchObject({ kept: false });
    expect(box.stands()).toMatchObject({ current: '0.1.0', units: '0.1.0', trial: false });
  });

  describe.for(['well', 'dead'])('of a release that is %s', (health) => {
    test.for(['arm', 'mark', 'switch', 'settle', 'watch', 'keep', 'return', 'clean'])(
      'killed before "%s" leaves one version once the box has started again',
      (step) => {
        const box = newBox();
        box.tryRelease('0.2.0', step, health);
        box.startAgain();
        const kept = health === 'well' && ['return', 'clean'].includes(step);
        const version = kept ? '0.2.0' : '0.1.0';
        expect(box.stands()).toMatchObject({ current: version, units: version, trial: false });
        expect(box.releases()).toContain(version);
        // And again: what was returned from once is not returned from a second time.
        box.startAgain();
        expect(box.stands()).toMatchObject({ current: version, units: version, trial: false });
      },
    );
  });

  test.for([1, 2, 3, 4, 5, 6])(
    'a return cut off after %i of its commands is finished at the next start',
    (commands) => {
      const box = newBox();
      box.tryRelease('0.2.0', 'watch', 'well');
      box.startAgain(commands);
      box.startAgain();
      expect(box.stands()).toMatchObject({ current: '0.1.0', units: '0.1.0', trial: false });
      expect(readFileSync(join(box.home, 'returned'), 'utf8')).toMatch(/^0\.2\.0\n0\.1\.0\n.+\n$/);
    },
  );
});

/** A box in a folder: two releases, the first of them current. */
function newBox() {
  const home = join(scratch(), 'opt');
  const version = (link: string) =>
    existsSync(join(home, link)) ? readlinkSync(join(home, link)).slice('releases/'.length) : '';
  mkdirSync(join(home, 'releases'), { recursive: true });
  mkdirSync(join(home, '../bin'));
  script(join(home, '../bin/systemctl'), '[ "$2" != is-active ]');
  const box = {
    home,
    add: (name: string) => {
      const hardware = join(home, 'releases', name, 'hardware');
      mkdirSync(join(hardware, 'release'), { recursive: true });
      cpSync(returnScript, join(hardware, 'release/return.sh'));
      script(join(hardware, 'install.sh'), `echo ${name} >${join(home, 'units')}`);
    },
    /** How the trial ended, or undefined where it was killed. */
    tryRelease: (name: string, killAt: string, health: string): unknown => {
      const said = spawnSync(process.execPath, [child, home, `releases/${name}`, killAt, health], {
        encoding: 'utf8',
        env,
      });
      if (said.stderr !== '') throw new Error(said.stderr);
      return said.stdout === '' ? undefined : JSON.parse(said.stdout);
    },
    /** What penstock-return.service does at boot, cut off after so many commands of its script. */
    startAgain: (commands = Number.POSITIVE_INFINITY) => {
      if (!existsSync(join(home, 'trial'))) return;
      const cutting = Number.isFinite(commands)
        ? `trap 'n=$((\${n:-0}+1)); [ $n -le ${commands} ] || kill -9 $$' DEBUG; set -T; `
        : '';
      const source = `${cutting}set -- ${home}; . ${join(home, 'trial/hardware/release/return.sh')}`;
      spawnSync('bash', ['-c', source], { env });
    },
    stands: () => ({
      current: version('current'),
      previous: version('previous'),
      units: readFileSync(join(home, 'units'), 'utf8').trim(),
      trial: existsSync(join(home, 'trial')),
    }),
    releases: () => readdirSync(join(home, 'releases')),
  };
  const env = { ...process.env, PATH: `${join(home, '../bin')}:${process.env['PATH']}` };
  box.add('0.1.0');
  box.add('0.2.0');
  symlinkSync('releases/0.1.0', join(home, 'current'));
  writeFileSync(join(home, 'units'), '0.1.0\n');
  return box;
}

function script(path: string, command: string): void {
  writeFileSync(path, `#!/bin/sh\n${command}\n`);
  chmodSync(path, 0o755);
}
