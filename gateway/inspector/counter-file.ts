import { closeSync, constants, fchmodSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodeNames,
  HeaderBytes,
  HeaderWord,
  HeaderWords,
  Magic,
  NameBytes,
  PartBytes,
  SlotsPerPart,
  slotOffset,
} from '../ipc/counter-file.ts';
import { LayoutMark } from '../ipc/counter-slot.ts';
import type { TakeSlot } from './counters.ts';

/** Maps a part of a file; see gateway/ffi/shared-memory.ts. */
export type MapShared = (fd: number, offset: number, length: number) => ArrayBuffer;

/**
 * A file that this process counts in, so that no count is lost when it is killed. The engine reads it and removes it.
 * Room is written before it is mapped: a store into a hole of a file system that is full would end the process.
 * Throws the system's own error where there can be no such file.
 */
export function openCounterFile(directory: string, epoch: string, map: MapShared): TakeSlot {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(join(directory, epoch), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o640);
  const parts: Float64Array[] = [];
  let slots = 0;
  let header: Int32Array;
  try {
    // The directory hands on the engine's group, which a umask must not keep out.
    fchmodSync(fd, 0o640);
    writeAll(fd, new Uint8Array(HeaderBytes), 0);
    header = new Int32Array(map(fd, 0, HeaderBytes), 0, HeaderWords);
    header[HeaderWord.layout] = LayoutMark;
    Atomics.store(header, HeaderWord.magic, Magic);
  } catch (cause) {
    closeSync(fd);
    throw cause;
  }

  function partOf(slot: number): Float64Array {
    const index = Math.floor(slot / SlotsPerPart);
    const known = parts[index];
    if (known !== undefined) return known;
    const offset = slotOffset(index * SlotsPerPart);
    writeAll(fd, new Uint8Array(PartBytes), offset);
    const made = new Float64Array(map(fd, offset, PartBytes));
    parts.push(made);
    return made;
  }

  return (flowId, conduit) => {
    const names = encodeNames(flowId, conduit);
    if (names === undefined) return undefined;
    try {
      const numbers = partOf(slots);
      const offset = slotOffset(slots);
      writeAll(fd, names, offset);
      const at = (offset - slotOffset(slots - (slots % SlotsPerPart)) + NameBytes) / 8;
      slots += 1;
      Atomics.store(header, HeaderWord.slots, slots);
      return { numbers, at };
    } catch {
      // No room: what is counted on this flow is counted under no name.
      return undefined;
    }
  };
}

/** All or nothing that counts: what was written in part is written again with the next try. */
function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
  }
}
