import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Sealed, sealRelease } from '../../../hardware/release/seal.ts';

/** Files of a release of the smallest kind. */
export const SmallRelease: Readonly<Record<string, string>> = {
  'package.json': '{"version": "0.2.0"}',
  'gateway/cli/penstock.ts': 'console.log("0.2.0");\n',
  'node_modules/node/bin/node': '#!/bin/sh\n',
};

/** A folder that goes with the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a staged release under `folder`; gives its directory. */
export function stage(folder: string, files: Readonly<Record<string, string>> = SmallRelease): string {
  const directory = join(folder, 'penstock-0.2.0-x64');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  chmodSync(join(directory, 'node_modules/node/bin/node'), 0o755);
  mkdirSync(join(directory, 'node_modules/.bin'));
  symlinkSync('../node/bin/node', join(directory, 'node_modules/.bin/node'));
  return directory;
}

/** A signed archive of the smallest release, and the public key that opens it. */
export function sealed(folder: string, key: KeyObject = newKey().privateKey): Sealed {
  const options = {
    version: '0.2.0',
    arch: 'x64',
    commit: 'c0ffee',
    out: folder,
    key,
    epoch: 1_700_000_000,
  } as const;
  return sealRelease(stage(folder), options);
}

export function newKey() {
  return generateKeyPairSync('ed25519');
}
