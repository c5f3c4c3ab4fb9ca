import { Tolerances } from '../../rules/modbus/profile.ts';
import { type Reason, Reasons } from '../../rules/reason.ts';
import { CountedVerdicts, LatencyBuckets } from './bounds.ts';
import type { CountedVerdict, FlowCounters } from './reports.ts';

/*
 * What is counted on one flow, as a row of numbers: each is one 8-byte store for who counts, and stands at the same
 * place for who reads, be it in memory that two processes share. Counts only rise, except the connections open now.
 * An inspecting process and its engine are of one release; {@link LayoutMark} says so.
 */

const Codes = Object.keys(Reasons) as readonly Reason[];
const ToleratedNames: readonly Tolerated[] = [...Tolerances, 'coil-padding'];
const Verdicts: readonly CountedVerdict[] = CountedVerdicts;
const FunctionCodes = 128;

/** A name of a tolerance, or `coil-padding`. */
export type Tolerated = FlowCounters['tolerated'][number]['what'];

/** Places of the numbers that stand alone. */
export const Place = {
  bytesFromClient: 0,
  bytesFromServer: 1,
  open: 2,
  opened: 3,
  exceptions: 4,
  /** Seconds, and the only number here that is not whole. */
  latencySum: 5,
  unreached: 6,
  responses: 7,
} as const;

/** Places of the first of several: by bucket, by reason, by name, by function code and verdict. */
const Buckets = 8;
const Refusals = Buckets + LatencyBuckets.length + 1;
const Quarantined = Refusals + Codes.length;
const ToleratedAt = Quarantined + Codes.length;
const Requests = ToleratedAt + ToleratedNames.length;

/** Numbers of one flow. */
export const SlotNumbers = Requests + FunctionCodes * Verdicts.length;

const byReason = new Map(Codes.map((code, index) => [code, index]));
const byTolerance = new Map(ToleratedNames.map((name, index) => [name, index]));

export function refusalPlace(reason: Reason): number {
  return Refusals + (byReason.get(reason) ?? 0);
}

export function quarantinedPlace(reason: Reason): number {
  return Quarantined + (byReason.get(reason) ?? 0);
}

export function toleratedPlace(what: Tolerated): number {
  return ToleratedAt + (byTolerance.get(what) ?? 0);
}

/** Of the first verdict on requests of this function code; the others follow in the order of {@link CountedVerdicts}. */
export function requestPlace(functionCode: number): number {
  return Requests + functionCode * Verdicts.length;
}

const Bounds = Float64Array.from(LatencyBuckets);

/** Of the bucket whose bound so many seconds do not exceed. */
export function bucketPlace(seconds: number): number {
  let index = 0;
  while (index < Bounds.length && seconds > (Bounds[index] ?? 0)) index += 1;
  return Buckets + index;
}

/** Whether this can stand at a place: what is read from another process must be looked at first. */
export function isCountAt(place: number, number: number): boolean {
  return number >= 0 && (place === Place.latencySum ? Number.isFinite(number) : Number.isSafeInteger(number));
}

/** Whether the number at a place may be lower than it was. */
export function mayFall(place: number): boolean {
  return place === Place.open;
}

/** What the numbers from `at` on say of a flow; what was never counted is not listed. */
export function readSlot(
  numbers: Float64Array,
  at: number,
  { flowId, conduit }: Pick<FlowCounters, 'flowId' | 'conduit'>,
): FlowCounters {
  const slot = numbers.subarray(at, at + SlotNumbers);
  const one = (place: number): number => slot[place] ?? 0;
  const bucketCounts = [...slot.subarray(Buckets, Refusals)];
  return {
    flowId,
    conduit,
    requests: requestsIn(slot),
    refusals: named(slot, Refusals, Codes, (reason, count) => ({ reason, count })),
    exceptions: one(Place.exceptions),
    quarantined: named(slot, Quarantined, Codes, (reason, count) => ({ reason, count })),
    tolerated: named(slot, ToleratedAt, ToleratedNames, (what, count) => ({ what, count })),
    bytesFromClient: one(Place.bytesFromClient),
    bytesFromServer: one(Place.bytesFromServer),
    open: one(Place.open),
    opened: one(Place.opened),
    unreached: one(Place.unreached),
    responses: one(Place.responses),
    latency: {
      bucketCounts,
      sum: one(Place.latencySum),
      count: bucketCounts.reduce((sum, count) => sum + count, 0),
    },
  };
}

function requestsIn(slot: Float64Array): FlowCounters['requests'] {
  const requests: FlowCounters['requests'] = [];
  for (let place = Requests; place < SlotNumbers; place += 1) {
    const count = slot[place] ?? 0;
    const verdict = Verdicts[(place - Requests) % Verdicts.length];
    if (count === 0 || verdict === undefined) continue;
    requests.push({ functionCode: Math.floor((place - Requests) / Verdicts.length), verdict, count });
  }
  return requests;
}

function named<Name, Counted>(
  slot: Float64Array,
  first: number,
  names: readonly Name[],
  counted: (name: Name, count: number) => Counted,
): Counted[] {
  return names.flatMap((name, index) => {
    const count = slot[first + index] ?? 0;
    return count === 0 ? [] : [counted(name, count)];
  });
}

/** Stands for what is counted and where (FNV-1a, 32 bits): numbers of another layout are not to be read by this one. */
export const LayoutMark = markOf([...Codes, ...ToleratedNames, ...Verdicts, ...LatencyBuckets].join(' '));

function markOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
