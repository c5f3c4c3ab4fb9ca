import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../plant/namespaces/exec.ts';
import type { FoundProcess } from '../../plant/namespaces/processes.ts';
import type { Column } from './columns.ts';
import { GatewayCore, type Programs } from './lane.ts';
import { resultOf, startLoad } from './load.ts';
import { nameOf } from './memory.ts';
import { bringUp } from './rounds.ts';
import type { Row } from './rows.ts';

/**
 * Where the time of the gateway's core goes under one row: samples of all that ran there, the kernel's work for the
 * network included, by process and by function. Needs perf. Node names its compiled functions in /tmp/perf-PID.map.
 */
export async function profile(column: Column, row: Row, programs: Programs): Promise<string> {
  // V8 writes a log where it stands, each process as its own user; where it cannot it writes to what others read.
  const logs = mkdtempSync(join(tmpdir(), 'pst-bt-'));
  chmodSync(logs, 0o777);
  const under = ['env', '-C', logs, 'NODE_OPTIONS=--perf-basic-prof'];
  const lane = await bringUp(column, { rows: [row], pinned: true }, programs, WarmSeconds, under);
  const boxProcesses = await lane.processes();
  try {
    const data = join(lane.folder, 'perf.data');
    const running = startLoad(lane, programs, { ...row.load, warmup: 0.5, seconds: Seconds + 1 });
    const watched = ['-C', String(GatewayCore), '-e', 'cpu-clock', '-F', '4999'];
    await perf('record', '-q', ...watched, '-o', data, '--', 'sleep', String(Seconds));
    const { perSecond } = await resultOf(running, Patience);
    const samples = await perf('script', '-f', '-i', data, '-F', 'pid,ip,sym,dso');
    const title = `${column.name}, ${row.name}: ${perSecond.toFixed(0)} /s while sampled`;
    return `${title}\n${summary(samples, boxProcesses)}`;
  } finally {
    await lane.close();
    rmSync(logs, { recursive: true, force: true });
    for (const { pid } of boxProcesses) rmSync(`/tmp/perf-${pid}.map`, { force: true });
  }
}

/** Counts the samples by process, and by process and function. */
function summary(samples: string, processes: readonly FoundProcess[]): string {
  const names = new Map(processes.map(({ pid, command }) => [pid, `${nameOf(command)} ${pid}`]));
  const byProcess = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let all = 0;
  let ours = 0;
  for (const line of samples.split('\n')) {
    const [, pid, symbol = '', file = ''] = /^\s*(\d+)\s+[0-9a-f]+ (.*) \(([^()]*)\)$/.exec(line) ?? [];
    if (pid === undefined) continue;
    all += 1;
    const name = names.get(Number(pid));
    if (name === undefined) continue;
    ours += 1;
    const where = file.startsWith('[kernel') ? 'kernel' : (file.split('/').at(-1) ?? '');
    count(byProcess, `${name.padEnd(24)}${where === 'kernel' ? 'kernel' : 'itself'}`);
    count(byFunction, `${name.padEnd(24)}${where.padEnd(18)}${symbol}`);
  }
  const lines = (counts: ReadonlyMap<string, number>, most: number) =>
    [...counts]
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, most)
      .map(([what, samplesOf]) => `${((100 * samplesOf) / ours).toFixed(1).padStart(6)}  ${what}`);
  const part = ((100 * ours) / all).toFixed(0);
  return [
    `${part} % of what ran there was of the box:`,
    ...lines(byProcess, MostProcesses),
    '',
    ...lines(byFunction, MostFunctions),
  ].join('\n');
}

function count(into: Map<string, number>, key: string): void {
  into.set(key, (into.get(key) ?? 0) + 1);
}

async function perf(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(['perf', ...words], { patience: Patience });
  if (status !== 0) throw new Error(`perf ${words[0]}: ${stderr}`);
  return stdout;
}

const Seconds = 4;
const WarmSeconds = 1;
const Patience = 120_000;
const MostProcesses = 12;
const MostFunctions = 60;
