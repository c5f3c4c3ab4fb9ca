import { createFlowMatch, type FlowMatch } from '../../rules/flow-match.ts';
import type { Policy } from '../../rules/policy.ts';
import { type Reason, Reasons } from '../../rules/reason.ts';
import type { DropRecord } from '../../rules/record/record.ts';
import type { FlowCount } from '../enforce/enforcement.ts';
import type { ConnectionSum, FlowCounters } from '../ipc/reports.ts';
import type { Failure, FlowSample } from '../load/canary.ts';

/** What goes over essential flows and what fails there, cumulative since the engine's start. */
export interface EssentialTraffic {
  /** Connections have ended; counted where their server could not be reached. */
  readonly closed: (connections: Pick<ConnectionSum, 'flowId' | 'reason' | 'count'>) => void;
  /** Packets the kernel refused; counted where a flow of this policy permits them all the same. */
  readonly dropped: (drop: DropRecord, policy: Policy) => void;
  /** The essential flows of a policy as they stand now. */
  readonly sample: (policy: Policy) => ReadonlyMap<string, FlowSample>;
}

/** Who counted: the inspectors, and the kernel. Both only rise. */
export interface TrafficSources {
  readonly inspected: () => readonly FlowCounters[];
  readonly forwarded: () => readonly FlowCount[];
}

export function createEssentialTraffic({ inspected, forwarded }: TrafficSources): EssentialTraffic {
  /** By flow and reason: what neither of the sources counts. */
  const others = new Map<string, Map<Failure, number>>();

  let match: FlowMatch | undefined;
  let matched: Policy | undefined;

  function matchOf(policy: Policy): FlowMatch {
    if (match === undefined || matched !== policy) match = createFlowMatch(policy);
    matched = policy;
    return match;
  }

  function note(flow: string, failure: Failure, count: number): void {
    const known = others.get(flow) ?? new Map<Failure, number>();
    others.set(flow, known);
    add(known, failure, count);
  }

  return {
    closed: ({ flowId, reason, count }) => {
      if (reason === 'server-unreachable') note(flowId, reason, count);
    },
    dropped: ({ source, destination, protocol, reason, verdict, packets }, policy) => {
      if (protocol !== 'tcp' && protocol !== 'udp') return;
      if (verdict !== 'refuse' || !isReason(reason)) return;
      const ends = { client: source.address, server: destination.address };
      const flows = matchOf(policy).matching({ protocol, ...ends, port: destination.port });
      for (const { id, essential } of flows) if (essential) note(id, reason, packets);
    },
    sample: (policy) => {
      const requests = new Map(inspected().map((one) => [one.flowId, one]));
      const packets = new Map(forwarded().map((one) => [one.flowId, one.packets]));
      const essential = policy.flows.filter((flow) => flow.essential);
      return new Map(
        essential.map(({ id }) => [id, sampleOf(requests.get(id), packets.get(id) ?? 0, others.get(id))]),
      );
    },
  };
}

/** What happened between two samples. */
export function samplesSince(
  then: ReadonlyMap<string, FlowSample>,
  now: ReadonlyMap<string, FlowSample>,
): ReadonlyMap<string, FlowSample> {
  return new Map(
    [...now].map(([id, { attempts, failures }]) => {
      const former = then.get(id);
      const more = [...failures].map(
        ([failure, count]) => [failure, count - (former?.failures.get(failure) ?? 0)] as const,
      );
      return [id, { attempts: attempts - (former?.attempts ?? 0), failures: new Map(more) }];
    }),
  );
}

function sampleOf(
  counted: FlowCounters | undefined,
  packets: number,
  others: ReadonlyMap<Failure, number> | undefined,
): FlowSample {
  const failures = new Map<Failure, number>(others);
  for (const { reason, count } of [...(counted?.refusals ?? []), ...(counted?.quarantined ?? [])])
    add(failures, reason, count);
  if (counted !== undefined && counted.exceptions > 0) add(failures, 'exception', counted.exceptions);
  const requests = (counted?.requests ?? []).reduce((sum, { count }) => sum + count, 0);
  const elsewhere = [...(others?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  return { attempts: requests + packets + elsewhere, failures };
}

function add(counts: Map<Failure, number>, failure: Failure, count: number): void {
  counts.set(failure, (counts.get(failure) ?? 0) + count);
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(Reasons, text);
}
