import {
  contains,
  isHost,
  type Prefix,
  parseAddress,
  parseAddressOnNetwork,
  parsePrefix,
} from './address.ts';
import type { ConduitRule, Endpoint, FlowRule, Policy } from './policy.ts';
import type { Reason } from './reason.ts';

/** Where a packet goes; the port is 0 for `icmp-echo`. */
export interface Way {
  readonly protocol: FlowRule['protocol'];
  readonly client: string;
  readonly server: string;
  readonly port: number;
}

/** The flows of a policy, made ready to be asked often. Not for live traffic, which has tables of its own. */
export interface FlowMatch {
  /**
   * The flows that permit a way, in the order of the policy, whether their gates are open or not; empty is default
   * deny (62443-3-3 SR 5.2 RE1).
   */
  readonly matching: (way: Way) => readonly FlowRule[];
  /** The conduits that join the zones of its ends, in its direction. */
  readonly conduits: (way: Way) => readonly ConduitRule[];
  /** Why no flow permits a way; only for one that {@link FlowMatch.matching} has nothing for. */
  readonly whyNone: (way: Way) => Extract<Reason, 'no-conduit' | 'no-flow' | 'one-way'>;
}

/** Arranged by server address, so that a question costs the flows of one server and not the policy. */
export function createFlowMatch(policy: Policy): FlowMatch {
  const byServer = new Map<string, Permission[]>();
  const wide: Permission[] = [];
  for (const [place, flow] of policy.flows.entries()) {
    const permission = {
      place,
      flow,
      sources: prefixesOf(flow.sources),
      destinations: prefixesOf(flow.destinations),
    };
    const hosts = permission.destinations.filter(isHost);
    for (const host of hosts) {
      const known = byServer.get(hostKey(host));
      if (known === undefined) byServer.set(hostKey(host), [permission]);
      else known.push(permission);
    }
    if (hosts.length < permission.destinations.length) wide.push(permission);
  }
  const zoneOf = createZoneFinder(policy);

  function matching({ protocol, client, server, port }: Way): readonly FlowRule[] {
    const from = parseAddress(client);
    const to = parseAddress(server);
    if (from === undefined || to === undefined) return [];
    const found = [...(byServer.get(hostKey(to)) ?? []), ...wide].filter(
      ({ flow, sources, destinations }) =>
        flow.protocol === protocol &&
        (protocol === 'icmp-echo' || flow.ports.some(({ first, last }) => first <= port && port <= last)) &&
        destinations.some((prefix) => contains(prefix, to)) &&
        sources.some((prefix) => contains(prefix, from)),
    );
    const inOrder = [...new Set(found)].sort((one, other) => one.place - other.place);
    return inOrder.map(({ flow }) => flow);
  }

  function conduits({ client, server }: Way): readonly ConduitRule[] {
    const [from, to] = [zoneOf(client), zoneOf(server)];
    return policy.conduits.filter((conduit) => conduit.from === from && conduit.to === to);
  }

  function whyNone(way: Way): ReturnType<FlowMatch['whyNone']> {
    if (conduits(way).length > 0) return 'no-flow';
    const back = conduits({ ...way, client: way.server, server: way.client });
    return back.some(({ oneWay }) => oneWay) ? 'one-way' : 'no-conduit';
  }

  return { matching, conduits, whyNone };
}

/** Finds the zone an address lies in: by its asset, else by the leg of the box it is behind. */
export function createZoneFinder({ assets, interfaces }: Policy): (address: string) => string | undefined {
  const hosts = new Map<string, string>();
  const blocks: { readonly prefix: Prefix; readonly zone: string }[] = [];
  for (const { addresses, zone } of assets) {
    for (const text of addresses) {
      const prefix = parsePrefix(text);
      if (prefix === undefined) continue;
      if (isHost(prefix)) hosts.set(hostKey(prefix), hosts.get(hostKey(prefix)) ?? zone);
      else blocks.push({ prefix, zone });
    }
  }
  for (const { sources, address, zone } of interfaces) {
    const own = sources.length > 0 ? sources.map(parsePrefix) : [parseAddressOnNetwork(address)?.network];
    for (const prefix of own) if (prefix !== undefined) blocks.push({ prefix, zone });
  }
  return (address) => {
    const host = parseAddress(address);
    if (host === undefined) return undefined;
    return hosts.get(hostKey(host)) ?? blocks.find(({ prefix }) => contains(prefix, host))?.zone;
  };
}

function hostKey({ family, first }: Prefix): string {
  return `${family}/${first}`;
}

/** A flow with its ends ready to compare. */
interface Permission {
  readonly place: number;
  readonly flow: FlowRule;
  readonly sources: readonly Prefix[];
  readonly destinations: readonly Prefix[];
}

function prefixesOf(ends: readonly Endpoint[]): readonly Prefix[] {
  return ends.flatMap(({ prefixes }) => prefixes.flatMap((text) => parsePrefix(text) ?? []));
}
