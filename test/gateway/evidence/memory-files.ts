import type { SegmentFiles } from '../../../gateway/evidence/segment-files.ts';
import { HeaderSize } from '../../../rules/record/segment.ts';

/** A disk in memory that fills at `capacity`, and fails in the way `broken` names until it is mended. */
export interface MemoryDisk extends SegmentFiles {
  capacity: number;
  broken: '' | 'everything' | 'sync';
  readonly segments: Map<number, Uint8Array>;
}

/** Behaves as a directory does: a write to a full disk takes what fits and then fails. */
export function memoryDisk(capacity = Number.POSITIVE_INFINITY): MemoryDisk {
  const segments = new Map<number, Uint8Array>();
  const disk: MemoryDisk = {
    capacity,
    broken: '',
    segments,
    lock: async () => undefined,
    unlock: async () => undefined,
    list: async () => {
      work();
      return [...segments]
        .map(([segment, bytes]) => ({ segment, size: bytes.length }))
        .sort((one, other) => one.segment - other.segment);
    },
    readHeader: async (segment) => content(segment).slice(0, HeaderSize),
    read: async (segment) => content(segment),
    cut: async (segment, size) => {
      segments.set(segment, content(segment).slice(0, size));
    },
    remove: async (segment) => {
      work();
      segments.delete(segment);
    },
    create: async (segment) => {
      work();
      if (segments.has(segment)) throw systemError('EEXIST', 'file already exists');
      segments.set(segment, new Uint8Array());
      return {
        append: async (bytes) => {
          const held = content(segment);
          const room = disk.capacity - used();
          segments.set(segment, Buffer.concat([held, bytes.subarray(0, Math.max(0, room))]));
          if (bytes.length > room) throw systemError('ENOSPC', 'no space left on device');
        },
        sync: async () => {
          work();
          if (disk.broken === 'sync') throw systemError('EIO', 'i/o error');
        },
        cut: async (size) => {
          segments.set(segment, content(segment).slice(0, size));
        },
        close: async () => undefined,
      };
    },
  };

  function content(segment: number): Uint8Array {
    work();
    const bytes = segments.get(segment);
    if (bytes === undefined) throw systemError('ENOENT', 'no such file or directory');
    return bytes;
  }

  function work(): void {
    if (disk.broken === 'everything') throw systemError('EIO', 'i/o error');
  }

  function used(): number {
    return [...segments.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  }

  return disk;
}

function systemError(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}`), { code });
}
