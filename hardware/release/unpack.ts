import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from './home.ts';
import { compareTree, decodeManifest, ManifestFile } from './manifest.ts';
import { run } from './run.ts';
import type { Statement } from './statement.ts';

export type Unpacked =
  | { readonly ok: true; readonly release: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Copies an archive, and only where the copy is what was signed opens it, beside the other releases; then every file is
 * held against the manifest. Whatever stops this, no release is half there: the last step gives it its name.
 * @throws HardwareError PST_ERR_UPDATE where the system fails
 */
export function unpackRelease(home: string, archive: string, statement: Statement): Unpacked {
  const releases = join(home, 'releases');
  const copy = join(releases, '.incoming.tar.gz');
  const open = join(releases, '.incoming');
  for (const left of [copy, open]) rmSync(left, { recursive: true, force: true });
  // Whoever calls this may let nobody else read what they make; the gateway's users have to.
  process.umask(0o022);
  mkdirSync(open, { mode: 0o755 });
  try {
    // A stick may say one thing when it is hashed and another when it is opened.
    const digest = copyFile(archive, copy, statement.archive.bytes);
    if (digest !== statement.archive.sha256) return refuse('The archive is not the one that was signed.');
    run('tar', [
      '-xzf',
      copy,
      '-C',
      open,
      '--no-same-owner',
      '--no-same-permissions',
      '--strip-components=1',
    ]);
    const problem = checkUnpacked(open, statement);
    if (problem !== '') return refuse(problem);
    run('sync', ['-f', open], { failure: 'PST_ERR_UPDATE' });
    const release = `releases/${statement.version}`;
    rmSync(join(home, release), { recursive: true, force: true });
    renameSync(open, join(home, release));
    syncDirectory(releases);
    return { ok: true, release };
  } finally {
    for (const left of [copy, open]) rmSync(left, { recursive: true, force: true });
  }
}

/** What is wrong with an unpacked release, or empty. */
export function checkUnpacked(
  directory: string,
  { manifest: digest, version, arch }: Pick<Statement, 'manifest' | 'version' | 'arch'>,
): string {
  const path = join(directory, ManifestFile);
  const text = existsSync(path) ? readFileSync(path) : Buffer.of();
  if (createHash('sha256').update(text).digest('hex') !== digest)
    return 'Its manifest is not the one that was signed.';
  const manifest = decodeManifest(text.toString('utf8'));
  if (manifest === undefined || manifest.version !== version || manifest.arch !== arch) {
    return 'Its manifest speaks of another release.';
  }
  const [first] = compareTree(directory, manifest);
  return first === undefined ? '' : `Unpacked, it is not as it was made: ${first}.`;
}

/** Copies so many bytes at most, and gives their SHA-256, hexadecimal. */
function copyFile(from: string, to: string, most: number): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1_048_576);
  const [source, target] = [openSync(from, 'r'), openSync(to, 'wx', 0o600)];
  try {
    let left = most + 1;
    for (let length = readSync(source, buffer); length > 0 && left > 0; length = readSync(source, buffer)) {
      hash.update(buffer.subarray(0, length));
      writeSync(target, buffer, 0, length);
      left -= length;
    }
  } finally {
    closeSync(source);
    closeSync(target);
  }
  return hash.digest('hex');
}

function refuse(problem: string): Unpacked {
  return { ok: false, problem };
}
