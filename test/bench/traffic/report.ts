import type { Goal } from './goals.ts';
import type { LongRun } from './long.ts';
import { type TrafficMachine, trafficMachineText } from './machine.ts';
import { createResults } from './results.ts';
import type { Cell, Effort } from './rounds.ts';
import { goalsText, longText, memoryText, rowsText } from './table.ts';

/** Everything one run measured, as it is kept. */
export interface Run {
  /** Of the command, as they were given or left out. */
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly machine: TrafficMachine;
  /** Began the names of its namespaces. */
  readonly tag: string;
  readonly effort: Effort;
  /** Load average of the last minute before each round, by section. */
  readonly loads: readonly (readonly number[])[];
  readonly cells: readonly Cell[];
  readonly long: readonly LongRun[];
  readonly goals: readonly Goal[];
}

export function runText({ machine, effort, loads, cells, long, goals }: Run): string {
  const results = createResults(cells);
  const before = loads.map((section) => section.map((load) => load.toFixed(1)).join(' ')).join('; ');
  return [
    trafficMachineText(machine),
    `medians of ${effort.rounds} interleaved rounds of ${effort.seconds} s; load average before each: ${before}`,
    'the box on core 1 with its receive work, client and server on core 0; `two` and its columns share all cores',
    'cpu s: seconds core 1 was not idle for 100 000 transactions; ratios are medians of those within each round',
    '',
    rowsText(results),
    ...sectionText('memory with 500 connections, MiB resident/PSS', memoryText(results, '500')),
    ...long.map((one) => `\n${longText(one)}`),
    '',
    goalsText(goals),
  ].join('\n');
}

function sectionText(title: string, text: string): readonly string[] {
  return text === '' ? [] : ['', title, text];
}
