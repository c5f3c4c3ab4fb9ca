import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HardwareError } from '../errors.ts';
import { type Architecture, isArchitecture } from './architecture.ts';
import { stagePackages } from './debian-packages.ts';
import { licencesText } from './licences.ts';
import { debianParts, moduleParts } from './parts.ts';
import { run } from './run.ts';
import { makeSbom } from './sbom.ts';
import { sealRelease } from './seal.ts';
import { stageModules, stageSources } from './stage.ts';

interface Arguments {
  readonly arch: Architecture;
  readonly out: string;
  readonly key: string | undefined;
  readonly packages: boolean;
}

/** `npm run release`: one archive that installs a box without a network, of the last commit; signed where a key is given. */
function main({ arch, out, key: keyFile, packages: withPackages }: Arguments): void {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const key = keyFile === undefined ? undefined : readKey(keyFile);
  const commit = run('git', ['-C', repository, 'rev-parse', 'HEAD']).trim();
  const epoch = Number(
    process.env['SOURCE_DATE_EPOCH'] ?? run('git', ['-C', repository, 'log', '-1', '--format=%ct']).trim(),
  );
  const room = mkdtempSync(join(tmpdir(), 'penstock-release-'));
  try {
    const { version } = JSON.parse(run('git', ['-C', repository, 'show', `${commit}:package.json`])) as {
      version: string;
    };
    const stage = join(room, `penstock-${version}-${arch}`);
    mkdirSync(stage);
    mkdirSync(out, { recursive: true });
    stageSources(repository, commit, stage);
    stageModules(stage, arch);
    if (withPackages) stagePackages(stage, arch);
    const [modules, packages] = [moduleParts(stage), debianParts(stage)];
    const sbom = JSON.stringify(makeSbom({ stage, arch, modules, packages, version, epoch }), null, 1);
    writeFileSync(join(stage, 'sbom.cdx.json'), `${sbom}\n`);
    writeFileSync(join(stage, 'LICENCES.txt'), licencesText(modules, packages));
    const made = sealRelease(stage, { version, arch, commit, out, key, epoch });
    writeFileSync(made.archive.replace(/\.tar\.gz$/, '.cdx.json'), `${sbom}\n`);
    console.log(`${made.archive}   ${mebibytes(made.bytes)} MiB, ${mebibytes(made.unpacked)} MiB unpacked`);
    console.log(made.signature ?? 'not signed: give --key FILE, and penstock update takes it');
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

function readArguments(): Arguments {
  const options = {
    arch: { type: 'string' },
    out: { type: 'string' },
    key: { type: 'string' },
    packages: { type: 'boolean', default: true },
  } as const;
  const { values } = parseArgs({ options, allowNegative: true });
  const { arch, out, key, packages } = values;
  if (!isArchitecture(arch) || out === undefined) throw new TypeError('--arch and --out are needed.');
  return { arch, out, key, packages };
}

function readKey(file: string): KeyObject {
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new HardwareError('PST_ERR_RELEASE_BUILD', `${file} may be read by others than you: chmod 600.`);
  }
  return createPrivateKey(readFileSync(file));
}

const Usage = 'usage: npm run release -- --arch x64|arm64 --out DIR [--key FILE] [--no-packages]';

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}

try {
  main(readArguments());
} catch (cause) {
  if (cause instanceof HardwareError) {
    console.error(`${cause.code} ${cause.message}\n${cause.remedy}`);
    process.exitCode = 3;
  } else if (cause instanceof TypeError) {
    console.error(`${cause.message}\n${Usage}`);
    process.exitCode = 2;
  } else throw cause;
}
