import type { Permit } from '../../rules/admission/flow-table.ts';
import type { ModbusProfile } from '../../rules/modbus/profile.ts';
import type { Reason } from '../../rules/reason.ts';
import type { CountedVerdict, FlowCounters, UsedCount } from '../ipc/reports.ts';
import { LatencyBuckets } from '../ipc/reports.ts';

/** What is counted on one flow. Counts only rise, except the connections open now. */
export interface FlowTally {
  readonly request: (functionCode: number, verdict: CountedVerdict) => void;
  /** The permission in this place of the profile allowed a request. */
  readonly used: (permission: number) => void;
  readonly refusal: (reason: Reason) => void;
  /** The server answered with an exception. */
  readonly exception: () => void;
  /** A response of the server was put aside. */
  readonly quarantined: (reason: Reason) => void;
  /** Something against the specification passed, by its name. */
  readonly tolerated: (what: Tolerated) => void;
  /**
   * Added latency of one forwarded request, milliseconds: from the moment this process was handed the
   * last byte of the client's ADU to the moment it had handed the canonical ADU to the kernel. Waiting in
   * the kernel's queues and in this process's own event queue before that is not in it.
   */
  readonly forwarded: (milliseconds: number) => void;
  readonly fromClient: (bytes: number) => void;
  readonly fromServer: (bytes: number) => void;
  readonly opened: () => void;
  readonly closed: () => void;
}

/** The tallies of all flows used since the process started. */
export interface Counters {
  readonly of: (permit: Permit) => FlowTally;
  readonly report: () => FlowCounters[];
  /** Requests that passed, by flow and by the permission that allowed them; what was never used is not listed. */
  readonly used: () => { readonly flows: readonly UsedCount[]; readonly permissions: readonly UsedCount[] };
}

export function createCounters(): Counters {
  const totals = new Map<string, Totals>();
  const uses = new Map<string, Use>();
  const usesOf = new WeakMap<ModbusProfile, readonly Use[]>();

  /** By place in the profile: counting costs one look-up in a list, whatever the profile's size. */
  function usesIn(profile: ModbusProfile): readonly Use[] {
    const known = usesOf.get(profile);
    if (known !== undefined) return known;
    const made = profile.permissions.map(({ id }) => {
      const use = uses.get(id) ?? { id, count: 0 };
      uses.set(id, use);
      return use;
    });
    usesOf.set(profile, made);
    return made;
  }

  return {
    of: ({ flow, functionCodes, profile }) => {
      const known = totals.get(flow.id) ?? emptyTotals(flow.conduit);
      totals.set(flow.id, known);
      return tally(known, functionCodes, usesIn(profile));
    },
    report: () => [...totals].map(([flowId, one]) => describe(flowId, one)),
    used: () => ({
      flows: [...totals].map(([id, one]) => ({ id, count: passed(one) })).filter(isUsed),
      permissions: [...uses.values()].filter(isUsed).map((use) => ({ ...use })),
    }),
  };
}

interface Use {
  readonly id: string;
  count: number;
}

function isUsed({ count }: UsedCount): boolean {
  return count > 0;
}

function passed({ requests }: Totals): number {
  let sum = 0;
  for (const { verdict, count } of requests.values()) if (verdict !== 'refuse') sum += count;
  return sum;
}

/** A name of a tolerance, or `coil-padding`. */
export type Tolerated = FlowCounters['tolerated'][number]['what'];

interface Totals {
  readonly conduit: string;
  /** By function code and verdict: `3 allow`. */
  readonly requests: Map<string, { functionCode: number; verdict: CountedVerdict; count: number }>;
  readonly refusals: Map<Reason, number>;
  readonly quarantined: Map<Reason, number>;
  readonly tolerated: Map<Tolerated, number>;
  readonly buckets: number[];
  latencySum: number;
  latencyCount: number;
  exceptions: number;
  bytesFromClient: number;
  bytesFromServer: number;
  open: number;
  opened: number;
}

function emptyTotals(conduit: string): Totals {
  return {
    conduit,
    requests: new Map(),
    refusals: new Map(),
    quarantined: new Map(),
    tolerated: new Map(),
    buckets: Array.from({ length: LatencyBuckets.length + 1 }, () => 0),
    latencySum: 0,
    latencyCount: 0,
    exceptions: 0,
    bytesFromClient: 0,
    bytesFromServer: 0,
    open: 0,
    opened: 0,
  };
}

function tally(totals: Totals, named: ReadonlySet<number>, uses: readonly Use[]): FlowTally {
  return {
    request: (code, verdict) => {
      // What an attacker sends must not become a label: only codes the model names stand for themselves.
      const functionCode = named.has(code) ? code : 0;
      const key = `${functionCode} ${verdict}`;
      const known = totals.requests.get(key);
      if (known === undefined) totals.requests.set(key, { functionCode, verdict, count: 1 });
      else known.count += 1;
    },
    used: (permission) => {
      const use = uses[permission];
      if (use !== undefined) use.count += 1;
    },
    refusal: (reason) => countIn(totals.refusals, reason),
    exception: () => {
      totals.exceptions += 1;
    },
    quarantined: (reason) => countIn(totals.quarantined, reason),
    tolerated: (what) => countIn(totals.tolerated, what),
    forwarded: (milliseconds) => {
      const seconds = Math.max(0, milliseconds / 1000);
      const bucket = LatencyBuckets.findIndex((bound) => seconds <= bound);
      const index = bucket === -1 ? LatencyBuckets.length : bucket;
      totals.buckets[index] = (totals.buckets[index] ?? 0) + 1;
      totals.latencySum += seconds;
      totals.latencyCount += 1;
    },
    fromClient: (bytes) => {
      totals.bytesFromClient += bytes;
    },
    fromServer: (bytes) => {
      totals.bytesFromServer += bytes;
    },
    opened: () => {
      totals.open += 1;
      totals.opened += 1;
    },
    closed: () => {
      totals.open -= 1;
    },
  };
}

function countIn<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function describe(flowId: string, totals: Totals): FlowCounters {
  return {
    flowId,
    conduit: totals.conduit,
    requests: [...totals.requests.values()].map((one) => ({ ...one })),
    refusals: [...totals.refusals].map(([reason, count]) => ({ reason, count })),
    exceptions: totals.exceptions,
    quarantined: [...totals.quarantined].map(([reason, count]) => ({ reason, count })),
    tolerated: [...totals.tolerated].map(([what, count]) => ({ what, count })),
    bytesFromClient: totals.bytesFromClient,
    bytesFromServer: totals.bytesFromServer,
    open: totals.open,
    opened: totals.opened,
    latency: { bucketCounts: [...totals.buckets], sum: totals.latencySum, count: totals.latencyCount },
  };
}
