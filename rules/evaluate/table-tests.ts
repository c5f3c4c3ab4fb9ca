import type { ModeState } from '../admission/mode.ts';
import type { Way } from '../flow-match.ts';
import type { OpenFlow } from '../nft/gates.ts';
import { devicesOf } from '../nft/inspected.ts';
import { type Walked, walk } from '../nft/walk.ts';
import { firstPacket, type Packet } from '../nft/walk-packet.ts';
import { readTable } from '../nft/walk-table.ts';
import type { AssetRule, Policy } from '../policy.ts';
import type { PolicyTestRule } from '../policy-test.ts';
import { createRouteFinder, type Route } from './find-route.ts';
import { waysOf } from './run-tests.ts';

/** What a table was loaded with beside the policy. */
export interface TableState {
  /** Wall time, milliseconds. */
  readonly now: number;
  readonly mode: ModeState;
  /** The gated flows that were opened in it. */
  readonly open: readonly OpenFlow[];
}

/** Whether the table does with the packets of one test what the policy says. */
export interface TableTestResult {
  readonly test: PolicyTestRule;
  readonly ok: boolean;
  /** What the table does, and what it is to do; the first packet that differs. Empty when it is well. */
  readonly sentence: string;
}

/**
 * Leads the first packet of each of the policy's tests through the table as the kernel lists it, on every wire
 * it can come by. What is permitted and plain has to be accepted, what is inspected diverted, everything else
 * refused, in the mode and with the gates the table holds now: not what the test is about, but that the
 * kernel means what the policy means (62443-3-3 SR 3.3).
 * @param listing the parsed answer to `list table inet penstock` in JSON, or the batches that make the table
 * @throws Error at a table that holds what no table of ours can
 */
export function runTestsOnTable(
  policy: Policy,
  listing: unknown,
  { now, mode, open }: TableState,
): readonly TableTestResult[] {
  const table = readTable(...(Array.isArray(listing) ? (listing as readonly unknown[]) : [listing]));
  const routes = createRouteFinder(policy);
  return policy.tests.map((test) => {
    for (const way of waysOf(policy, test)) {
      const route = routes.find(way, { at: now, mode, open });
      for (const packet of packetsOf(policy, test, way)) {
        const walked = walk(table, packet);
        if (walked.verdict === wanted(route)) continue;
        return { test, ok: false, sentence: differenceText(test, packet, walked, route) };
      }
    }
    return { test, ok: true, sentence: '' };
  });
}

/** The first packet of a way, on each pair of wires between the two zones. */
function packetsOf(policy: Policy, test: PolicyTestRule, way: Way): readonly Packet[] {
  const client = policy.assets.find(({ name }) => name === test.client);
  const server = policy.assets.find(({ name }) => name === test.server);
  if (client === undefined || server === undefined) return [];
  return devicesOf(policy.interfaces, client.zone).flatMap((iifname) =>
    waysOut(policy, server).map((oifname) =>
      firstPacket({ ...packetOf(way), ...macOf(client), iifname, oifname }),
    ),
  );
}

/** The address of a server on a serial line is the box's own: what is for it goes nowhere else. */
function waysOut({ interfaces }: Policy, { zone, modbus }: AssetRule): readonly string[] {
  return modbus.line === undefined ? devicesOf(interfaces, zone) : [''];
}

function macOf({ mac }: AssetRule): Partial<Packet> {
  return mac === '' ? {} : { etherSource: mac };
}

/** The addresses, protocol and ports of a way's first packet. */
export function packetOf({ client, server, protocol, port }: Way) {
  const ends = { source: client, destination: server };
  if (protocol !== 'icmp-echo') return { ...ends, protocol, sourcePort: FreePort, destinationPort: port };
  const isIpv6 = client.includes(':');
  return { ...ends, protocol: isIpv6 ? 'ipv6-icmp' : 'icmp', icmpType: 'echo-request' };
}

/** What the kernel has to do with the first packet of a route. */
export function wanted(route: Route): Walked['verdict'] {
  if (route.kind === 'none') return 'refused';
  return route.kind === 'flow' && route.permit !== undefined ? 'diverted' : 'accepted';
}

function differenceText(
  { client, server, protocol, port }: PolicyTestRule,
  { iifname, oifname }: Packet,
  { verdict, chain, counter }: Walked,
  route: Route,
): string {
  const service = protocol === 'icmp-echo' ? protocol : `${protocol} ${port}`;
  const wires = oifname === '' ? `from ${iifname}` : `from ${iifname} to ${oifname}`;
  const why = verdict === 'refused' && counter !== '' ? ` for ${counter}` : '';
  const flow = route.kind === 'undeclared' || route.flow === undefined ? '' : ` by ${route.flow.id}`;
  return `${client} → ${server} ${service} ${wires} is ${verdict}${why} in the chain ${chain} of the table, and is to be ${wanted(route)}${flow}.`;
}

/** A port clients ask from. */
const FreePort = 49152;
