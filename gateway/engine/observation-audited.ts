import type { RefusalReport } from '../ipc/reports.ts';
import type { AuditedBody } from '../ipc/snapshot.ts';

type AuditedRequests = AuditedBody[number];

/**
 * Requests the policy refuses, or would refuse but for an audit stage, kept apart by all but what they write: what
 * `penstock learn --live` proposes from. The evidence counts them in minutes and hundreds of addresses, which proves
 * who did what and bounds nothing. Bounded: who walks through all addresses pushes out the oldest.
 */
export interface Audited {
  readonly take: (report: RefusalReport) => void;
  /** Seen last comes last. */
  readonly list: () => readonly AuditedRequests[];
}

export function createAudited(known: readonly AuditedRequests[]): Audited {
  const kinds = new Map(known.map((one) => [keyOf(one), one]));
  return {
    take: (report) => {
      const { unit, functionCode, summed } = report;
      if (summed || unit === undefined || functionCode === undefined) return;
      const seen = described(report, unit, functionCode);
      const key = keyOf(seen);
      const before = kinds.get(key);
      kinds.delete(key);
      kinds.set(key, before === undefined ? seen : together(before, seen));
      const [oldest] = kinds.keys();
      if (kinds.size > MostKinds && oldest !== undefined) kinds.delete(oldest);
    },
    list: () => [...kinds.values()],
  };
}

/** A report counts requests within one second and tells the first of them; of a write the others may differ. */
function described(report: RefusalReport, unit: number, functionCode: number): AuditedRequests {
  const {
    flowId,
    client,
    clientAsset,
    server,
    serverAsset,
    reason,
    subFunction,
    address,
    quantity,
    values = [],
    at,
    count,
  } = report;
  return {
    flow: flowId,
    client: client.address,
    clientAsset,
    server: server.address,
    serverAsset,
    port: server.port,
    reason,
    unit,
    functionCode,
    subFunction: subFunction ?? -1,
    address: address ?? -1,
    quantity: quantity ?? 0,
    count: values.length > 0 ? 1 : count,
    firstAt: at,
    lastAt: at,
    writes: values.length === 0 ? [] : [[...values]],
    extremes: widened([], [...values]),
  };
}

function together(
  before: AuditedRequests,
  { count, lastAt, writes: [words] }: AuditedRequests,
): AuditedRequests {
  const { writes, extremes } = before;
  const isNews =
    words !== undefined && writes.length < EnoughWrites && !writes.some((one) => one.join() === words.join());
  return {
    ...before,
    count: before.count + count,
    lastAt,
    writes: isNews ? [...writes, words] : writes,
    extremes: words === undefined ? extremes : widened(extremes, words),
  };
}

/** For each word in turn, the write that had the lowest there and the one that had the highest. */
function widened(extremes: number[][], words: number[]): number[][] {
  return words.flatMap((word, at) => {
    const [lowest = words, highest = words] = extremes.slice(2 * at, 2 * at + 2);
    return [word < (lowest[at] ?? word) ? words : lowest, word > (highest[at] ?? word) ? words : highest];
  });
}

function keyOf(one: AuditedRequests): string {
  const {
    flow,
    client,
    clientAsset,
    server,
    port,
    reason,
    unit,
    functionCode,
    subFunction,
    address,
    quantity,
  } = one;
  return [
    flow,
    clientAsset,
    client,
    server,
    port,
    reason,
    unit,
    functionCode,
    subFunction,
    address,
    quantity,
  ].join(' ');
}

export const MostKinds = 2000;
/** Enough to tell a type by. */
const EnoughWrites = 8;
