import { cpus, release, totalmem } from 'node:os';
import { machine, machineText } from '../bench/machine.ts';
import { type AttackReport, Attacks, throughout } from './campaign.ts';
import { type Sample, slopeOf } from './memory.ts';
import { Kinds } from './processes.ts';
import { delayOf, MostDelay } from './verdict.ts';

/** Everything a soak found, as it is kept. */
export interface SoakResult {
  readonly machine: typeof machine & {
    readonly kernel: string;
    readonly memory: number;
    readonly load: string;
  };
  readonly begun: string;
  readonly minutes: number;
  readonly seed: number;
  readonly disk: string;
  /** How the wall clock of the gateway is set. */
  readonly clock: string;
  readonly attacks: readonly AttackSummary[];
  readonly memory: readonly MemorySummary[];
  readonly transactions: number;
  readonly wire: { readonly packets: number; readonly requests: number; readonly violations: number };
  readonly evidence: { readonly records: number; readonly gaps: Readonly<Record<string, number>> };
  /** What did not hold, with the attack it was in. */
  readonly faults: readonly string[];
}

/** All rounds of one attack. */
export interface AttackSummary {
  readonly attack: string;
  readonly what: string;
  readonly rounds: number;
  /** Permitted transactions that were answered while it lasted and until all was as before. */
  readonly transactions: number;
  readonly lost: number;
  /** Connections that were reset, all by design where the attack ends some. */
  readonly resets: number;
  /** Longest until the next transaction on a connection that was reset, milliseconds. */
  readonly reopenMs: number;
  /** The 99th percentile of the attack over that of the calm before it, the worst flow: median and largest of the rounds. */
  readonly delay: { readonly median: number; readonly largest: number };
  /** Longest until everything was as before, milliseconds. */
  readonly recoveredMs: number;
  /** By how many bytes the largest process was larger while it lasted, most of the rounds. */
  readonly memoryGrowth: number;
  readonly refused: { readonly sent: number; readonly counted: number };
  readonly dropped: { readonly sent: number; readonly counted: number };
  readonly faults: readonly string[];
}

/** Memory of one kind of process over the whole soak, bytes. */
export interface MemorySummary {
  readonly kind: string;
  readonly first: number;
  readonly last: number;
  readonly largest: number;
  /** An hour, least squares; of a short soak it says nothing. */
  readonly slope: number;
}

/** Adds the rounds of each attack up. */
export function summarise(reports: readonly AttackReport[]): readonly AttackSummary[] {
  return Attacks.flatMap(({ name, what, cuts }) => {
    const rounds = reports.filter(({ attack }) => attack === name);
    if (rounds.length === 0) return [];
    const flows = rounds.flatMap((round) => Object.values(throughout(round)));
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const delays = rounds.map(delayOf).sort((one, other) => one - other);
    const pair = (of: 'refused' | 'dropped') => ({
      sent: sum(rounds.map((round) => round[of].sent)),
      counted: sum(rounds.map((round) => round[of].counted)),
    });
    const growth = rounds.flatMap((round) =>
      Kinds.map((kind) => round.memoryPeak[kind] - round.memoryBefore[kind]),
    );
    return [
      {
        attack: name,
        what: cuts === undefined ? what : `${what}; by design ${cuts.why}`,
        rounds: rounds.length,
        transactions: sum(flows.map(({ answered }) => answered)),
        lost: sum(flows.map(({ lost, wrong }) => lost + wrong)),
        resets: sum(flows.map(({ resets }) => resets)),
        reopenMs: Math.max(...flows.map(({ reopenMs }) => reopenMs)),
        delay: { median: delays[Math.floor(delays.length / 2)] ?? 0, largest: delays.at(-1) ?? 0 },
        recoveredMs: Math.max(...rounds.map(({ recoveredMs }) => recoveredMs)),
        memoryGrowth: Math.max(0, ...growth),
        refused: pair('refused'),
        dropped: pair('dropped'),
        faults: rounds.flatMap(({ faults }) => faults),
      },
    ];
  });
}

export function summariseMemory(samples: readonly Sample[]): readonly MemorySummary[] {
  return Kinds.map((kind) => {
    const sizes = samples.map((sample) => sample.sizes[kind]).filter((size) => size > 0);
    const [first = 0] = sizes;
    return {
      kind,
      first,
      last: sizes.at(-1) ?? 0,
      largest: Math.max(0, ...sizes),
      slope: slopeOf(samples, kind),
    };
  });
}

/** The machine in more words than a bench needs: what is not steady under attack may be the machine. */
export function describeMachine(load: string): SoakResult['machine'] {
  return { ...machine, cores: cpus().length, kernel: release(), memory: totalmem(), load };
}

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
      `${kind.padEnd(12)} ${mib(first)} at first, ${mib(last)} at last, ${mib(largest)} at most, ${mib(slope)} an hour`,
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
