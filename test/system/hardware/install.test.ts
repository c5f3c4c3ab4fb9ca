import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootWith } from '../../hardware/fixture.ts';
import { lacks } from '../tools.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const checkout = mkdtempSync(join(tmpdir(), 'penstock-checkout-'));
const installer = join(checkout, 'hardware/install.sh');

/** The installer takes what lies beside it; a copy stays the same between two of its runs. */
beforeAll(() => {
  const parts = [
    'gateway',
    'hardware',
    'policy',
    'rules',
    'test/plant',
    'package.json',
    'package-lock.json',
    'README.md',
  ];
  execFileSync('cp', ['-R', '--parents', ...parts, checkout], { cwd: repository });
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

describe.skipIf(lacks('systemd'))('the installer', () => {
  test('puts everything in place that the units name', () => {
    const root = systemImage();
    install(root);
    for (const path of [
      'opt/penstock/current/gateway/cli/penstock.ts',
      'opt/penstock/current/hardware/os/boot-drop.nft',
      'opt/penstock/current/node_modules/.bin/node',
      'etc/systemd/system/penstock-engine.service',
      'etc/systemd/system/penstock-boot-drop.service',
      'etc/sysctl.d/60-penstock-closed.conf',
      'etc/tmpfiles.d/penstock.conf',
      'etc/udev/rules.d/60-penstock.rules',
      'etc/penstock/gateway.yaml',
      'etc/penstock/release-keys',
      'usr/local/bin/penstock',
    ]) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
    const users = readFileSync(join(root, 'etc/passwd'), 'utf8');
    for (const name of ['engine', 'inspector', 'front', 'watchdog']) {
      expect(users).toMatch(new RegExp(`^penstock-${name}:.*:/usr/sbin/nologin$`, 'm'));
    }
    expect(statSync(join(root, 'etc/penstock/tls')).mode & 0o777).toBe(0o750);
  });

  test('puts every script in place that keepalived is told to run, where no update moves it', () => {
    const root = systemImage();
    install(root);
    const form = readFileSync(join(repository, 'hardware/pair/keepalived.conf'), 'utf8');
    const scripts = new Set(form.match(/(?<=")\/[^ "]+/g));
    expect([...scripts].map((path) => basename(path))).toEqual(['check.sh', 'takeover.sh']);
    for (const script of scripts) {
      expect(existsSync(join(root, script)), script).toBe(true);
      expect(statSync(join(root, script)).mode & 0o777, script).toBe(0o755);
      expect(realpathSync(join(root, script)), script).toBe(join(realpathSync(root), script));
    }
  });

  test('run again changes nothing', () => {
    const root = systemImage();
    install(root);
    const first = listing(root);
    install(root);
    expect(listing(root)).toBe(first);
  });

  test('run again keeps configuration, keys and state, and mends what is its own', () => {
    const root = systemImage();
    install(root);
    const kept = {
      'etc/penstock/gateway.yaml': 'site: mine\n',
      'etc/penstock/keys/policy.pub.pem': 'a key\n',
    };
    for (const [path, text] of Object.entries(kept)) writeFileSync(join(root, path), text);
    writeFileSync(join(root, 'etc/systemd/system/penstock-engine.service'), 'torn');
    writeFileSync(join(root, 'opt/penstock/current/stale.ts'), 'left over from an older release');
    install(root);
    for (const [path, text] of Object.entries(kept))
      expect(readFileSync(join(root, path), 'utf8')).toBe(text);
    expect(readFileSync(join(root, 'etc/systemd/system/penstock-engine.service'), 'utf8')).toContain(
      '[Service]',
    );
    expect(existsSync(join(root, 'opt/penstock/current/stale.ts'))).toBe(false);
  });

  test('takes over who signs releases once: neither an update nor another run brings a key back that was struck off', () => {
    const root = systemImage();
    const key = join(root, 'etc/penstock/release-keys/release.pub.pem');
    mkdirSync(join(checkout, 'release-keys'));
    try {
      writeFileSync(join(checkout, 'release-keys/release.pub.pem'), 'a key\n');
      install(root);
      expect(existsSync(key)).toBe(true);
      rmSync(key);
      for (const more of [['--in-place'], []]) {
        install(root, ...more);
        expect(existsSync(key), `${more}`).toBe(false);
      }
    } finally {
      rmSync(join(checkout, 'release-keys'), { recursive: true });
    }
  });

  test('enables nothing while there is no bundle, for the box would shut its owner out', () => {
    const root = systemImage();
    expect(install(root)).toContain('Not enabled yet');
    expect(enabled(root, 'sysinit.target')).toEqual([]);
  });

  test('enables the boot-time drop and one inspector more than are configured once there is a bundle', () => {
    const root = systemImage();
    install(root);
    const config = join(root, 'etc/penstock/gateway.yaml');
    const text = readFileSync(config, 'utf8')
      .replace('# bundle:', 'bundle:')
      .replace('inspectors: 1', 'inspectors: 2');
    writeFileSync(config, text);
    writeFileSync(join(root, 'etc/penstock/plant.bundle'), 'signed elsewhere');
    expect(install(root)).toContain('starts at the next boot');
    expect(enabled(root, 'sysinit.target')).toEqual(['penstock-boot-drop.service']);
    expect(enabled(root, 'multi-user.target')).toEqual(['penstock.target']);
    expect(enabled(root, 'penstock.target')).toEqual([1, 2, 3].map((n) => `penstock-inspector@${n}.service`));
  });

  test.for([
    { name: 'another distribution', release: 'ID=fedora\nVERSION_ID=42\n', says: 'This is fedora 42.' },
    { name: 'an older Debian', release: 'ID=debian\nVERSION_ID="11"\n', says: 'This is debian 11.' },
  ])('refuses $name in one sentence with a remedy', ({ release, says }) => {
    const root = systemImage(release);
    const { status, stderr } = tryInstall(root);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: `${says}\nPenstock installs on Debian 12 or 13 and on Raspberry Pi OS of the same age.\n`,
    });
    expect(existsSync(join(root, 'opt'))).toBe(false);
  });

  test('names the packages that are missing when it may not install them', () => {
    const root = rootWith({ 'etc/os-release': 'ID=debian\nVERSION_ID="13"\n' });
    const { status, stderr } = tryInstall(root);
    expect(status).toBe(3);
    const alone = 'apt-get install --no-install-recommends nftables iproute2 netbase util-linux';
    expect(stderr).toContain(`${alone}\n`);
    expect(tryInstall(root, '--pair').stderr).toContain(`${alone} keepalived conntrackd conntrack\n`);
  });

  test.for([{ args: ['--frobnicate'] }, { args: ['--root'] }, { args: ['--root', '/nonexistent'] }])(
    'answers $args with its usage and status 2',
    ({ args }) => {
      expect(spawnSync(installer, args).status).toBe(2);
    },
  );
});

