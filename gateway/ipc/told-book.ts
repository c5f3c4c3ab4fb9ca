import type { Reason } from '../../rules/reason.ts';
import type { InspectorToEngine } from './messages.ts';
import type { ClosedConnection, ConnectionSum, FlowCounters, ToldTotals } from './reports.ts';

/** A message that records are made of. */
export type RecordMessage = Extract<InspectorToEngine, { readonly kind: 'connections' | 'refusals' }>;

/**
 * Adds up what an inspecting process told for the record, by flow. Who holds it against what the process counted knows
 * what was never told.
 */
export interface ToldBook {
  readonly take: (message: RecordMessage) => void;
  /** One connection of which its end is known from elsewhere. */
  readonly ended: (connection: Pick<ClosedConnection, PassedField | 'flowId' | 'wouldRefuse'>) => void;
  /** All flows together. */
  readonly totals: () => ToldTotals;
  /** What was counted and not told, by flow where that can be said, and otherwise in one. Nothing is below 0. */
  readonly untold: (counted: readonly FlowCounters[]) => readonly UntoldTotals[];
}

/** Of a flow, or of all when the id is empty. */
export interface UntoldTotals extends ToldTotals {
  readonly flowId: string;
  readonly conduit: string;
}

/** @param before told on former connections of the process, all flows together */
export function createToldBook(before?: ToldTotals): ToldBook {
  const flows = new Map<string, Tally>();
  /** Some of it was told of several flows together. */
  let mixed = false;
  if (before !== undefined && !isNothing(tallyOf(before))) {
    mixed = true;
    flows.set('', tallyOf(before));
  }

  function of(flowId: string): Tally {
    const known = flows.get(flowId);
    if (known !== undefined) return known;
    // More flows than one message about counts may hold: who tells of them is broken or hostile.
    mixed ||= flows.size >= MostFlows;
    const made = (mixed ? flows.get('') : undefined) ?? nothing();
    flows.set(mixed ? '' : flowId, made);
    return made;
  }

  function connections(
    one: Pick<ConnectionSum, PassedField | 'flowId' | 'wouldRefuse'>,
    count: number,
  ): void {
    const tally = of(one.flowId);
    tally.connections += count;
    tally.wouldRefuse += one.wouldRefuse;
    for (const field of PassedFields) tally[field] += one[field];
  }

  return {
    take: (message) => {
      if (message.kind === 'connections') {
        for (const closed of message.closed) connections(closed, 1);
        for (const sum of message.sums) {
          mixed ||= sum.kinds > 0;
          connections(sum, sum.count);
        }
        return;
      }
      for (const { flowId, reason, verdict, count } of message.refusals) {
        if (verdict === 'refuse') addTo(of(flowId).refusals, reason, count);
      }
    },
    ended: (closed) => connections(closed, 1),
    totals: () => plain([...flows.values()].reduce((sum, one) => combine(sum, one, 1), nothing())),
    untold: (counted) => {
      const rests = counted.map(({ flowId, conduit, ...flow }) => ({
        flowId,
        conduit,
        tally: combine(tallyOfCounted(flow), flows.get(flowId) ?? nothing(), -1),
      }));
      const isApart =
        !mixed &&
        rests.every(({ tally }) => !isAnyBelow(tally)) &&
        [...flows.keys()].every((id) => rests.some(({ flowId }) => flowId === id));
      const all = isApart ? rests : [{ flowId: '', conduit: '', tally: together(counted) }];
      return all
        .map(({ tally, ...names }) => ({ ...names, tally: atLeastNothing(tally) }))
        .filter(({ tally }) => !isNothing(tally))
        .map(({ tally, ...names }) => ({ ...names, ...plain(tally) }));
    },
  };

  function together(counted: readonly FlowCounters[]): Tally {
    const sum = counted.reduce((total, one) => combine(total, tallyOfCounted(one), 1), nothing());
    return [...flows.values()].reduce((rest, told) => combine(rest, told, -1), sum);
  }
}

const MostFlows = 20_000;

const PassedFields = ['bytesFromClient', 'bytesFromServer', 'transactions', 'refused', 'responses'] as const;
type PassedField = (typeof PassedFields)[number];
const Fields = ['connections', 'wouldRefuse', ...PassedFields] as const;

interface Tally extends Record<(typeof Fields)[number], number> {
  readonly refusals: Map<Reason, number>;
}

function nothing(): Tally {
  return tallyOf({
    connections: 0,
    bytesFromClient: 0,
    bytesFromServer: 0,
    transactions: 0,
    refused: 0,
    responses: 0,
    wouldRefuse: 0,
    refusals: [],
  });
}

function tallyOf({ refusals, ...numbers }: ToldTotals): Tally {
  return { ...numbers, refusals: new Map(refusals.map(({ reason, count }) => [reason, count])) };
}

function plain({ refusals, ...numbers }: Tally): ToldTotals {
  return { ...numbers, refusals: [...refusals].map(([reason, count]) => ({ reason, count })) };
}

/** What a flow's counters say in the words of records. */
function tallyOfCounted(flow: Omit<FlowCounters, 'flowId' | 'conduit'>): Tally {
  const requests = (verdict?: string): number =>
    flow.requests.reduce((sum, one) => ((verdict ?? one.verdict) === one.verdict ? sum + one.count : sum), 0);
  const tally: Tally = {
    connections: flow.opened + flow.unreached,
    bytesFromClient: flow.bytesFromClient,
    bytesFromServer: flow.bytesFromServer,
    transactions: requests(),
    refused: requests('refuse'),
    responses: flow.responses,
    wouldRefuse: requests('would-refuse'),
    refusals: new Map(),
  };
  // A response that was put aside is told as a refusal as well.
  for (const { reason, count } of [...flow.refusals, ...flow.quarantined])
    addTo(tally.refusals, reason, count);
  return tally;
}

function combine(one: Tally, other: Tally, sign: 1 | -1): Tally {
  const refusals = new Map(one.refusals);
  for (const [reason, count] of other.refusals) addTo(refusals, reason, sign * count);
  const sum = { ...one, refusals };
  for (const field of Fields) sum[field] += sign * other[field];
  return sum;
}

function atLeastNothing(tally: Tally): Tally {
  const rest = { ...tally, refusals: new Map([...tally.refusals].filter(([, count]) => count > 0)) };
  for (const field of Fields) rest[field] = Math.max(0, rest[field]);
  return rest;
}

function isAnyBelow(tally: Tally): boolean {
  return Fields.some((field) => tally[field] < 0) || [...tally.refusals.values()].some((count) => count < 0);
}

function isNothing(tally: Tally): boolean {
  return (
    Fields.every((field) => tally[field] === 0) && [...tally.refusals.values()].every((count) => count === 0)
  );
}

function addTo(counts: Map<Reason, number>, reason: Reason, count: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + count);
}
