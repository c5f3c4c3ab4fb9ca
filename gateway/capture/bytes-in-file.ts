import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from './byte-source.ts';

/** An open file as a source of bytes; whoever opens it closes it. */
export interface FileSource extends ByteSource {
  close(): void;
}

/** Opens a file for reading from front to back. @throws the error of the system when it cannot be opened or read */
export function openBytes(path: string): FileSource {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
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
      const got = readSync(file, buffer, end, buffer.length - end, position);
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
      const held = Math.min(count, end - start);
      start += held;
      const rest = Math.max(0, Math.min(count - held, size - position));
      position += rest;
      return held + rest;
    },
    close: () => closeSync(file),
  };
}

const ChunkBytes = 256 * 1024;