/** The least of a Debian system that the installer looks at. */
function systemImage(release = 'ID=debian\nVERSION_ID="12"\n'): string {
  const root = rootWith({
    'etc/os-release': release,
    'usr/sbin/nft': '',
    'usr/sbin/ip': '',
    'etc/protocols': '',
    'usr/bin/setpriv': '',
    'modules/koffi/package.json': '{}',
  });
  mkdirSync(join(root, 'modules/.bin'));
  symlinkSync(process.execPath, join(root, 'modules/.bin/node'));
  return root;
}

function install(root: string, ...more: readonly string[]): string {
  const { status, stdout, stderr } = tryInstall(root, ...more);
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

function tryInstall(root: string, ...more: readonly string[]) {
  const args = [
    ...more,
    '--root',
    root,
    ...(existsSync(join(root, 'modules')) ? ['--modules', join(root, 'modules')] : ['--modules', root]),
  ];
  return spawnSync(installer, args, { encoding: 'utf8' });
}

/** Every file with its mode, owner and content, as one text. */
function listing(root: string): string {
  const script =
    "find . -printf '%p %y %m %U %G %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum";
  return execFileSync('sh', ['-c', script], { cwd: root, encoding: 'utf8', maxBuffer: 16_777_216 });
}

/** Units of ours that a target of the image starts. */
function enabled(root: string, target: string): readonly string[] {
  const wants = join(root, 'etc/systemd/system', `${target}.wants`);
  return existsSync(wants) ? readdirSync(wants).sort() : [];
}
