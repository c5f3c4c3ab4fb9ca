import { createSightings, type SeenEnds, type Sightings } from '../../../policy/learn/sightings.ts';
import { Normal } from '../../../rules/admission/mode.ts';
import { createRouteFinder, openAt, type Route } from '../../../rules/evaluate/find-route.ts';
import type { Way } from '../../../rules/flow-match.ts';
import type { ModbusDevice, ModbusProfile } from '../../../rules/modbus/profile.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { Reason } from '../../../rules/reason.ts';
import type { ByteSource } from '../../capture/byte-source.ts';
import { readConnections } from '../../capture/read-connections.ts';
import type { CapturedConnection, CapturedEnd } from '../../capture/tcp-connections.ts';
import { createAddressBook } from '../replay/address-book.ts';
import type { ReplayedConnection } from '../replay/replayed-connection.ts';
import { createWatcher, NoLimits } from './watch-connection.ts';

/** What was in a capture that the policy does not permit. */
export interface Gathered {
  readonly sightings: Sightings;
  readonly packets: number;
  /** What is wrong with the capture itself, once each. */
  readonly flaws: readonly string[];
}

/** Reads a capture from front to back; it changes nothing and asks nobody. */
export function gatherCapture(policy: Policy, source: ByteSource): Gathered {
  const collector = createSightings();
  const addresses = createAddressBook(policy);
  const routes = createRouteFinder(policy);
  const devices = deviceBook(policy);
  const watch = createWatcher(collector);
  const live = new Map<number, Live>();
  const flaws = new Set<string>();
  let now = 0;

  /** Undefined where it does not cross the box. */
  function routeOf(way: Way): Route | undefined {
    if (!addresses.crosses(way.client, way.server)) return undefined;
    return routes.find(way, { at: now, mode: Normal, open: openAt(policy, now, '') });
  }

  function onOpened(connection: CapturedConnection): void {
    const { client, server, startedAt, number, isMidstream } = connection;
    now = startedAt;
    const ends = endsOf('tcp', client, server);
    const route = routeOf(ends);
    if (route === undefined || (route.kind === 'flow' && route.permit === undefined)) return;
    const reason = reasonOf(route);
    const permit = route.kind === 'flow' ? route.permit : undefined;
    const device = devices.get(server.address) ?? Unmodelled;
    const isModbus = permit !== undefined || server.port === ModbusPort || devices.isModbusPort(server.port);
    const watched = {
      ends,
      flow: route.kind === 'flow' ? route.flow.id : '',
      reason,
      profile: permit?.profile ?? NothingPermitted,
      device: permit?.device ?? device,
      tolerances: permit?.tolerances ?? [],
      isMidstream,
    };
    live.set(number, {
      ends,
      reason,
      startedAt,
      isAnswered: false,
      inspected: isModbus ? watch(watched) : undefined,
    });
  }

  function onEnded(number: number): void {
    const one = live.get(number);
    live.delete(number);
    if (one === undefined) return;
    one.inspected?.end();
    const { ends, reason, startedAt, isAnswered } = one;
    if (reason === undefined) return;
    collector.way(
      { ...ends, reason, answered: isAnswered ? 'yes' : 'no' },
      { count: 1, firstAt: startedAt, lastAt: startedAt },
    );
  }

  /** Who sent first is the client, unless it has the port of a server. */
  function onDatagram(protocol: 'udp' | 'icmp-echo', from: CapturedEnd, to: CapturedEnd): void {
    const [forward, back] = [endsOf(protocol, from, to), endsOf(protocol, to, from)];
    const isAnswer =
      asked.has(wayKey(back)) || (!asked.has(wayKey(forward)) && isServers(from.port, to.port));
    const ends = isAnswer ? back : forward;
    if (!isAnswer && asked.size < MostAsked) asked.add(wayKey(forward));
    const route = routeOf(ends);
    if (route === undefined) return;
    const reason = reasonOf(route);
    if (reason === undefined) return;
    const seen = { count: isAnswer ? 0 : 1, firstAt: now, lastAt: now };
    // Nobody answers a message of syslog: one that was sent is what there is to see.
    collector.way({ ...ends, reason, answered: protocol === 'udp' || isAnswer ? 'yes' : 'no' }, seen);
  }

  const asked = new Set<string>();
  const totals = readConnections(source, addresses.isServer, {
    opened: onOpened,
    data(connection, from, bytes, at) {
      const one = live.get(connection.number);
      if (one === undefined) return;
      if (from === 'server') one.isAnswered = true;
      one.inspected?.data(from, bytes, at);
    },
    lost: ({ number }, from, _bytes, at) => live.get(number)?.inspected?.lost(from, at),
    differs: () => {},
    stray: () => {},
    ended: ({ number }) => onEnded(number),
    datagram(protocol, from, to, at) {
      now = at;
      if (protocol !== 'other') onDatagram(protocol === 'icmp' ? 'icmp-echo' : protocol, from, to);
    },
    flaw: (text) => {
      if (flaws.size < MostFlaws) flaws.add(text);
    },
  });
  if (totals.packets > 0) collector.time(totals.firstAt, totals.lastAt);
  return { sightings: collector.sightings(), packets: totals.packets, flaws: [...flaws] };
}

interface Live {
  readonly ends: SeenEnds;
  /** Why no flow permits it; undefined where one does. */
  readonly reason: Reason | undefined;
  readonly startedAt: number;
  isAnswered: boolean;
  readonly inspected: ReplayedConnection | undefined;
}

/** What passes by leave of an audit stage is not permitted either. */
function reasonOf(route: Route): Reason | undefined {
  if (route.kind === 'flow') return undefined;
  return route.kind === 'undeclared' ? 'no-flow' : route.reason;
}

function endsOf(protocol: SeenEnds['protocol'], client: CapturedEnd, server: CapturedEnd): SeenEnds {
  return {
    protocol,
    client: client.address,
    server: server.address,
    port: protocol === 'icmp-echo' ? 0 : server.port,
  };
}

function wayKey({ client, server, protocol, port }: SeenEnds): string {
  return `${client} ${server} ${protocol} ${port}`;
}

/** Of two ports seen the first time, whether this one is the server's. */
function isServers(port: number, other: number): boolean {
  return port !== 0 && port < FirstUserPort && other >= FirstUserPort;
}

/** How the servers of a policy speak Modbus, by address, and on which ports anybody does. */
function deviceBook(policy: Policy) {
  const devices = new Map(
    policy.assets.flatMap(({ addresses, modbus }) =>
      addresses.map((prefix) => [prefix.replace(/\/\d+$/, ''), modbus] as const),
    ),
  );
  const ports = policy.flows.filter(({ profile }) => profile !== '').flatMap((flow) => flow.ports);
  return {
    get: (address: string): ModbusDevice | undefined => devices.get(address),
    isModbusPort: (port: number): boolean => ports.some(({ first, last }) => first <= port && port <= last),
  };
}

const Unmodelled: ModbusDevice = { kind: 'direct', framing: 'mbap', line: undefined };

const NothingPermitted: ModbusProfile = {
  name: '',
  permissions: [],
  aliases: [],
  limits: NoLimits,
  refusal: { action: 'exception', exceptionCodes: [] },
};

const ModbusPort = 502;
const FirstUserPort = 1024;
const MostAsked = 50_000;
const MostFlaws = 20;
