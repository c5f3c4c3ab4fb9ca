import type { FlowCounters } from '../ipc/reports.ts';

/**
 * Sums what the inspecting processes counted. Each counts from its own start, under a random epoch; a
 * process that is gone keeps its share, so that totals never fall while the engine lives.
 */
export interface FlowTotals {
  /** Replaces what this process has counted so far. */
  readonly report: (epoch: string, flows: readonly FlowCounters[]) => void;
  /** The process is gone: its counts stay, its open connections do not. */
  readonly retire: (epoch: string) => void;
  readonly totals: () => readonly FlowCounters[];
  /** What one living process counted. */
  readonly of: (epoch: string) => readonly FlowCounters[];
}

export function createFlowTotals(): FlowTotals {
  /** In the order in which they went; see {@link KeptApart}. */
  const retired = new Map<string, readonly FlowCounters[]>();
  const living = new Map<string, readonly FlowCounters[]>();
  let folded: readonly FlowCounters[] = [];

  return {
    report: (epoch, flows) => {
      // A process that was given up comes back after a broken connection, and counts on where it was.
      retired.delete(epoch);
      living.set(epoch, flows);
    },
    retire: (epoch) => {
      const last = living.get(epoch);
      if (last === undefined) return;
      living.delete(epoch);
      retired.set(
        epoch,
        last.map((flow) => ({ ...flow, open: 0 })),
      );
      const [oldest] = retired;
      if (retired.size <= KeptApart || oldest === undefined) return;
      retired.delete(oldest[0]);
      folded = sum([...folded, ...oldest[1]]);
    },
    of: (epoch) => living.get(epoch) ?? [],
    totals: () => sum([folded, ...retired.values(), ...living.values()].flat()),
  };
}

function sum(all: readonly FlowCounters[]): readonly FlowCounters[] {
  const byFlow = new Map<string, FlowCounters>();
  for (const one of all) {
    const other = byFlow.get(one.flowId);
    byFlow.set(one.flowId, other === undefined ? one : add(other, one));
  }
  return [...byFlow.values()];
}

function add(a: FlowCounters, b: FlowCounters): FlowCounters {
  return {
    flowId: a.flowId,
    conduit: a.conduit,
    requests: addCounts(a.requests, b.requests, (one) => `${one.functionCode} ${one.verdict}`),
    refusals: addCounts(a.refusals, b.refusals, (one) => one.reason),
    exceptions: a.exceptions + b.exceptions,
    quarantined: addCounts(a.quarantined, b.quarantined, (one) => one.reason),
    tolerated: addCounts(a.tolerated, b.tolerated, (one) => one.what),
    bytesFromClient: a.bytesFromClient + b.bytesFromClient,
    bytesFromServer: a.bytesFromServer + b.bytesFromServer,
    open: a.open + b.open,
    opened: a.opened + b.opened,
    unreached: a.unreached + b.unreached,
    responses: a.responses + b.responses,
    latency: {
      bucketCounts: a.latency.bucketCounts.map((count, i) => count + (b.latency.bucketCounts[i] ?? 0)),
      sum: a.latency.sum + b.latency.sum,
      count: a.latency.count + b.latency.count,
    },
  };
}

function addCounts<T extends { readonly count: number }>(
  a: readonly T[],
  b: readonly T[],
  key: (one: T) => string,
): T[] {
  const byKey = new Map(a.map((one) => [key(one), one]));
  for (const one of b) {
    byKey.set(key(one), { ...one, count: one.count + (byKey.get(key(one))?.count ?? 0) });
  }
  return [...byKey.values()];
}

/** Lost processes whose counts are not yet summed up, because they may come back. */
const KeptApart = 8;
