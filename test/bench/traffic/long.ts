import type { Column } from './columns.ts';
import type { Lane, Programs } from './lane.ts';
import { type Measured, resultOf, startLoad } from './load.ts';
import { type Memory, memoryOf } from './memory.ts';
import { bringUp, problemOf } from './rounds.ts';
import { LongRow } from './rows.ts';

/** Memory while very many transactions pass. */
export interface LongRun {
  readonly column: string;
  readonly wanted: number;
  /** At the start and after each tenth. */
  readonly memory: readonly (Memory & { readonly transactions: number })[];
  readonly measured?: Measured;
  readonly problem?: string;
}

/** Has so many transactions carried by the same processes, and looks at their memory after each tenth. */
export async function measureLong(column: Column, programs: Programs, wanted: number): Promise<LongRun> {
  const memory: LongRun['memory'][number][] = [];
  let lane: Lane | undefined;
  try {
    lane = await bringUp(column, { rows: [LongRow], pinned: true }, programs, WarmSeconds);
    const measured = await watch(lane, programs, wanted, (one) => memory.push(one));
    return { column: column.name, wanted, memory, measured };
  } catch (error) {
    return { column: column.name, wanted, memory, problem: problemOf(error) };
  } finally {
    await lane?.close();
  }
}

async function watch(
  lane: Lane,
  programs: Programs,
  wanted: number,
  note: (memory: LongRun['memory'][number]) => void,
): Promise<Measured> {
  const part = wanted / Parts;
  note({ transactions: 0, ...memoryOf(await lane.processes()) });
  const running = startLoad(lane, programs, { ...LongRow.load, transactions: wanted, report: part });
  try {
    for (let count = 1; count <= Parts; count++) {
      await running.says(new RegExp(`^at ${count * part}$`, 'm'), PatienceOfPart);
      note({ transactions: count * part, ...memoryOf(await lane.processes()) });
    }
    return await resultOf(running, PatienceOfPart);
  } finally {
    await running.stop();
  }
}

const Parts = 10;
/** Milliseconds for a tenth. */
const PatienceOfPart = 40_000;
const WarmSeconds = 1;
