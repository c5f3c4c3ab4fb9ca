import { constants } from 'node:fs';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  truncate,
  unlink,
} from 'node:fs/promises';
import { lockWriter, type WriterLock } from './writer-lock.ts';

/**
 * The few things the log does to a disk, each of which is on the medium only after the sync that belongs to
 * it: of the file for its bytes and its length, of the directory for its names. Tests put a disk behind it
 * that loses power. All methods fail with the system's own errors.
 */
export interface Disk {
  /** The sole right to write a directory. */
  readonly lock: (directory: string) => Promise<WriterLock>;
  readonly makeDirectory: (path: string) => Promise<void>;
  readonly list: (directory: string) => Promise<readonly string[]>;
  readonly stat: (path: string) => Promise<{ readonly size: number; readonly modifiedAt: number }>;
  readonly read: (path: string) => Promise<Uint8Array>;
  /** At most `length` bytes from the start. */
  readonly readStart: (path: string, length: number) => Promise<Uint8Array>;
  /** A new empty file for appending; fails where there is one of this name. */
  readonly create: (path: string, mode: number) => Promise<DiskFile>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** A second name for a file; fails where that is taken, or the file system knows no such thing. */
  readonly link: (from: string, to: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  readonly truncate: (path: string, size: number) => Promise<void>;
  readonly syncFile: (path: string) => Promise<void>;
  readonly syncDirectory: (directory: string) => Promise<void>;
}

/** A file open for appending. */
export interface DiskFile {
  /** Resolves when the kernel has all of it. */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** Resolves when the medium has all of it. */
  readonly sync: () => Promise<void>;
  readonly truncate: (size: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The disk of this machine. */
export const realDisk: Disk = {
  lock: lockWriter,
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o750 });
  },
  list: (directory) => readdir(directory),
  stat: async (path) => {
    const { size, mtimeMs } = await stat(path);
    return { size, modifiedAt: mtimeMs };
  },
  read: (path) => readFile(path),
  readStart: (path, length) =>
    withFile(path, async (file) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    }),
  create: async (path, mode) => {
    const file = await open(path, AppendToNew, mode);
    return {
      append: (bytes) => appendAll(file, bytes),
      sync: () => file.datasync(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  },
  rename,
  link,
  remove: unlink,
  truncate,
  syncFile: (path) => withFile(path, (file) => file.sync()),
  syncDirectory: (directory) => withFile(directory, (file) => file.sync()),
};

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function appendAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done);
    done += bytesWritten;
  }
}

const AppendToNew = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
