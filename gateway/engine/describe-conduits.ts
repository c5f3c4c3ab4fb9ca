import type { Endpoint, FlowRule, Policy, PortRange } from '../../rules/policy.ts';
import type { FlowCounters } from '../ipc/reports.ts';
import type { ConduitBody, FlowBody } from '../ipc/snapshot.ts';

/** What the kernel counted on a flow that it forwards by itself. */
export interface KernelCount {
  readonly flowId: string;
  readonly packets: number;
  readonly bytes: number;
}

/**
 * The conduits of the policy in force with what passes on them now, for the API and the page.
 * @param isOpen whether this box lets the flow pass now
 */
export function describeConduits(
  policy: Policy,
  inspected: readonly FlowCounters[],
  kernel: readonly KernelCount[],
  isOpen: (flow: FlowRule) => boolean,
): readonly ConduitBody[] {
  const counters = new Map(inspected.map((one) => [one.flowId, one]));
  const counts = new Map(kernel.map((one) => [one.flowId, one]));
  return policy.conduits.map((conduit) => ({
    id: conduit.id,
    name: conduit.name,
    from: conduit.from,
    to: conduit.to,
    oneWay: conduit.oneWay,
    flows: policy.flows
      .filter((flow) => flow.conduit === conduit.id)
      .map((flow) => describeFlow(flow, counters.get(flow.id), counts.get(flow.id), isOpen(flow))),
  }));
}

function describeFlow(
  flow: FlowRule,
  inspected: FlowCounters | undefined,
  kernel: KernelCount | undefined,
  open: boolean,
): FlowBody {
  const requests = inspected?.requests ?? [];
  const counted = (verdict: string): number =>
    requests.reduce((sum, one) => (one.verdict === verdict ? sum + one.count : sum), 0);
  return {
    id: flow.id,
    protocol: flow.protocol,
    ports: flow.ports.map(portText).join(', '),
    sources: flow.sources.map(endpointName),
    destinations: flow.destinations.map(endpointName),
    profile: flow.profile,
    inspected: flow.profile !== '',
    gated: flow.gate !== undefined,
    open,
    packets: kernel?.packets ?? 0,
    bytes: (kernel?.bytes ?? 0) + (inspected?.bytesFromClient ?? 0) + (inspected?.bytesFromServer ?? 0),
    connectionsOpen: inspected?.open ?? 0,
    connectionsTotal: inspected?.opened ?? 0,
    transactions: requests.reduce((sum, one) => sum + one.count, 0),
    refused: counted('refuse'),
    wouldRefuse: counted('would-refuse'),
  };
}

function endpointName(endpoint: Endpoint): string {
  return endpoint.asset === '' ? endpoint.zone : endpoint.asset;
}

function portText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}
