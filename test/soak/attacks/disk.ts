import { type Attack, type Done, pause, unless } from '../attack.ts';
import { countsOf } from '../counts.ts';
import type { SoakBench } from '../soak-bench.ts';
import { refusedMeanwhile } from './requests.ts';

/** What happens to the disk that evidence is written to, each with refusals under way that belong on it. */
export const DiskAttacks: readonly Attack[] = [
  {
    name: 'disk-full',
    what: 'no byte free on the disk of the evidence',
    run: (bench, seconds) =>
      whileRefusing(
        bench,
        seconds,
        'the disk was full',
        () => bench.disk.fill(true),
        () => bench.disk.fill(false),
      ),
  },
  {
    name: 'disk-read-only',
    what: 'the file system of the evidence takes no write any more, and is mounted anew later',
    obstacle: needsLoop,
    run: (bench, seconds) =>
      whileRefusing(bench, seconds, 'nothing could be written', bench.disk.breakDown, bench.disk.mend),
  },
  {
    name: 'disk-stalled',
    what: 'every write to the evidence waits for as long as the attack lasts (the file system is frozen)',
    obstacle: needsLoop,
    run: async (bench, seconds) => {
      const [refused] = await Promise.all([
        refusedMeanwhile(bench, seconds),
        bench.disk.stall(seconds * 1000),
      ]);
      return refused;
    },
  },
  {
    name: 'disk-slow',
    what: 'a disk that hardly moves: frozen for half a second, again and again, with a twentieth between',
    obstacle: needsLoop,
    run: async (bench, seconds) => {
      const [refused] = await Promise.all([refusedMeanwhile(bench, seconds), slowDown(bench, seconds)]);
      return refused;
    },
  },
];

/** Milliseconds. */
const Standing = 500;
const Moving = 50;

async function slowDown(bench: SoakBench, seconds: number): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(Moving))
    await bench.disk.stall(Standing);
}

function needsLoop({ disk }: SoakBench): string {
  return disk.kind === 'loop' ? '' : 'needs loop devices';
}

/** Also sees whether the gateway says that its disk fails while it does. */
async function whileRefusing(
  bench: SoakBench,
  seconds: number,
  when: string,
  hurt: () => Promise<void>,
  heal: () => Promise<void>,
): Promise<Done> {
  try {
    await hurt();
    const [done, told] = await Promise.all([refusedMeanwhile(bench, seconds), hears()]);
    return {
      ...done,
      wrong: [...unless(told !== '', `no word of it while ${when}`), ...(done.wrong ?? [])],
      notes: [told, ...(done.notes ?? [])],
    };
  } finally {
    await heal();
  }

  async function hears(): Promise<string> {
    let said = '';
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(200)) {
      said ||= await countsOf(bench.controlSocket).then(
        ({ evidence }) => evidence.failing,
        () => '',
      );
    }
    return said;
  }
}
