import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Architecture, Machines } from './architecture.ts';
import { run } from './run.ts';

/** Debian systems a release is installed on, by version and name. */
const Systems = [
  { version: '12', name: 'bookworm' },
  { version: '13', name: 'trixie' },
] as const;

/** What hardware/install.sh asks for; util-linux and dpkg are on every Debian. */
const Wanted = ['nftables', 'libnftables1', 'iproute2', 'netbase'];

/** What a box of a pair has besides (hardware/pair). */
const ForPair = ['keepalived', 'conntrackd', 'conntrack'];

/**
 * Downloads the Debian packages a box needs, with all they depend on beyond Debian's required ones, into
 * `packages/debian-VERSION` of the stage, and what a pair needs beyond those into `packages/debian-VERSION-pair`. apt works in a folder of its own and verifies against Debian's keys; nothing
 * of this machine's apt or dpkg is read or changed.
 * @throws HardwareError PST_ERR_RELEASE_BUILD
 */
export function stagePackages(stage: string, arch: Architecture): void {
  for (const { version, name } of Systems) {
    const folder = join(stage, 'packages', `debian-${version}`);
    const place = mkdtempSync(join(tmpdir(), 'penstock-apt-'));
    try {
      const room = makeRoom(place, name, Machines[arch].debian);
      run('apt-get', ['update', '-q'], { env: room.env });
      const required = closure(room.env, requiredPackages(room.env));
      const alone = closure(room.env, Wanted);
      const paired = closure(room.env, [...Wanted, ...ForPair]);
      download(room, without(alone, required), folder);
      download(room, without(paired, [...required, ...alone]), `${folder}-pair`);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }
}

/** A world of apt's own for one system and architecture, in which nothing is installed. */
interface Room {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

function makeRoom(folder: string, system: string, architecture: string): Room {
  for (const part of ['etc/apt/preferences.d', 'lists/partial', 'archives/partial', 'out']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'etc/apt/sources.list'), sources(system));
  const settings = join(folder, 'apt.conf');
  writeFileSync(settings, configuration(folder, architecture));
  return { folder, env: { APT_CONFIG: settings } };
}

function download({ folder, env }: Room, names: readonly string[], to: string): void {
  mkdirSync(to, { recursive: true });
  const out = join(folder, 'out');
  run('apt-get', ['download', '-q', ...names], { env, cwd: out });
  // The room may lie on another file system than the stage.
  for (const file of readdirSync(out)) run('mv', [join(out, file), join(to, file)]);
}

/** Names of everything that comes with these packages where nothing is installed yet, as apt itself decides. */
function closure(env: Room['env'], names: readonly string[]): readonly string[] {
  const plan = run('apt-get', ['install', '--simulate', '-y', '--no-install-recommends', ...names], { env });
  return [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name.replace(/:.*/, ''));
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name));
}

/** What is on every system: debootstrap's smallest variant has these. */
function requiredPackages(env: Room['env']): readonly string[] {
  return run('apt-cache', ['dumpavail'], { env })
    .split('\n\n')
    .filter((entry) => /^Priority: required$/m.test(entry) || /^Essential: yes$/m.test(entry))
    .map((entry) => /^Package: (\S+)$/m.exec(entry)?.[1] ?? '')
    .filter((name) => name !== '');
}

function sources(system: string): string {
  const mirror = process.env['MIRROR'] ?? 'http://deb.debian.org/debian';
  const security = process.env['MIRROR_SECURITY'] ?? 'http://deb.debian.org/debian-security';
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  return [
    `deb ${signed} ${mirror} ${system} main`,
    `deb ${signed} ${mirror} ${system}-updates main`,
    `deb ${signed} ${security} ${system}-security main`,
    '',
  ].join('\n');
}

function configuration(folder: string, architecture: string): string {
  const settings = {
    Dir: `${folder}/`,
    'Dir::State': folder,
    'Dir::State::lists': `${folder}/lists`,
    'Dir::State::status': `${folder}/status`,
    'Dir::Cache': folder,
    'Dir::Cache::archives': `${folder}/archives`,
    'Dir::Etc': `${folder}/etc/apt`,
    'Dir::Log': folder,
    'Dir::Bin::methods': '/usr/lib/apt/methods',
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': 'true',
    'Acquire::Languages': 'none',
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} "${value}";\n`)
    .join('');
}
