import { readFileSync } from 'node:fs';
import { run } from './exec.ts';

export interface FoundProcess {
  readonly pid: number;
  /** Its command line, words parted by spaces. */
  readonly command: string;
}

/** The processes of a gateway. */
export type ProcessKind = 'supervisor' | 'engine' | 'inspector' | 'front' | 'nft child' | 'drop reader';

/** All that run in a namespace now; one that has ended and was not waited for yet is none. */
export async function processesIn(namespace: string): Promise<readonly FoundProcess[]> {
  const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
  const pids = (stdout.match(/\d+/g) ?? []).map(Number);
  return pids.map((pid) => ({ pid, command: commandLine(pid) })).filter(({ command }) => command !== '');
}

/** Process ids of those of one kind, as found by what they run. */
export function pidsOf(kind: ProcessKind, processes: readonly FoundProcess[]): readonly number[] {
  return processes.filter(({ command }) => Marks[kind].test(command)).map(({ pid }) => pid);
}

/** What a process holds, bytes: resident, and with what is shared divided among those who share it. */
export interface Held {
  readonly rss: number;
  readonly pss: number;
}

/** Nothing for a process that is gone. */
export function heldBy(pid: number): Held | undefined {
  const text = readOf(pid, 'smaps_rollup');
  const [rss, pss] = [bytesIn(text, 'Rss'), bytesIn(text, 'Pss')];
  return rss === undefined || pss === undefined ? undefined : { rss, pss };
}

function bytesIn(text: string, key: string): number | undefined {
  const [, kilobytes] = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function commandLine(pid: number): string {
  return readOf(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

function readOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}

const Marks: Readonly<Record<ProcessKind, RegExp>> = {
  supervisor: /cli\/penstock\.ts run /,
  engine: /engine\/main\.ts/,
  inspector: /inspector\/main\.ts/,
  front: /front\/main\.ts/,
  'nft child': /kernel\/nft-child\.ts/,
  'drop reader': /kernel\/nflog\.ts/,
};
