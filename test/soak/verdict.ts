import type { Attack } from './attack.ts';
import type { AttackReport, Counted } from './campaign.ts';
import { Kinds } from './processes.ts';
import type { Judged } from './soak-bench.ts';
import { type FlowName, type FlowReport, type SteadyReport, together } from './steady.ts';

const MiB = 1024 * 1024;
const Flows: readonly FlowName[] = ['modbus', 'beside', 'newcomers', 'plain'];
/** Whose answers come in time is asked of; newcomers pay for a handshake that an attack may share. */
const Timed: readonly FlowName[] = ['modbus', 'beside', 'plain'];

/** Most bytes any one process may take. */
export const MostMemory = 250 * MiB;

/**
 * Most bytes an hour by which the sizes of a kind of process may rise. Attacks and new processes move them by tens of MiB,
 * and so does the line through the looks of one hour.
 */
export const MostSlope = 30 * MiB;

/** How much later permitted answers may come in an attack than in the calm before it, at the 99th percentile. */
export const MostDelay = 5;

/** Longest time in which nobody of a flow is answered, milliseconds. */
const MostQuiet = 5_000;

/** What did not hold in an attack, whatever machine it ran on. */
export function faultsOf(
  seen: Omit<AttackReport, 'faults'>,
  attack: Attack,
  patience: number,
): readonly string[] {
  const all = together(seen.during, seen.after);
  const seenOf = (name: FlowName): FlowReport =>
    attack.takesAway?.includes(name) === true ? { ...all[name], absent: 0 } : all[name];
  return [
    ...Flows.flatMap((name) =>
      attack.cuts?.flows.includes(name) === true
        ? reopeningOf(name, seenOf(name), attack.cuts.within * patience)
        : [...lossOf(name, seenOf(name)), ...silenceOf(name, all[name], attack)],
    ),
    ...wireFaultsOf(seen.judged),
    ...differenceOf('refusals', seen.refused),
    ...differenceOf('dropped packets', seen.dropped),
    ...Kinds.filter((kind) => seen.memoryPeak[kind] > MostMemory).map(
      (kind) => `${kind} took ${Math.round(seen.memoryPeak[kind] / MiB)} MiB`,
    ),
  ];
}

/** Between two attacks nothing may be lost, whatever the former one was. */
export function calmFaultsOf(calm: SteadyReport): readonly string[] {
  return Flows.flatMap((name) => lossOf(`${name} in the calm`, calm[name]));
}

/** What the gateway let through that nothing permits, and what nobody has judged. */
export function wireFaultsOf({ violations, unseen, first }: Judged): readonly string[] {
  return [
    ...(violations === 0 ? [] : [`${violations} on the wire that nothing permits: ${first}`]),
    ...(unseen === 0 ? [] : [`${unseen} packets on the wire were not judged`]),
  ];
}

/**
 * Ratio of the 99th percentile of an attack to that of the calm before it, the worst of the flows whose connections it
 * may not end.
 */
export function delayOf({ calm, during }: Pick<AttackReport, 'calm' | 'during'>, attack: Attack): number {
  const ratios = Timed.filter((name) => attack.cuts?.flows.includes(name) !== true).map((name) =>
    calm[name].p99 === 0 ? 0 : during[name].p99 / calm[name].p99,
  );
  return Math.max(0, ...ratios);
}

/** Whether as much was counted as had to be. */
export function isAsSent({ sent, orAtMost = sent, counted }: Counted): boolean {
  return counted >= sent && counted <= orAtMost;
}

function lossOf(name: string, { lost, wrong, absent, resets, first, sent }: FlowReport): readonly string[] {
  if (lost + wrong + absent + resets === 0) return [];
  return [
    `${name}: of ${sent} ${lost} lost, ${wrong + absent} wrong, ${resets} connections reset (${first})`,
  ];
}

/** Also on a machine that does much else somebody is answered within seconds. */
function silenceOf(name: FlowName, { quietMs }: FlowReport, { delays }: Attack): readonly string[] {
  return delays !== undefined || quietMs <= MostQuiet ? [] : [`${name}: no answer for ${quietMs} ms`];
}

/** Where connections end by design, what was under way on them is lost; they come back soon, and nothing is wrong. */
function reopeningOf(
  name: FlowName,
  { wrong, absent, reopenMs, first }: FlowReport,
  within: number,
): readonly string[] {
  const late = reopenMs > within ? [`${name}: answered again after ${reopenMs} ms`] : [];
  return [...late, ...(wrong + absent === 0 ? [] : [`${name}: ${wrong + absent} wrong (${first})`])];
}

function differenceOf(what: string, seen: Counted): readonly string[] {
  const { sent, orAtMost, counted } = seen;
  const had = orAtMost === undefined ? `${sent}` : `${sent} to ${orAtMost}`;
  return isAsSent(seen) ? [] : [`${what}: ${had} had to be, ${counted} were counted`];
}
