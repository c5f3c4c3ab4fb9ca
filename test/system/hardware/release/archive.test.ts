/** @module-tag deep: other hosts; hardware/install.test.ts shows what the installer does. */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emulationObstacle, prepareEmulation } from '../../../arm64/emulation.ts';
import { type Outcome, run } from '../../../plant/namespaces/exec.ts';
import { scratchFolder } from '../../../plant/namespaces/topology.ts';

/**
 * As the slow suite says: the archives as they are given away, with all their Debian packages. Making them takes the npm
 * registry and a mirror of Debian; installing them takes none.
 */
const isAsked = process.env['PENSTOCK_RELEASES'] === 'all';

/** Milliseconds; a slow mirror fails no test. */
const Patience = 1_200_000;

/** `e_machine` of ELF. */
const ElfMachines = { x64: 62, arm64: 183 } as const;
const own = process.arch === 'arm64' ? 'arm64' : 'x64';

describe.runIf(isAsked)('the archive', () => {
  let folder: string;
  beforeAll(() => {
    folder = scratchFolder();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe(`for ${own}`, () => {
    let release: string;
    beforeAll(async () => {
      release = await unpacked(folder, own);
    }, Patience);

    test('holds programs of that machine alone', () => {
      expect(machinesIn(release)).toEqual([ElfMachines[own]]);
    });

    test.for([
      ['12', 'bookworm'],
      ['13', 'trixie'],
    ] as const)(
      'installs a Debian %s that has no network and none of what is needed',
      { timeout: Patience },
      async ([version, name]) => {
        const root = join(folder, name);
        await must('debootstrap', '--variant=minbase', '--include=systemd-sysv', name, root, Mirror);
        cpSync(release, join(root, 'root/unpacked'), { recursive: true, verbatimSymlinks: true });
        const before = await inside(root, 'ls /sys/class/net; command -v nft ip; test ! -e /etc/protocols');
        expect(before.stdout).toBe('lo\n');

        const installed = await inside(root, '/root/unpacked/install.sh --no-start && dpkg --audit');
        expect(installed.status, installed.stdout + installed.stderr).toBe(0);
        expect(installed.stdout).toContain('is in /opt/penstock');
        expect((await inside(root, 'command -v keepalived')).stdout).toBe('');
        const have = await inside(root, `dpkg-query --show --showformat '\${Package} \${Version}\\n'`);
        for (const file of readdirSync(join(release, `packages/debian-${version}`))) {
          const [named = '', itsVersion = ''] = decodeURIComponent(file).split('_');
          expect(have.stdout.split('\n')).toContain(`${named} ${itsVersion}`);
        }
        const doctor = await inside(root, 'penstock doctor');
        expect(doctor.stdout).toMatch(/^ok +Node +v24\S+ \S+$/m);
        expect(doctor.stdout).toMatch(/^ok +libnftables +loaded/m);
        expect(doctor.stdout).toMatch(/^ok +Default drop in an inet table +tried, works$/m);
        expect(doctor.stdout).toMatch(/^kernel back end +yes/m);

        const pair = await inside(root, '/root/unpacked/install.sh --no-start --pair && dpkg --audit');
        expect(pair.status, pair.stdout + pair.stderr).toBe(0);
        const programs = await inside(root, 'keepalived --version 2>&1; conntrackd -v; conntrack --version');
        expect(programs.status, programs.stdout).toBe(0);
        expect(programs.stdout).toMatch(/Keepalived v2/);
      },
    );
  });

  // Where everything is arm64, the archive for it was installed above.
  describe.skipIf(own === 'arm64' || emulationObstacle() !== '')(
    'for arm64, under an emulated processor',
    () => {
      let release: string;
      let libraries: string;
      let node: readonly string[];
      beforeAll(async () => {
        release = await unpacked(folder, 'arm64');
        libraries = join(folder, 'arm64-libraries');
        cpSync(join(dirname(dirname(prepareEmulation().node)), 'sysroot'), libraries, {
          recursive: true,
          verbatimSymlinks: true,
        });
        const packages = join(release, 'packages/debian-12');
        for (const file of readdirSync(packages)) await must('dpkg', '-x', join(packages, file), libraries);
        node = ['qemu-aarch64-static', '-L', libraries, join(release, 'node_modules/.bin/node')];
      }, Patience);

      test('holds programs and packages of that machine alone', async () => {
        expect(machinesIn(release)).toEqual([ElfMachines.arm64]);
        expect(machinesIn(libraries)).toEqual([ElfMachines.arm64]);
        for (const system of ['debian-12', 'debian-12-pair', 'debian-13', 'debian-13-pair']) {
          const packages = join(release, 'packages', system);
          expect(readdirSync(packages).length).toBeGreaterThan(4);
          for (const file of readdirSync(packages)) {
            const { stdout } = await run(['dpkg-deb', '--field', join(packages, file), 'Architecture']);
            expect([file, stdout.trim()]).toEqual([file, expect.stringMatching(/^(arm64|all)$/)]);
          }
        }
      });

      test('runs: its Node, and its path for inspected connections', {
        timeout: Patience,
      }, async () => {
        const penstock = [...node, join(release, 'gateway/cli/penstock.ts')];
        const { version } = JSON.parse(readFileSync(join(release, 'package.json'), 'utf8')) as {
          version: string;
        };
        expect(await run([...penstock, '--version'], { patience: Patience })).toMatchObject({
          status: 0,
          stdout: `${version}\n`,
        });
        const doctor = await run([...penstock, 'doctor'], { patience: Patience });
        expect(doctor.stdout).toMatch(/^ok +Node +v24\S+ arm64$/m);
        expect(doctor.stdout).toMatch(/^ok +Data path +epoll: tried, works$/m);
      });
    },
  );
});

/** Builds the archive of the last commit as `npm run release` does; gives the folder it is unpacked in. */
async function unpacked(folder: string, arch: 'x64' | 'arm64'): Promise<string> {
  const out = join(folder, `archive-${arch}`);
  const release = join(folder, `release-${arch}`);
  mkdirSync(release, { recursive: true });
  await must(process.execPath, Build, '--arch', arch, '--out', out);
  const archive = readdirSync(out).find((name) => name.endsWith('.tar.gz')) ?? '';
  await must('tar', '-xzf', join(out, archive), '-C', release, '--strip-components=1');
  return release;
}

/** Machines that programs and libraries in this tree are for. */
function machinesIn(root: string): readonly number[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const programs = files
    .filter(({ name }) => /^[^.]*$|\.(node|so)\b/.test(name))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
    .filter((bytes) => bytes.subarray(0, 4).toString('latin1') === '\x7fELF');
  expect(programs.length).toBeGreaterThan(1);
  return [...new Set(programs.map((bytes) => bytes.readUInt16LE(18)))];
}

/** Runs a script on a Debian system with a loopback device and nothing else. */
function inside(root: string, script: string): Promise<Outcome> {
  const quiet = ['--quiet', '--register=no', '--keep-unit', '--pipe', '--private-network'];
  const machine = `--machine=pst-${process.pid}-${machines++}`;
  const command = ['systemd-nspawn', ...quiet, machine, `--directory=${root}`, '/bin/sh', '-c', script];
  return run(command, { patience: Patience });
}

async function must(...command: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await run(command, { patience: Patience });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`);
}

let machines = 0;
const Build = fileURLToPath(new URL('../../../../hardware/release/release.ts', import.meta.url));
const Mirror = process.env['MIRROR'] ?? 'http://deb.debian.org/debian';
