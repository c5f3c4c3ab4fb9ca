import type { MetricsBody } from '../../gateway/ipc/snapshot.ts';
import { InspectorShards } from '../../rules/policy.ts';
import { type Attack, type Done, pause } from './attack.ts';
import { BoxAttacks } from './attacks/box.ts';
import { ConnectionAttacks } from './attacks/connections.ts';
import { DiskAttacks } from './attacks/disk.ts';
import { Kills } from './attacks/kills.ts';
import { RequestAttacks } from './attacks/requests.ts';
import { countsOf, droppedOf, refusalsOf, statusOf } from './counts.ts';
import type { Sizes } from './memory.ts';
import type { OnRecord } from './on-record.ts';
import { Kinds, processesByKind } from './processes.ts';
import type { Judged, SoakBench } from './soak-bench.ts';
import { type SteadyReport, together } from './steady.ts';
import { calmFaultsOf, faultsOf, isAsSent, wireFaultsOf } from './verdict.ts';

/** Every attack, in the order in which a short form runs them. */
export const Attacks: readonly Attack[] = [
  ...ConnectionAttacks,
  ...RequestAttacks,
  ...DiskAttacks,
  ...BoxAttacks,
  ...Kills,
];

/** How long things last, seconds. */
export interface Times {
  /** Before each attack, to compare it with. */
  readonly calm: number;
  readonly attack: number;
  /** How much longer than on a quiet machine cut connections may take to come back. */
  readonly patience: number;
}

/** What had to be counted, or at least and at most, and what was. */
export interface Counted {
  readonly sent: number;
  readonly orAtMost?: number;
  readonly counted: number;
}

/** What one attack did to the gateway. */
export interface AttackReport {
  readonly attack: string;
  readonly calm: SteadyReport;
  /** While it lasted. */
  readonly during: SteadyReport;
  /** Until everything was as before. */
  readonly after: SteadyReport;
  /** Milliseconds from its end until every flow was answered again and every process stood. */
  readonly recoveredMs: number;
  /** Since the attack before it. */
  readonly judged: Judged;
  /** Bytes, the largest process of each kind before it and while it lasted. */
  readonly memoryBefore: Sizes;
  readonly memoryPeak: Sizes;
  /** What had to be refused, and what the gateway has counted. */
  readonly refused: Counted;
  readonly dropped: Counted;
  readonly notes: readonly string[];
  /** What was not as it has to be; empty for an attack that the gateway withstood. */
  readonly faults: readonly string[];
}

/** A calm while, the attack, and what comes after it. Throws only where the bench itself fails. */
export async function undergo(
  bench: SoakBench,
  attack: Attack,
  times: Times,
  onRecord: OnRecord,
): Promise<AttackReport> {
  const late = attack.endsEngine === true ? await onRecord.catchUp() : [];
  const since = await bench.steady.mark();
  await pause(times.calm * 1000);
  const calm = await bench.steady.mark();
  const memoryBefore = await bench.memory.now();
  bench.memory.peak();
  const before = await countsOf(bench.controlSocket);
  const done = await attack
    .run(bench, times.attack)
    .catch((error: unknown) => ({ wrong: [`${error}`] }) as Done);
  const during = await bench.steady.mark();
  const ended = performance.now();
  const recovery = await recover(bench);
  const recoveredMs = Math.round(performance.now() - ended);
  const counted = await settledCounts(bench, done, before);
  const after = together(recovery.seen, await bench.steady.mark());
  if (attack.endsEngine === true) await onRecord.begin();
  const seen = {
    attack: attack.name,
    calm,
    during,
    after,
    recoveredMs,
    judged: await bench.judge(),
    memoryBefore,
    memoryPeak: bench.memory.peak(),
    refused: { ...sentOf(done), counted: counted.refused },
    dropped: { sent: done.drops?.count ?? 0, counted: counted.dropped },
    notes: (done.notes ?? []).filter((note) => note !== ''),
  };
  const faults = [
    ...late,
    ...calmFaultsOf(together(since, calm)),
    ...recovery.faults,
    ...(done.wrong ?? []),
    ...faultsOf(seen, attack, times.patience),
  ];
  return { ...seen, faults };
}

