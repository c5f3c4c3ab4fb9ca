import { release, totalmem } from 'node:os';
import { machine } from '../bench/machine.ts';
import { type AttackReport, Attacks, throughout } from './campaign.ts';
import type { EvidenceSum } from './counts.ts';
import { type Sample, slopeOf } from './memory.ts';
import { Kinds } from './processes.ts';
import { delayOf, MostDelay, MostSlope } from './verdict.ts';

const MiB = 1024 * 1024;
/** Minutes; in less a slope says nothing. */
export const LeastForSlope = 20;

/** Everything a soak found, as it is kept. */
export interface SoakResult {
  readonly machine: typeof machine & {
    readonly kernel: string;
    readonly memory: number;
    readonly load: number;
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
  readonly evidence: {
    readonly records: number;
    readonly refusals: number;
    readonly drops: number;
    readonly gaps: Readonly<Record<string, number>>;
    readonly acts: Readonly<Record<string, number>>;
    readonly ahead: number;
  };
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
  /** Answered by the gateway in place of a controller. */
  readonly absent: number;
  /** Connections that were reset, all by design where the attack ends some. */
  readonly resets: number;
  /** Longest until the next transaction on a connection that was reset, milliseconds. */
  readonly reopenMs: number;
  /** `delayOf`: median and largest of the rounds. */
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

/** What a soak knows in the end. */
export interface Soaked {
  readonly begun: Date;
  /** Load average when it began. */
  readonly load: number;
  readonly minutes: number;
  readonly seed: number;
  readonly disk: string;
  readonly reports: readonly AttackReport[];
  readonly samples: readonly Sample[];
  readonly evidence: EvidenceSum;
  /** What did not hold after the last attack, and what the evidence does not hold of what was counted. */
  readonly afterwards: readonly string[];
}

/** Adds everything up. Delays are judged here, by the median of the rounds: one round may meet a busy machine. */
export function resultOf(soaked: Soaked): SoakResult {
  const { begun, load, minutes, seed, disk, reports, samples, evidence, afterwards } = soaked;
  const attacks = summarise(reports);
  const sum = (of: (report: AttackReport) => number): number =>
    reports.reduce((total, one) => total + of(one), 0);
  const sizes = summariseMemory(samples);
  return {
    machine: { ...machine, kernel: release(), memory: totalmem(), load },
    begun: begun.toISOString(),
    minutes: Math.round(minutes * 10) / 10,
    seed,
    disk,
    clock: 'clock_gettime, gettimeofday and time of the gateway alone, by a preloaded library',
    attacks,
    memory: sizes,
    transactions: attacks.reduce((total, one) => total + one.transactions, 0),
    wire: {
      packets: sum(({ judged }) => judged.packets),
      requests: sum(({ judged }) => judged.requests),
      violations: sum(({ judged }) => judged.violations),
    },
    evidence: {
      ...evidence,
      gaps: Object.fromEntries(evidence.gaps),
      acts: Object.fromEntries(evidence.acts),
    },
    faults: [
      ...attacks.flatMap(({ attack, faults }) => faults.map((fault) => `${attack}: ${fault}`)),
      ...attacks
        .filter(isLate)
        .map(({ attack, delay }) => `${attack}: p99 ${delay.median.toFixed(1)} times the calm one`),
      ...(minutes < LeastForSlope ? [] : sizes.filter(({ slope }) => slope > MostSlope)).map(
        ({ kind, slope }) => `${kind}: ${Math.round(slope / MiB)} MiB more each hour`,
      ),
      ...afterwards,
    ],
  };
}

function isLate({ attack, delay }: AttackSummary): boolean {
  const { delays } = Attacks.find(({ name }) => name === attack) ?? {};
  return delays === undefined && delay.median > MostDelay;
}

/** The rounds of each attack. */
function summarise(reports: readonly AttackReport[]): readonly AttackSummary[] {
  return Attacks.flatMap((one) => {
    const { name, what, cuts } = one;
    const rounds = reports.filter(({ attack }) => attack === name);
    if (rounds.length === 0) return [];
    const flows = rounds.flatMap((round) => Object.values(throughout(round)));
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const delays = rounds.map((round) => delayOf(round, one)).sort((less, more) => less - more);
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
        absent: sum(flows.map(({ absent }) => absent)),
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

function summariseMemory(samples: readonly Sample[]): readonly MemorySummary[] {
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
