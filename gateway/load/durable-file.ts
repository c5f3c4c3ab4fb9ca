import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whose a file is and who may do what with it, as `stat` gives it. */
export interface FileRights {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Prepares the replacement of a file so that a power cut leaves the old content or the new, never a part:
 * temporary file and fsync now, which is where a full or broken disk shows; rename and fsync of the
 * directory when the returned function is called. Root may call it in a directory of somebody else's: what lies there
 * is never followed, and the rights are given by descriptor.
 * @param rights of the new file; whoever writes it owns it if not given
 * @throws the system's own error, from either half
 */
export function stageDurably(file: string, bytes: Uint8Array, rights?: FileRights): () => void {
  const directory = dirname(file);
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, 'wx', 0o640);
  try {
    if (rights !== undefined) {
      fchownSync(fd, rights.uid, rights.gid);
      fchmodSync(fd, rights.mode & 0o7777);
    }
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(fd, bytes, written);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return () => {
    renameSync(temporary, file);
    syncDirectory(directory);
  };
}

/**
 * Replaces a file so that a power cut leaves the old content or the new, and stops nobody else while the disk takes
 * its time. Resolves when it is on the medium; two of one file must not be under way at once.
 * @throws the system's own error
 */
export async function replaceDurably(file: string, bytes: Uint8Array, mode = 0o640): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const temporary = `${file}.new`;
  await writeFile(temporary, bytes, { mode, flush: true });
  await rename(temporary, file);
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

/** The file's bytes, or undefined where there is no such file. @throws the system's own error */
export function readIfPresent(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Makes renames and removals in a directory durable. @throws the system's own error */
export function syncDirectory(directory: string): void {
  sync(directory);
}

/** Makes what a file holds durable, before a rename gives it its name. @throws the system's own error */
export function syncFile(file: string): void {
  sync(file);
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
