import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mapShared } from '../../../gateway/ffi/shared-memory.ts';

const Part = 65_536;
let folder: string;
let fd: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pst-mapped-'));
  fd = openSync(join(folder, 'counters'), 'w+');
  ftruncateSync(fd, 2 * Part);
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

describe('a mapped part of a file', () => {
  test('is the file, for every map of it and for who reads it', () => {
    const [one, other] = [mapShared(fd, Part, 16), mapShared(fd, Part, 16)];
    new BigUint64Array(one)[1] = 0x0123_4567_89ab_cdefn;
    expect(new BigUint64Array(other)[1]).toBe(0x0123_4567_89ab_cdefn);
    const written = readFileSync(join(folder, 'counters')).readBigUInt64LE(Part + 8);
    expect(written).toBe(0x0123_4567_89ab_cdefn);
  });

  test('begins where it was asked for, and no sooner', () => {
    new Uint8Array(mapShared(fd, Part, Part)).fill(0xff);
    const bytes = readFileSync(join(folder, 'counters'));
    expect(bytes.subarray(0, Part).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(Part).every((byte) => byte === 0xff)).toBe(true);
  });

  test('cannot begin in the midst of a page, and says so', () => {
    expect(() => mapShared(fd, 100, 16)).toThrow('mmap: EINVAL');
  });
});
