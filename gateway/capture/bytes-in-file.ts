import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from './byte-source.ts';

/** An open file as a source of bytes; whoever opens it closes it. */
export interface FileSource extends ByteSource {
  close(): void;
}

/** Opens a file, or a pipe, for reading from front to back. @throws what the system says when it cannot */
export function openBytes(path: string): FileSource {
  const file = openSync(path, 'r');
  const status = fstatSync(file);
  const isFile = status.isFile();
  if (status.isDirectory()) {
    closeSync(file);
    throw new Error(`${path} is a directory`);
  }
  let buffer = new Uint8Array(ChunkBytes);
  let start = 0;
  let end = 0;
  let position = 0;

  /** Makes `count` bytes lie at `start`, or all that are left. */
  function fill(count: number): void {
    if (end - start >= count) return;
    const wanted = Math.max(count, ChunkBytes);
    const target = buffer.length >= wanted ? buffer : new Uint8Array(wanted);
    target.set(buffer.subarray(start, end));
    end -= start;
    start = 0;
    buffer = target;
    while (end < count) {
      const got = readSync(file, buffer, end, buffer.length - end, isFile ? position : null);
      if (got === 0) return;
      end += got;
      position += got;
    }
  }

  return {
    take(count) {
      fill(count);
      const length = Math.min(count, end - start);
      start += length;
      return buffer.subarray(start - length, start);
    },
    skip(count) {
      let left = count;
      for (;;) {
        const held = Math.min(left, end - start);
        start += held;
        left -= held;
        if (left === 0) return count;
        if (isFile) {
          const rest = Math.max(0, Math.min(left, status.size - position));
          position += rest;
          return count - left + rest;
        }
        // A pipe can only be read.
        fill(1);
        if (start === end) return count - left;
      }
    },
    close: () => closeSync(file),
  };
}

const ChunkBytes = 256 * 1024;
