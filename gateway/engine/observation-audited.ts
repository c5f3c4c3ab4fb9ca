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
  const { flowId, client, server, reason, subFunction, address, quantity, values = [], at, count } = report;
  return {
    flow: flowId,
    client: client.address,
    server: server.address,
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
  };
}

function together(before: AuditedRequests, { count, lastAt, writes }: AuditedRequests): AuditedRequests {
  const [words] = writes;
  const isNews = words !== undefined && isWorthKeeping(before.writes, words);
  return {
    ...before,
    count: before.count + count,
    lastAt,
    writes: isNews ? [...before.writes, words] : before.writes,
  };
}

/** The first different ones, and later only what is lower or higher than all before: the limits are what counts. */
function isWorthKeeping(kept: readonly (readonly number[])[], words: readonly number[]): boolean {
  if (kept.length >= MostWrites || kept.some((one) => one.join() === words.join())) return false;
  if (kept.length < EnoughWrites) return true;
  return words.some(
    (word, at) => kept.every((one) => word < (one[at] ?? 0)) || kept.every((one) => word > (one[at] ?? 0)),
  );
}

function keyOf(one: AuditedRequests): string {
  const { flow, client, server, port, reason, unit, functionCode, subFunction, address, quantity } = one;
  return [flow, client, server, port, reason, unit, functionCode, subFunction, address, quantity].join(' ');
}

export const MostKinds = 2000;
const EnoughWrites = 16;
const MostWrites = 64;
