import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Column } from './columns.ts';
import { type Lane, openLane, type Programs } from './lane.ts';
import { type Load, type Measured, resultOf, startLoad } from './load.ts';
import { type Memory, memoryOf } from './memory.ts';
import type { Row } from './rows.ts';

/** One row of one column in one round, or why there is no figure. */
export interface Cell {
  readonly row: string;
  readonly column: string;
  readonly round: number;
  readonly measured?: Measured;
  readonly memory?: Memory;
  readonly problem?: string;
}

export interface Section {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Whether the box has a core of its own; else everything shares all cores. */
  readonly pinned: boolean;
}

/** How much is measured. Seconds are of one cell. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  /** Of each row once, before anything is measured. */
  readonly warm: number;
}

export interface SectionResult {
  readonly cells: readonly Cell[];
  /** Load average of the last minute before each round. */
  readonly loads: readonly number[];
}

/**
 * Measures in interleaved rounds: each row with every column right after one another, the order turning from round
 * to round. What fails is a cell with a problem, and the others go on.
 */
export async function measureSection(
  section: Section,
  programs: Programs,
  effort: Effort,
  say: (line: string) => void,
): Promise<SectionResult> {
  const { columns, rows } = section;
  const cells: Cell[] = [];
  const loads: number[] = [];
  const lanes = new Map<Column, Lane | string>();
  try {
    for (const column of columns) {
      const lane = await bringUp(column, section, programs, effort.warm).catch(problemOf);
      if (typeof lane !== 'string') await lane.freeze();
      lanes.set(column, lane);
      say(`${column.name}: ${typeof lane === 'string' ? lane : 'up'}`);
    }
    for (let round = 0; round < effort.rounds; round++) {
      loads.push(loadavg()[0] ?? 0);
      for (const row of rows) {
        for (const column of turned(columns, round)) {
          if (row.refused && !column.ours) continue;
          const place = { row: row.name, column: column.name, round };
          const lane = lanes.get(column) ?? '';
          const cell =
            typeof lane === 'string'
              ? { ...place, problem: lane }
              : { ...place, ...(await measure(lane, column, row, programs, effort)) };
          cells.push(cell);
          say(lineOf(cell));
        }
      }
    }
  } finally {
    for (const lane of lanes.values()) if (typeof lane !== 'string') await lane.close();
  }
  return { cells, loads };
}

/**
 * A lane with the column on it, warm after so many seconds of each row. `under` are words before the command that is
 * started on the box.
 */
export async function bringUp(
  column: Column,
  { rows, pinned }: Omit<Section, 'columns'>,
  programs: Programs,
  warm: number,
  under: readonly string[] = [],
): Promise<Lane> {
  const lane = await openLane(programs, pinned, under);
  try {
    await column.start(lane);
    await passing(lane, column, programs, rows[0]?.load ?? {});
    // What is compiled while it runs has seen every kind of traffic before the first figure is taken. What goes
    // wrong here goes wrong again where it counts.
    for (const row of rows.filter((one) => column.ours || !one.refused)) {
      const load = { ...row.load, warmup: 0, seconds: warm };
      await loadOnce(lane, column, programs, load).catch(() => undefined);
    }
    return lane;
  } catch (error) {
    await lane.close();
    throw error;
  }
}

/** Asks on one connection until it is answered. */
async function passing(lane: Lane, column: Column, programs: Programs, load: Load): Promise<void> {
  const probe = { ...load, connections: 1, depth: 1, refused: 0, setup: 0, warmup: 0, seconds: 0.05 };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await loadOnce(lane, column, programs, probe);
      return;
    } catch (error) {
      if (attempt === Attempts) throw error;
      await delay(AttemptInterval);
    }
  }
}

async function measure(lane: Lane, column: Column, row: Row, programs: Programs, effort: Effort) {
  const seconds = effort.seconds * (row.longer ?? 1);
  const hold = row.memory ? 1 : 0;
  try {
    await lane.thaw();
    await delay(Settling);
    const load = { ...row.load, ...serversOf(column), warmup: effort.warmup, seconds, hold };
    const running = startLoad(lane, programs, load);
    try {
      const all = await resultOf(running, (effort.warmup + seconds) * 1000 + Patience);
      // A core that clients and servers share with the box tells nothing of the box.
      const measured = lane.pinned ? all : { ...all, processor: undefined };
      return row.memory ? { measured, memory: memoryOf(await lane.processes()) } : { measured };
    } finally {
      await running.stop();
    }
  } catch (error) {
    return { problem: problemOf(error) };
  } finally {
    // What a flood of connections left to be written belongs to nobody else's figures.
    await delay(row.load['setup'] ? AfterFlood : Settling);
    await lane.freeze();
  }
}

async function loadOnce(lane: Lane, column: Column, programs: Programs, load: Load): Promise<void> {
  const running = startLoad(lane, programs, { ...load, ...serversOf(column) });
  try {
    await resultOf(running, Patience);
  } finally {
    await running.stop();
  }
}

function serversOf({ servers }: Column): Load {
  return servers === undefined ? {} : { servers: servers.join(',') };
}

function turned<T>(all: readonly T[], by: number): readonly T[] {
  const first = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

export function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // What it ends with is what it ended for.
  return text.slice(-MostOfProblem);
}

function lineOf({ row, column, round, measured, problem }: Cell): string {
  const figure =
    measured === undefined ? problem : `${Math.round(measured.perSecond)}/s, p99 ${measured.p99} µs`;
  return `round ${round + 1}, ${row}, ${column}: ${figure}`;
}

const Attempts = 50;
const AttemptInterval = 200;
/** Milliseconds before and after the clients, for processes that have just been let go on. */
const Settling = 150;
const AfterFlood = 1_500;
/** Milliseconds beyond the time that is measured: connecting, and answers that come late. */
const Patience = 15_000;
const MostOfProblem = 1_000;
