import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HeaderSize } from '../../rules/record/segment.ts';
import { lockWriter, type WriterLock } from './writer-lock.ts';

/** The directory of segment files, as the log needs it; tests put a disk behind it that fills and breaks. */
export interface SegmentFiles {
  /** Makes the directory when it is missing and takes the sole right to write it. Again and again is fine. */
  readonly lock: () => Promise<void>;
  readonly unlock: () => Promise<void>;
  /** Segments on disk in ascending order. */
  readonly list: () => Promise<readonly SegmentFileSize[]>;
  readonly readHeader: (segment: number) => Promise<Uint8Array>;
  readonly read: (segment: number) => Promise<Uint8Array>;
  readonly cut: (segment: number, size: number) => Promise<void>;
  readonly remove: (segment: number) => Promise<void>;
  /** A new empty file, opened for appending; fails when there is one of this number. */
  readonly create: (segment: number) => Promise<SegmentFile>;
}

export interface SegmentFileSize {
  readonly segment: number;
  readonly size: number;
}

/** One file open for appending. */
export interface SegmentFile {
  /** Resolves when the kernel has all of it. */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** Resolves when the medium has all of it. */
  readonly sync: () => Promise<void>;
  readonly cut: (size: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** File name of a segment: `00000012.seg`. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(8, '0')}.seg`;
}

/** The segment files of a real directory. Its methods fail with the system's own errors. */
export function openSegmentFiles(directory: string): SegmentFiles {
  const path = (segment: number): string => join(directory, segmentName(segment));
  let held: WriterLock | undefined;

  async function lock(): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o750 });
    held ??= await lockWriter(directory);
  }

  async function list(): Promise<readonly SegmentFileSize[]> {
    const names = (await readdir(directory)).filter((name) => SegmentName.test(name)).sort();
    return Promise.all(
      names.map(async (name) => ({
        segment: Number.parseInt(name, 10),
        size: (await stat(join(directory, name))).size,
      })),
    );
  }

  async function create(segment: number): Promise<SegmentFile> {
    const file = await open(path(segment), AppendToNew, 0o640);
    await syncDirectory(directory);
    return {
      append: (bytes) => appendAll(file, bytes),
      sync: () => file.datasync(),
      cut: (size) => file.truncate(size),
      close: () => file.close(),
    };
  }

  return {
    lock,
    unlock: async () => {
      await held?.release();
      held = undefined;
    },
    list,
    readHeader: (segment) => readStart(path(segment)),
    read: (segment) => readFile(path(segment)),
    cut: (segment, size) => truncate(path(segment), size),
    remove: async (segment) => {
      await unlink(path(segment));
      await syncDirectory(directory);
    },
    create,
  };
}

async function appendAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done);
    done += bytesWritten;
  }
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HeaderSize), 0, HeaderSize, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A new name is on the medium only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const SegmentName = /^\d{8}\.seg$/;
const AppendToNew = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
