import type { Disk } from '../../../gateway/evidence/disk.ts';
import { openSegmentFiles, type SegmentFiles } from '../../../gateway/evidence/segment-files.ts';

/** A disk in memory that fills at `capacity`, and fails in the way `broken` names until it is mended. */
export interface MemoryDisk extends SegmentFiles {
  /** Bytes of segments it takes. */
  capacity: number;
  /** Bytes it takes at once into one of the files beside them. */
  notes: number;
  broken: '' | 'everything' | 'sync';
  /** Whether a file may have two names on it. */
  links: boolean;
  /** By file name. */
  readonly files: Map<string, Uint8Array>;
  /** By number. */
  readonly segments: () => ReadonlyMap<number, Uint8Array>;
}

/** Behaves as a directory does: a write to a full disk takes what fits and then fails. */
export function memoryDisk(capacity = Number.POSITIVE_INFINITY, now: () => number = () => 0): MemoryDisk {
  const files = new Map<string, Uint8Array>();
  const written = new Map<string, number>();

  const disk: Disk = {
    lock: async () => ({ release: async () => undefined }),
    makeDirectory: async () => undefined,
    list: async () => {
      work();
      return [...files.keys()];
    },
    stat: async (path) => ({ size: content(path).length, modifiedAt: written.get(path) ?? 0 }),
    read: async (path) => content(path),
    readStart: async (path, length) => content(path).slice(0, length),
    rename: async (from, to) => {
      files.set(to, content(from));
      files.delete(from);
    },
    link: async (from, to) => {
      if (!memory.links) throw systemError('EPERM', 'operation not permitted');
      if (files.has(to)) throw systemError('EEXIST', 'file already exists');
      files.set(to, content(from));
    },
    remove: async (path) => {
      content(path);
      files.delete(path);
    },
    truncate: async (path, size) => put(path, content(path).slice(0, size)),
    syncFile: async () => work(),
    syncDirectory: async () => work(),
    create: async (path) => {
      work();
      if (files.has(path)) throw systemError('EEXIST', 'file already exists');
      put(path, new Uint8Array());
      return {
        append: async (bytes) => {
          const room = path.endsWith('.seg') ? memory.capacity - used() : memory.notes;
          put(path, Buffer.concat([content(path), bytes.subarray(0, Math.max(0, room))]));
          if (bytes.length > room) throw systemError('ENOSPC', 'no space left on device');
        },
        sync: async () => {
          work();
          if (memory.broken === 'sync' && path.endsWith('.seg')) throw systemError('EIO', 'i/o error');
        },
        truncate: async (size) => put(path, content(path).slice(0, size)),
        close: async () => undefined,
      };
    },
  };
  const memory: MemoryDisk = {
    ...openSegmentFiles('.', disk),
    capacity,
    notes: Number.POSITIVE_INFINITY,
    broken: '',
    links: true,
    files,
    segments,
  };

  function put(path: string, bytes: Uint8Array): void {
    files.set(path, bytes);
    written.set(path, now());
  }

  function content(path: string): Uint8Array {
    work();
    const bytes = files.get(path);
    if (bytes === undefined) throw systemError('ENOENT', 'no such file or directory');
    return bytes;
  }

  function work(): void {
    if (memory.broken === 'everything') throw systemError('EIO', 'i/o error');
  }

  function segments(): ReadonlyMap<number, Uint8Array> {
    const found = [...files].filter(([name]) => name.endsWith('.seg'));
    return new Map(found.map(([name, bytes]) => [Number.parseInt(name, 10), bytes]));
  }

  function used(): number {
    return [...segments().values()].reduce((sum, bytes) => sum + bytes.length, 0);
  }

  return memory;
}

function systemError(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}`), { code });
}