/** What is lost or let through for a calm while after the last attack. */
export async function aftermath(bench: SoakBench, times: Times): Promise<readonly string[]> {
  await pause(times.calm * 1000);
  return [...calmFaultsOf(await bench.steady.mark()), ...wireFaultsOf(await bench.judge())];
}

/** The traffic of an attack and of what came after it. */
export function throughout({ during, after }: Pick<AttackReport, 'during' | 'after'>): SteadyReport {
  return together(during, after);
}

/** Waits until every process stands, and then for a while in which every flow is answered and none loses anything. */
async function recover(
  bench: SoakBench,
): Promise<{ readonly seen: SteadyReport; readonly faults: readonly string[] }> {
  const end = performance.now() + LongestRecovery;
  let seen = await bench.steady.mark();
  let problem = '';
  while (performance.now() < end) {
    await pause(Look);
    const look = await bench.steady.mark();
    seen = together(seen, look);
    problem = (await missing(bench)) || disturbed(look);
    if (problem === '') return { seen, faults: [] };
  }
  return { seen, faults: [`it did not recover by itself: ${problem}`] };
}

/** What does not stand as it should, or empty. */
async function missing(bench: SoakBench): Promise<string> {
  const status = await statusOf(bench.controlSocket).catch(() => undefined);
  const counts = await countsOf(bench.controlSocket).catch(() => undefined);
  if (status === undefined || counts === undefined) return 'the engine does not answer';
  const held = new Set(status.inspectors.flatMap(({ shards }) => shards)).size;
  if (held < InspectorShards || !status.inspectors.some(({ spare }) => spare))
    return 'an inspector is missing';
  const down = counts.processes.find(({ up }) => up === 0);
  if (down !== undefined) return `${down.name} is not up`;
  // The engine tells of none of its children that answer to others.
  const running = await processesByKind(bench.network.gateway);
  const gone = Kinds.find((kind) => running[kind].length === 0);
  return gone === undefined ? '' : `no ${gone} runs`;
}

function disturbed(look: SteadyReport): string {
  const flows = Object.entries(look);
  const [silent] = flows.find(([, { answered }]) => answered === 0) ?? [''];
  if (silent !== '') return `${silent} is not answered`;
  const [losing] = flows.find(([, one]) => one.lost + one.wrong + one.absent + one.resets > 0) ?? [''];
  if (losing !== '') return `${losing} is disturbed`;
  const [away, { down } = { down: 0 }] = flows.find(([, one]) => one.down > 0) ?? [''];
  return away === '' ? '' : `${away}: ${down} connections are not back`;
}

function sentOf({ refusals }: Done): Omit<Counted, 'counted'> {
  const { count = 0, orAtMost } = refusals ?? {};
  return { sent: count, ...(orAtMost === undefined ? {} : { orAtMost }) };
}

/** Inspectors tell what they counted each second: waits until that is what was sent, at most for some seconds. */
async function settledCounts(
  bench: SoakBench,
  done: Done,
  before: MetricsBody,
): Promise<{ readonly refused: number; readonly dropped: number }> {
  const { refusals, drops } = done;
  const end = performance.now() + 6_000;
  for (;;) {
    const now = await countsOf(bench.controlSocket);
    const refused = refusals === undefined ? 0 : ofFlow(now) - ofFlow(before);
    const dropped = drops === undefined ? 0 : droppedOf(now, drops.reason) - droppedOf(before, drops.reason);
    const isSettled = isAsSent({ ...sentOf(done), counted: refused }) && dropped === (drops?.count ?? 0);
    if (isSettled || performance.now() > end) return { refused, dropped };
    await pause(250);
  }

  function ofFlow(counts: MetricsBody): number {
    return refusals === undefined ? 0 : refusalsOf(counts, refusals.flow, refusals.reason);
  }
}

/** Milliseconds. */
const LongestRecovery = 120_000;
const Look = 500;
