import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeNames,
  HeaderBytes,
  HeaderWord,
  HeaderWords,
  Magic,
  NameBytes,
  PartBytes,
  SlotBytes,
  slotOffset,
} from '../ipc/counter-file.ts';
import { isCountAt, LayoutMark, mayFall, readSlot, SlotNumbers } from '../ipc/counter-slot.ts';
import type { FlowCounters } from '../ipc/reports.ts';

/**
 * Reads what the inspecting processes count in files of theirs, also after they were killed. They parse what
 * attackers send: nothing here is believed that a sound process could not have written.
 */
export interface CounterFiles {
  /** What the process of this epoch has counted until now. */
  readonly read: (epoch: string) => CountersRead;
  /** Removes the files of processes that are gone; those of `living` stay. */
  readonly sweep: (living: readonly string[]) => void;
  readonly close: () => void;
}

/** `unreadable` is nobody's fault; `broken` is what only a broken or hostile process writes. */
export type CountersRead =
  | { readonly ok: true; readonly flows: readonly FlowCounters[] }
  | { readonly ok: false; readonly why: 'unreadable' | 'broken'; readonly problem: string };

/** No directory is no files: every process then sends what it counts. */
export function openCounterFiles(directory: string | undefined): CounterFiles {
  const files = new Map<string, CounterFile>();

  function open(epoch: string): CounterFile {
    const known = files.get(epoch);
    if (known !== undefined) return known;
    if (directory === undefined) throw new Error('no directory is kept for it');
    const opened = openCounterFile(join(directory, epoch));
    files.set(epoch, opened);
    return opened;
  }

  function forget(epoch: string): void {
    files.get(epoch)?.close();
    files.delete(epoch);
    try {
      if (directory !== undefined) unlinkSync(join(directory, epoch));
    } catch {
      // Removed already, or next time.
    }
  }

  return {
    read: (epoch) => {
      try {
        const file = open(epoch);
        // A number may have been copied while it was stored; twice in a row it is not.
        const first = file.read();
        return first.ok ? first : file.read();
      } catch (cause) {
        return {
          ok: false,
          why: 'unreadable',
          problem: cause instanceof Error ? cause.message : String(cause),
        };
      }
    },
    sweep: (living) => {
      for (const epoch of listed(directory)) if (!living.includes(epoch)) forget(epoch);
    },
    close: () => {
      for (const file of files.values()) file.close();
      files.clear();
    },
  };
}

interface CounterFile {
  /** Fails with the system's own error. */
  readonly read: () => CountersRead;
  readonly close: () => void;
}

interface Known {
  readonly flowId: string;
  readonly conduit: string;
  /** As they were when they were last read and found good. */
  readonly numbers: Float64Array;
  counters: FlowCounters;
}

/** Fails with the system's own error. Never waits and never follows a link: the directory is the other side's. */
function openCounterFile(path: string): CounterFile {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const known: Known[] = [];
  let copy = new Uint8Array(HeaderBytes);

  function read(): CountersRead {
    const size = fstatSync(fd);
    if (!size.isFile()) return broken('it is no file');
    const header = new Int32Array(copy.buffer, 0, HeaderWords);
    if (readSync(fd, copy, 0, HeaderWords * 4, 0) < HeaderWords * 4 || header[HeaderWord.magic] !== Magic) {
      return broken('it has no header');
    }
    if ((header[HeaderWord.layout] ?? 0) >>> 0 !== LayoutMark) return broken('it is of another release');
    const slots = header[HeaderWord.slots] ?? 0;
    if (slots < known.length || slots > MostSlots) return broken(`it counts ${slots} flows`);
    if (slots === 0) return { ok: true, flows: [] };
    const end = slotOffset(slots - 1) + SlotBytes;
    if (size.size < end) return broken('it is cut off');
    if (copy.length < end) copy = new Uint8Array(end + PartBytes);
    for (let done = HeaderBytes; done < end; ) {
      const length = readSync(fd, copy, done, end - done, done);
      if (length === 0) return broken('it is cut off');
      done += length;
    }
    return take(slots);
  }

  function take(slots: number): CountersRead {
    for (let slot = 0; slot < slots; slot += 1) {
      const offset = slotOffset(slot);
      const one = known[slot] ?? begin(copy.subarray(offset, offset + NameBytes));
      if (one === undefined) return broken(`flow ${slot} has no name`);
      known[slot] = one;
      const problem = follow(one, new Float64Array(copy.buffer, offset + NameBytes, SlotNumbers));
      if (problem !== '') return broken(`flow ${slot}: ${problem}`);
    }
    return { ok: true, flows: known.filter(isNamedOrUsed).map(({ counters }) => counters) };
  }

  return { read, close: () => closeSync(fd) };
}

function begin(names: Uint8Array): Known | undefined {
  const named = decodeNames(names);
  if (named === undefined) return undefined;
  const numbers = new Float64Array(SlotNumbers);
  return { ...named, numbers, counters: readSlot(numbers, 0, named) };
}

/** Takes over what has changed. @returns what is wrong with it, or '' */
function follow(known: Known, now: Float64Array): string {
  const { numbers } = known;
  // Most flows are silent most seconds.
  if (Buffer.compare(bytesOf(numbers), bytesOf(now)) === 0) return '';
  for (let place = 0; place < SlotNumbers; place += 1) {
    const count = now[place] ?? 0;
    const before = numbers[place] ?? 0;
    if (count === before) continue;
    if (!isCountAt(place, count)) return `number ${place} is no count`;
    if (count < before && !mayFall(place)) return `number ${place} has fallen`;
  }
  numbers.set(now);
  known.counters = readSlot(numbers, 0, known);
  return '';
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function isNamedOrUsed({ flowId, numbers }: Known): boolean {
  return flowId !== '' || numbers.some((number) => number !== 0);
}

function broken(problem: string): CountersRead {
  return { ok: false, why: 'broken', problem: `the file of its counts is not sound: ${problem}` };
}

function listed(directory: string | undefined): readonly string[] {
  try {
    return directory === undefined ? [] : readdirSync(directory).filter((name) => Epoch.test(name));
  } catch {
    return [];
  }
}

const Epoch = /^[0-9a-f]{16}$/;
/** As many flows as a message about counts may hold. */
const MostSlots = 20_000;
