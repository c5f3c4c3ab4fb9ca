import { dirname, join } from 'node:path';
import { type Disk, realDisk } from './disk.ts';
import type { WriterLock } from './writer-lock.ts';

/** The directory of the log, as its writer needs it; tests put a disk behind it that fills and breaks. */
export interface SegmentFiles {
  /** Makes the directory when it is missing and takes the sole right to write it. Again and again is fine. */
  readonly lock: () => Promise<void>;
  readonly unlock: () => Promise<void>;
  /** Segments on disk in ascending order. */
  readonly list: () => Promise<readonly SegmentFileSize[]>;
  /** At most {@link StartBytes} of a segment. */
  readonly readStart: (segment: number) => Promise<Uint8Array>;
  readonly read: (segment: number) => Promise<Uint8Array>;
  /** On the medium when it resolves, and so is {@link SegmentFiles.remove}. */
  readonly cut: (segment: number, size: number) => Promise<void>;
  readonly remove: (segment: number) => Promise<void>;
  /** A new empty file, opened for appending; fails when there is one of this number. */
  readonly create: (segment: number) => Promise<SegmentFile>;
  /** A small file beside the segments; undefined where there is none of this name. */
  readonly readNote: (name: string) => Promise<Uint8Array | undefined>;
  /** When a small file was last written to, milliseconds since the Unix epoch. */
  readonly noteTime: (name: string) => Promise<number>;
  /** Power loss leaves the old content or the new, never a part; the new is on the medium when it resolves. */
  readonly replaceNote: (name: string, bytes: Uint8Array, mode?: number) => Promise<void>;
  /** The same, and what was there goes on under the name `former`: each has been written once in its life. */
  readonly turnNote: (name: string, former: string, bytes: Uint8Array) => Promise<void>;
  readonly removeNote: (name: string) => Promise<void>;
}

export interface SegmentFileSize {
  readonly segment: number;
  readonly size: number;
  /** When it was last written to, milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
}

/** One file open for appending. */
export interface SegmentFile {
  /** Resolves when the kernel has all of it. */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** Resolves when the medium has all of it. */
  readonly sync: () => Promise<void>;
  /** On the medium when it resolves: bytes cut off must not come back after a power cut. */
  readonly cut: (size: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Enough of a segment to hold its header and the act that begins an origin. */
export const StartBytes = 8192;

/** File name of a segment: `00000012.seg`. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(8, '0')}.seg`;
}

/** The files of a directory. Its methods fail with the system's own errors. */
export function openSegmentFiles(directory: string, disk: Disk = realDisk): SegmentFiles {
  const path = (segment: number): string => join(directory, segmentName(segment));
  let held: WriterLock | undefined;

  async function lock(): Promise<void> {
    await disk.makeDirectory(directory);
    await disk.syncDirectory(dirname(directory));
    held ??= await disk.lock(directory);
  }

  async function list(): Promise<readonly SegmentFileSize[]> {
    const names = (await disk.list(directory)).filter((name) => SegmentName.test(name)).sort();
    return Promise.all(
      names.map(async (name) => ({
        segment: Number.parseInt(name, 10),
        ...(await disk.stat(join(directory, name))),
      })),
    );
  }

  async function create(segment: number): Promise<SegmentFile> {
    const file = await disk.create(path(segment), 0o640);
    try {
      await disk.syncDirectory(directory);
    } catch (error) {
      // Left behind, it would stand in the way of the next try.
      await file.close().catch(ignore);
      await disk.remove(path(segment)).catch(ignore);
      throw error;
    }
    return {
      append: file.append,
      sync: file.sync,
      cut: async (size) => {
        await file.truncate(size);
        await file.sync();
      },
      close: file.close,
    };
  }

  async function replaceNote(name: string, bytes: Uint8Array, mode = 0o640): Promise<void> {
    await disk.rename(await stageNote(name, bytes, mode), join(directory, name));
    await disk.syncDirectory(directory);
  }

  async function turnNote(name: string, former: string, bytes: Uint8Array): Promise<void> {
    const [place, second] = [join(directory, name), join(directory, `${former}.new`)];
    await disk.remove(second).catch(unlessMissing);
    const isLinked = await disk.link(place, second).then(
      () => true,
      () => false,
    );
    // Not every file system gives a file two names.
    if (!isLinked) await replaceNote(former, await disk.read(place));
    const staged = await stageNote(name, bytes, 0o640);
    if (isLinked) await disk.rename(second, join(directory, former));
    await disk.rename(staged, place);
    await disk.syncDirectory(directory);
  }

  /** Its content is on the medium, under a name of its own. */
  async function stageNote(name: string, bytes: Uint8Array, mode: number): Promise<string> {
    const temporary = join(directory, `${name}.new`);
    await disk.remove(temporary).catch(unlessMissing);
    const file = await disk.create(temporary, mode);
    try {
      await file.append(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return temporary;
  }

  return {
    lock,
    unlock: async () => {
      await held?.release();
      held = undefined;
    },
    list,
    readStart: (segment) => disk.readStart(path(segment), StartBytes),
    read: (segment) => disk.read(path(segment)),
    cut: async (segment, size) => {
      await disk.truncate(path(segment), size);
      await disk.syncFile(path(segment));
    },
    remove: async (segment) => {
      await disk.remove(path(segment));
      await disk.syncDirectory(directory);
    },
    create,
    readNote: (name) => disk.read(join(directory, name)).catch(unlessMissing),
    noteTime: async (name) => (await disk.stat(join(directory, name))).modifiedAt,
    replaceNote,
    turnNote,
    removeNote: async (name) => {
      await disk.remove(join(directory, name)).catch(unlessMissing);
      await disk.syncDirectory(directory);
    },
  };
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function ignore(): void {}

const SegmentName = /^\d{8}\.seg$/;
