import { type Machine, machineText } from '../machine.ts';
import type { Half } from './measure.ts';
import { type Pattern, Patterns, RuleCounts } from './workload.ts';

/** One line: a half of a workload under each number of rules, in the order of {@link RuleCounts}. */
export interface Row {
  readonly pattern: Pattern;
  readonly workload: string;
  readonly half: Half;
  readonly nanoseconds: readonly number[];
  /** Most rules to one rule, the median over the rounds. */
  readonly ratio: number;
  readonly bytes: readonly number[];
}

export interface Table {
  readonly machine: Machine;
  readonly rounds: number;
  readonly requests: number;
  readonly allocating: number;
  readonly rows: readonly Row[];
}

/** The table as text: the machine, what was done, and a line for each row. */
export function formatTable({ machine, rounds, requests, allocating, rows }: Table): string {
  const counts = RuleCounts.map((count) => count.toLocaleString('en').replace(',', ' '));
  const lines = [
    machineText(machine),
    `medians of ${rounds} interleaved rounds of ${requests} requests; allocation over ${allocating} ADUs`,
    'request, response: of 512 under way at once; both: each answered before the next is asked',
  ];
  for (const pattern of Patterns) {
    lines.push('', line(pattern, 'ns per ADU, rules:', counts, `${counts.at(-1)}/1`, Bytes, counts));
    for (const row of rows.filter((one) => one.pattern === pattern)) {
      const nanoseconds = row.nanoseconds.map((cost) => cost.toFixed(0));
      const bytes = row.bytes.map((cost) => cost.toFixed(1));
      lines.push(line(row.workload, row.half, nanoseconds, row.ratio.toFixed(2), '', bytes));
    }
  }
  return lines.join('\n');
}

const Bytes = 'bytes per ADU, rules:';

function line(
  what: string,
  half: string,
  times: readonly string[],
  ratio: string,
  between: string,
  bytes: readonly string[],
): string {
  const cells = (texts: readonly string[]) => texts.map((text) => text.padStart(8)).join('');
  const right = `${ratio.padStart(10)}  ${between.padStart(Bytes.length)}${cells(bytes)}`;
  return `${what.padEnd(22)}${half.padEnd(19)}${cells(times)}${right}`;
}
