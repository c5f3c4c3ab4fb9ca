import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rootWith } from '../../hardware/fixture.ts';
import { lacks } from '../tools.ts';

const functions = fileURLToPath(new URL('../../../hardware/install-packages.sh', import.meta.url));

test.skipIf(lacks('dpkg'))(
  'an enclosed package takes the configuration that lies there already for right, and asks nobody',
  () => {
    const box = rootWith({
      'package/DEBIAN/control':
        'Package: pst-states\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a test\n',
      'package/DEBIAN/conffiles': '/etc/states/states.conf\n',
      'package/etc/states/states.conf': 'as shipped\n',
      'root/etc/states/states.conf': 'filled in\n',
      'dpkg/status': '',
      'dpkg/available': '',
    });
    for (const folder of ['enclosed', 'dpkg/info', 'dpkg/updates', 'dpkg/triggers'])
      mkdirSync(join(box, folder), { recursive: true });
    execFileSync('dpkg-deb', ['--build', join(box, 'package'), join(box, 'enclosed/states.deb')]);
    const script = `set -eu\n. ${functions}\nsay() { :; }\npair=no missing=' states'\ninstall_enclosed ${box}/enclosed\necho done\n`;
    writeFileSync(join(box, 'script'), script);
    const said = spawnSync('sh', [join(box, 'script')], {
      encoding: 'utf8',
      input: '',
      // A system of its own: nothing of this machine's is installed over.
      env: { ...process.env, DPKG_ROOT: join(box, 'root'), DPKG_ADMINDIR: join(box, 'dpkg') },
    });
    expect(said, said.stdout + said.stderr).toMatchObject({ status: 0 });
    expect(said.stdout).toMatch(/^done$/m);
    expect(readFileSync(join(box, 'root/etc/states/states.conf'), 'utf8')).toBe('filled in\n');
    expect(readFileSync(join(box, 'dpkg/status'), 'utf8')).toContain('Status: install ok installed');
  },
);
