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

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
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
