import { contains, type Prefix, parseAddress, parseAddressOnNetwork, parsePrefix } from './address.ts';
import type { Endpoint, FlowRule, Policy } from './policy.ts';
import type { Reason } from './reason.ts';

/** Where a packet goes; the port is 0 for `icmp-echo`. */
export interface Way {
  readonly protocol: FlowRule['protocol'];
  readonly client: string;
  readonly server: string;
  readonly port: number;
}

/**
 * The flows of a policy that permit a way, lowest number first, whether their gates are open or not; empty
 * is default deny (62443-3-3 SR 5.2 RE1). Not for live traffic, which has its maps in the kernel and the
 * inspectors' table.
 */
export function matchingFlows(policy: Policy, way: Way): readonly FlowRule[] {
  const client = parseAddress(way.client);
  const server = parseAddress(way.server);
  if (client === undefined || server === undefined) return [];
  return policy.flows
    .filter(
      (flow) =>
        flow.protocol === way.protocol &&
        (flow.protocol === 'icmp-echo' ||
          flow.ports.some(({ first, last }) => first <= way.port && way.port <= last)) &&
        hasAddress(flow.sources, client) &&
        hasAddress(flow.destinations, server),
    )
    .sort((one, other) => one.number - other.number);
}

/** Why no flow permits a way; only for one that {@link matchingFlows} has nothing for. */
export function whyNoFlow(policy: Policy, way: Way): Extract<Reason, 'no-conduit' | 'no-flow' | 'one-way'> {
  const from = zoneAt(policy, way.client);
  const to = zoneAt(policy, way.server);
  const isBackwards = policy.conduits.some(
    (conduit) => conduit.oneWay && conduit.from === to && conduit.to === from,
  );
  if (policy.conduits.some((conduit) => conduit.from === from && conduit.to === to)) return 'no-flow';
  return isBackwards ? 'one-way' : 'no-conduit';
}

/** The zone an address lies in, by its asset, else by the leg of the box it is behind. */
export function zoneAt({ assets, interfaces }: Policy, address: string): string | undefined {
  const host = parseAddress(address);
  if (host === undefined) return undefined;
  const asset = assets.find(({ addresses }) => addresses.some((each) => isIn(host, parsePrefix(each))));
  if (asset !== undefined) return asset.zone;
  const leg = interfaces.find(({ sources, address: own }) =>
    sources.length > 0
      ? sources.some((each) => isIn(host, parsePrefix(each)))
      : isIn(host, parseAddressOnNetwork(own)?.network),
  );
  return leg?.zone;
}

function hasAddress(ends: readonly Endpoint[], host: Prefix): boolean {
  return ends.some(({ prefixes }) => prefixes.some((each) => isIn(host, parsePrefix(each))));
}

function isIn(host: Prefix, block: Prefix | undefined): boolean {
  return block !== undefined && contains(block, host);
}
