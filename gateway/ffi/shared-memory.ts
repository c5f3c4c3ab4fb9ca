import koffi from 'koffi';
import { SystemCallError } from './libc.ts';

type Map = (
  address: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => bigint;
const mmap: Map = koffi.load(null).func('void *mmap(void *, size_t, int, int, int, int64_t)');

/**
 * A part of a file as memory, for as long as this process lives. What is stored there stands in the file at once for
 * whoever reads it, and stays there when the process is killed. The part must be in the file: a store behind its end
 * ends the process. `offset` is a multiple of 65 536, bytes, which every page size divides.
 * @throws SystemCallError
 */
export function mapShared(fd: number, offset: number, length: number): ArrayBuffer {
  const address = mmap(null, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  if (address === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno());
  return koffi.view(address, length);
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** -1 as a pointer of 64 bits. */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
