import { machineText } from '../bench/machine.ts';
import { type AttackSummary, LeastForSlope, type SoakResult } from './results.ts';
import { MostDelay } from './verdict.ts';

/** For people: a line for each attack, then memory, then what did not hold. */
export function tableOf(result: SoakResult): string {
  const rows = result.attacks.map((one) => [
    one.attack,
    String(one.transactions),
    String(one.lost),
    one.resets === 0 ? '–' : `${one.resets}, again in ${one.reopenMs} ms`,
    `${one.delay.median.toFixed(1)} / ${one.delay.largest.toFixed(1)}${one.delay.median > MostDelay ? ' !' : ''}`,
    `${(one.recoveredMs / 1000).toFixed(1)} s`,
    `${(one.memoryGrowth / MiB).toFixed(0)}`,
    countedText(one.refused, one.dropped),
    one.faults.length === 0 ? 'withstood' : 'FAILED',
  ]);
  const all = [Head, ...rows];
  const widths = Head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const memory = result.memory.map(
    ({ kind, first, last, largest, slope }) =>
      `${kind.padEnd(12)} ${mib(first)} at first, ${mib(last)} at last, ${mib(largest)} at most${result.minutes < LeastForSlope ? '' : `, ${mib(slope)} an hour`}`,
  );
  return [
    `${machineText(result.machine)}, kernel ${result.machine.kernel}; ${result.minutes} min, seed ${result.seed}`,
    ...lines,
    `${result.transactions} permitted transactions; on the wire ${result.wire.packets} packets, ${result.wire.violations} not permitted`,
    ...memory,
    ...result.faults.map((fault) => `FAILED  ${fault}`),
  ].join('\n');
}

function countedText(refused: AttackSummary['refused'], dropped: AttackSummary['dropped']): string {
  const parts = [refused, dropped]
    .filter(({ sent }) => sent > 0)
    .map(({ sent, counted }) => `${counted} of ${sent}`);
  return parts.length === 0 ? '–' : parts.join(', ');
}

function mib(bytes: number): string {
  return `${(bytes / MiB).toFixed(0)} MiB`;
}

const Head = ['attack', 'permitted', 'lost', 'reset', 'p99 ×', 'recovered', 'MiB +', 'refused, counted', ''];
const MiB = 1024 * 1024;
