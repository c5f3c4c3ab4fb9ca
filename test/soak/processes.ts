import { readFileSync } from 'node:fs';
import { runIn } from '../plant/namespaces/exec.ts';

/** Processes of the gateway that may be lost, by what they run. */
export const Kinds = ['engine', 'inspector', 'front', 'nft child', 'drop reader'] as const;
export type Kind = (typeof Kinds)[number];

/** Those running in a namespace now. */
export async function processesIn(namespace: string): Promise<Readonly<Record<Kind, readonly number[]>>> {
  const { stdout } = await runIn(namespace, ['ip', 'netns', 'pids', namespace]);
  const all = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ pid: Number(line), command: commandLine(Number(line)) }));
  const of = (kind: Kind): readonly number[] =>
    all.filter(({ command }) => Marks[kind].test(command)).map(({ pid }) => pid);
  return {
    engine: of('engine'),
    inspector: of('inspector'),
    front: of('front'),
    'nft child': of('nft child'),
    'drop reader': of('drop reader'),
  };
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it ended meanwhile
  }
}

const Marks: Readonly<Record<Kind, RegExp>> = {
  engine: /engine\/main\.ts/,
  inspector: /inspector\/main\.ts/,
  front: /front\/main\.ts/,
  'nft child': /kernel\/nft-child\.ts/,
  'drop reader': /kernel\/nflog\.ts/,
};
