import { type FoundProcess, heldBy } from '../../plant/namespaces/processes.ts';

/** Memory of the box's processes, MiB. */
export interface Memory {
  readonly processes: readonly {
    /** What it runs, in one word. */
    readonly name: string;
    /** Resident, and with what is shared divided among those who share it. */
    readonly rss: number;
    readonly pss: number;
  }[];
}

/** Reads what each process holds now; one that ended meanwhile is left out. */
export function memoryOf(processes: readonly FoundProcess[]): Memory {
  return {
    processes: processes.flatMap(({ pid, command }) => {
      const held = heldBy(pid);
      return held === undefined ? [] : [{ name: nameOf(command), rss: held.rss / MiB, pss: held.pss / MiB }];
    }),
  };
}

/** The largest of the processes that carry, which is not the one that stands by. */
export function inspectorMemory({ processes }: Memory): number {
  return Math.max(0, ...processes.filter(({ name }) => name === 'inspector').map(({ rss }) => rss));
}

/** All processes together, MiB, nothing counted twice. */
export function totalMemory({ processes }: Memory): number {
  return processes.reduce((sum, { pss }) => sum + pss, 0);
}

/** `inspector` for `node …/gateway/inspector/main.ts …`, the file of any other program of ours, else the program. */
export function nameOf(command: string): string {
  const [, folder = '', file = ''] = /\/([\w-]+)\/([\w-]+)\.ts\b/.exec(command) ?? [];
  if (file !== '') return file === 'main' ? folder : file;
  return command.split(' ')[0]?.split('/').at(-1) ?? '';
}

const MiB = 1024 * 1024;
