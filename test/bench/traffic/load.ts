import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Running } from '../../plant/namespaces/exec.ts';
import { run } from '../../plant/namespaces/exec.ts';
import { GatewayCore, type Lane, type Programs } from './lane.ts';

/** What the clients do; see load.c for the meaning of each key. */
export type Load = Readonly<Record<string, string | number>>;

/** What one run of the clients gave. */
export interface Measured {
  readonly transactions: number;
  readonly perSecond: number;
  /** Microseconds from request to answer; of a set-up from the first SYN to the answer. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Seconds the gateway's core was not idle, for 100 000 transactions; undefined where it has none of its own. */
  readonly processor: number | undefined;
  /** Requests for which there was no room; only where they are paced. */
  readonly skipped: number;
}

/** Compiles the two programs into a folder. */
export async function compilePrograms(folder: string): Promise<Programs> {
  const programs = { load: join(folder, 'load'), server: join(folder, 'server') };
  for (const [name, out] of Object.entries(programs)) {
    const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
    const { status, stderr } = await run(['gcc', '-O2', '-Wall', '-o', out, source]);
    if (status !== 0) throw new Error(`gcc: ${stderr}`);
  }
  return programs;
}

export function startLoad(lane: Lane, programs: Programs, load: Load): Running {
  const words = Object.entries({ core: GatewayCore, ...load }).map(([key, value]) => `${key}=${value}`);
  return lane.onClient([programs.load, ...words]);
}

/** Waits for the result. @throws with what went wrong when an answer was wrong or missing, or a connection lost */
export async function resultOf(running: Running, patience: number): Promise<Measured> {
  const [line = ''] = await running.says(/^\{.*\}$/m, patience);
  const said = JSON.parse(line) as Said;
  const trouble = Troubles.filter((what) => said[what] > 0).map((what) => `${said[what]} ${what}`);
  if (trouble.length > 0) throw new Error(`${trouble.join(', ')} of ${said.transactions}; ${said.error}`);
  if (said.transactions === 0) throw new Error('nothing passed');
  const { transactions, seconds, p50, p99, p999, idle, steal, ticks, skipped } = said;
  const busy = Math.max(0, seconds - (idle + steal) / ticks);
  const processor = (busy / transactions) * 100_000;
  return { transactions, perSecond: transactions / seconds, p50, p99, p999, processor, skipped };
}

interface Said {
  readonly transactions: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Of the core, in ticks of which there are so many in a second. */
  readonly idle: number;
  readonly steal: number;
  readonly ticks: number;
  readonly wrong: number;
  readonly lost: number;
  readonly failed: number;
  readonly skipped: number;
  readonly unanswered: number;
  readonly error: string;
}

const Troubles = ['wrong', 'lost', 'failed', 'unanswered'] as const;
