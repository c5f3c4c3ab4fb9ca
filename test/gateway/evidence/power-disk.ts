import type { Disk } from '../../../gateway/evidence/disk.ts';

/**
 * A disk that keeps a trace of everything done to it, and can say what may be left of it when the power goes after
 * any step: all that was synced, and any part of what was not. It is harsher than a file system with a journal, in
 * that names, too, reach the medium in any order.
 */
export interface PowerDisk extends Disk {
  readonly trace: readonly Step[];
  /** Puts a word into the trace, such as that something was acknowledged. */
  readonly say: (word: string) => void;
}

/** What the medium holds, by path. */
export type Medium = ReadonlyMap<string, Uint8Array>;

export type Step =
  | { readonly op: 'create'; readonly path: string; readonly file: number }
  | { readonly op: 'write'; readonly file: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly op: 'truncate'; readonly file: number; readonly size: number }
  | { readonly op: 'sync'; readonly file: number }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'link'; readonly from: string; readonly to: string }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'sync-names' }
  | { readonly op: 'say'; readonly word: string };

interface OpenFile {
  readonly file: number;
  bytes: Uint8Array;
}

export function powerDisk(start: Medium = new Map()): PowerDisk {
  const trace: Step[] = [];
  const names = new Map<string, OpenFile>();
  let files = 0;
  for (const [path, bytes] of start) names.set(path, { file: files++, bytes });

  function at(path: string): OpenFile {
    const found = names.get(path);
    if (found === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return found;
  }

  function truncate(open: OpenFile, size: number): void {
    trace.push({ op: 'truncate', file: open.file, size });
    open.bytes = open.bytes.slice(0, size);
  }

  return {
    trace,
    say: (word) => trace.push({ op: 'say', word }),
    lock: async () => ({ release: async () => undefined }),
    makeDirectory: async () => undefined,
    list: async () => [...names.keys()],
    stat: async (path) => ({ size: at(path).bytes.length, modifiedAt: 0 }),
    read: async (path) => at(path).bytes,
    readStart: async (path, length) => at(path).bytes.slice(0, length),
    create: async (path) => {
      if (names.has(path)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
      const open: OpenFile = { file: files++, bytes: new Uint8Array() };
      trace.push({ op: 'create', path, file: open.file });
      names.set(path, open);
      return {
        append: async (bytes) => {
          trace.push({ op: 'write', file: open.file, offset: open.bytes.length, bytes });
          open.bytes = Buffer.concat([open.bytes, bytes]);
        },
        sync: async () => {
          trace.push({ op: 'sync', file: open.file });
        },
        truncate: async (size) => truncate(open, size),
        close: async () => undefined,
      };
    },
    rename: async (from, to) => {
      trace.push({ op: 'rename', from, to });
      names.set(to, at(from));
      names.delete(from);
    },
    link: async (from, to) => {
      if (names.has(to)) throw Object.assign(new Error(`EEXIST: ${to}`), { code: 'EEXIST' });
      names.set(to, at(from));
      trace.push({ op: 'link', from, to });
    },
    remove: async (path) => {
      at(path);
      trace.push({ op: 'remove', path });
      names.delete(path);
    },
    truncate: async (path, size) => truncate(at(path), size),
    syncFile: async (path) => {
      trace.push({ op: 'sync', file: at(path).file });
    },
    syncDirectory: async () => {
      trace.push({ op: 'sync-names' });
    },
  };
}

/** Decides about one unsynced step: how much of it, from 0 for nothing to 1 for all, reached the medium. */
export type Luck = () => number;

/** What may be left when the power goes after `steps` steps of the trace on a medium. */
export function afterPowerCut(start: Medium, trace: readonly Step[], steps: number, luck: Luck): Medium {
  const done = trace.slice(0, steps);
  const lastSync = new Map<number, number>();
  let namesSynced = -1;
  for (const [index, step] of done.entries()) {
    if (step.op === 'sync') lastSync.set(step.file, index);
    if (step.op === 'sync-names') namesSynced = index;
  }
  const contents = new Map<number, Uint8Array>();
  const names = new Map<string, number>();
  for (const [path, bytes] of start) {
    names.set(path, names.size);
    contents.set(names.size - 1, bytes);
  }
  for (const [index, step] of done.entries()) {
    if (step.op === 'write' || step.op === 'truncate') {
      const kept = index < (lastSync.get(step.file) ?? -1) ? 1 : luck();
      const before = contents.get(step.file) ?? new Uint8Array();
      contents.set(
        step.file,
        step.op === 'write' ? written(before, step, kept) : cut(before, step.size, kept),
      );
    }
    const isNamed = index < namesSynced || (isOfNames(step) && luck() >= 0.5);
    if (!isNamed) continue;
    if (step.op === 'create') names.set(step.path, step.file);
    if (step.op === 'remove') names.delete(step.path);
    if (step.op === 'link') {
      const file = names.get(step.from);
      if (file !== undefined) names.set(step.to, file);
    }
    if (step.op === 'rename') {
      const file = names.get(step.from);
      if (file !== undefined) names.set(step.to, file);
      names.delete(step.from);
    }
  }
  return new Map([...names].map(([path, file]) => [path, contents.get(file) ?? new Uint8Array()]));
}

function isOfNames({ op }: Step): boolean {
  return op === 'create' || op === 'remove' || op === 'rename' || op === 'link';
}

/** A write that did not come is a hole of zeros where a later one did. */
function written(before: Uint8Array, step: Extract<Step, { op: 'write' }>, kept: number): Uint8Array {
  const bytes = step.bytes.subarray(0, Math.floor(step.bytes.length * kept));
  if (bytes.length === 0) return before;
  const after = new Uint8Array(Math.max(before.length, step.offset + bytes.length));
  after.set(before);
  after.set(bytes, step.offset);
  return after;
}

function cut(before: Uint8Array, size: number, kept: number): Uint8Array {
  return kept < 1 ? before : before.slice(0, size);
}
