import { Normal } from '../../../rules/admission/mode.ts';
import { createRouteFinder, openAt, type Route } from '../../../rules/evaluate/find-route.ts';
import type { Way } from '../../../rules/flow-match.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { ByteSource } from '../../capture/byte-source.ts';
import { type CaptureTotals, readConnections } from '../../capture/read-connections.ts';
import type { CapturedConnection, CapturedEnd } from '../../capture/tcp-connections.ts';
import { createAddressBook } from './address-book.ts';
import { connectionName, createLeader } from './lead-connection.ts';
import type { ReplayedConnection } from './replayed-connection.ts';
import {
  createGroups,
  type FlowUse,
  type Groups,
  type NoteGroup,
  type RefusalGroup,
  type UnpermittedGroup,
  useOf,
} from './tally.ts';

/** What a policy would have said to recorded traffic. */
export interface ReplayReport {
  readonly totals: CaptureTotals;
  readonly connections: number;
  readonly refusals: Groups<RefusalGroup>;
  readonly unpermitted: Groups<UnpermittedGroup>;
  readonly missing: Groups<NoteGroup>;
  readonly tolerated: Groups<NoteGroup>;
  /** Every flow of the policy, in its order. */
  readonly flows: readonly FlowUse[];
  /** Connections and packets that do not cross this box: within a zone, or with an end of the box itself. */
  readonly notCrossing: number;
}

/**
 * Leads a capture through the policy: each connection to its flow, the bytes of each inspected one through
 * the inspection, on the clock of the capture. Everything is judged as in an audit stage, so that what the
 * policy refuses goes on to the server that answered it, and what is known of the server stays right.
 */
export function replayCapture(policy: Policy, source: ByteSource): ReplayReport {
  const refusals = createGroups<RefusalGroup>();
  const unpermitted = createGroups<UnpermittedGroup>();
  const missing = createGroups<NoteGroup>();
  const tolerated = createGroups<NoteGroup>();
  const flows = policy.flows.map((flow) => useOf(flow, policy));
  const uses = new Map(flows.map((use) => [use.flow.id, use]));
  const addresses = createAddressBook(policy);
  const routes = createRouteFinder(policy);
  const find = (way: Way) => routes.find(way, { at: now, mode: Normal, open: openAt(policy, now, '') });
  const lead = createLeader(addresses, { refusals, missing, tolerated });
  const live = new Map<number, ReplayedConnection>();
  let [connections, notCrossing, now] = [0, 0, 0];

  function note(what: string): void {
    missing.add(what, now, () => ({ what }));
  }

  function noteOf(connection: CapturedConnection, what: string, at: number): void {
    now = at;
    note(`${connectionName(addresses, connection)}: ${what}`);
  }

  function onOpened(connection: CapturedConnection): void {
    connections++;
    const { client, server, startedAt, number, isMidstream } = connection;
    now = startedAt;
    const route = routeOf('tcp', client, server);
    if (route?.kind !== 'flow') return;
    const use = uses.get(route.flow.id);
    if (use === undefined) return;
    use.connections++;
    if (route.permit === undefined) return;
    if (isMidstream) noteOf(connection, 'its beginning', now);
    live.set(number, lead(connection, use, route.permit));
  }

  function onDatagram(protocol: 'udp' | 'icmp-echo', from: CapturedEnd, to: CapturedEnd): void {
    const route = isAnswer(protocol, from, to) ? routeOf(protocol, to, from) : routeOf(protocol, from, to);
    const use = route?.kind === 'flow' ? uses.get(route.flow.id) : undefined;
    if (use !== undefined) use.connections++;
  }

  /** The route of what crosses this box; what takes none is counted. */
  function routeOf(protocol: Way['protocol'], client: CapturedEnd, server: CapturedEnd): Route | undefined {
    if (!addresses.crosses(client.address, server.address)) {
      notCrossing++;
      return undefined;
    }
    const route = find(wayOf(protocol, client, server));
    if (route.kind !== 'flow') {
      const { reason, flow } = route.kind === 'none' ? route : Undeclared;
      const [from, to] = [addresses.nameOf(client.address), addresses.nameOf(server.address)];
      const service = protocol === 'icmp-echo' ? protocol : `${protocol} ${server.port}`;
      const make = () => ({ client: from, server: to, service, reason, flow });
      unpermitted.add(`${from} ${to} ${service} ${reason}`, now, make);
    }
    return route;
  }

  /** Whether a datagram answers one that a flow permits; nothing answers on a one-way flow. */
  function isAnswer(protocol: 'udp' | 'icmp-echo', from: CapturedEnd, to: CapturedEnd): boolean {
    if (find(wayOf(protocol, from, to)).kind === 'flow') return false;
    const back = find(wayOf(protocol, to, from));
    return back.kind === 'flow' && !back.flow.oneWay;
  }

  const totals = readConnections(source, addresses.isServer, {
    opened: onOpened,
    data: ({ number }, from, bytes, at) => live.get(number)?.data(from, bytes, at),
    lost(connection, from, bytes, at) {
      noteOf(connection, `${bytes} bytes of the ${from}`, at);
      live.get(connection.number)?.lost(from, at);
    },
    differs: (connection, from, bytes, at) =>
      noteOf(connection, `${bytes} bytes of the ${from} came again and differ; the first copy counted`, at),
    stray: (connection, from, at) =>
      noteOf(connection, `a segment of the ${from} that fits nowhere was passed over`, at),
    ended({ number }) {
      live.get(number)?.end();
      live.delete(number);
    },
    datagram(protocol, from, to, at) {
      now = at;
      if (protocol !== 'other') onDatagram(protocol === 'icmp' ? 'icmp-echo' : protocol, from, to);
    },
    flaw: note,
  });
  return { totals, connections, refusals, unpermitted, missing, tolerated, flows, notCrossing };
}

function wayOf(protocol: Way['protocol'], client: CapturedEnd, server: CapturedEnd): Way {
  return { protocol, client: client.address, server: server.address, port: server.port };
}

/** What an audit stage lets pass without a flow is what replay is asked to show. */
const Undeclared = { reason: 'no-flow', flow: undefined } as const;
