import type { Request } from '../../../rules/modbus/message/request.ts';
import type { RequestSelection, TrafficSelection } from '../../model/claims.ts';
import { destinationsOf, requestsUnder, sourcesOf } from '../access.ts';
import { type PacketBox, packetBoxes, splitPackets } from '../packet-box.ts';
import { kindOf, type Permit } from '../permit.ts';
import { someRequests } from '../requests/every-request.ts';
import { exampleRequest } from '../requests/example-request.ts';
import type { RequestBox } from '../requests/request-box.ts';
import { type Servers, selectRequests } from '../requests/select-requests.ts';
import { fromRanges, joined, meet, type Spans } from '../sets/spans.ts';
import { type CounterExample, packetExample, partyOf, requestExample, type Side } from './counter-example.ts';
import type { Alias, Ground } from './proof.ts';
import type { SelectedEnds } from './selected-ends.ts';

/**
 * Something a permit lets some clients say to some servers, out of what a statement is about; undefined exactly
 * where it lets nothing of that through.
 */
export function passing(
  ground: Ground,
  permit: Permit,
  clients: SelectedEnds,
  servers: SelectedEnds,
  what: TrafficSelection,
): CounterExample | undefined {
  const { protocol } = permit;
  if (what.protocol !== undefined && what.protocol !== protocol) return undefined;
  // An echo carries no Modbus.
  if (what.modbus !== undefined && protocol === 'icmp-echo') return undefined;
  const port = portsMeant(permit, what);
  if (port.length === 0) return undefined;
  const sources = sidesOf(permit, permit.sources, clients, sourcesOf);
  const destinations = sidesOf(permit, permit.destinations, servers, destinationsOf);
  let nearest: CounterExample | undefined;
  for (const destination of destinations) {
    const [packets] = packetBoxes(spansOfSides(sources), destination.addresses, protocol, port);
    if (packets === undefined) continue;
    const found = passingTo(ground, permit, what.modbus, packets, sources, destination);
    if (found?.isConfirmed === true) return found;
    nearest ??= found;
  }
  return nearest;
}

/** What passes to one of a permit's destinations. */
function passingTo(
  ground: Ground,
  permit: Permit,
  modbus: RequestSelection | undefined,
  packets: PacketBox,
  sources: readonly Side[],
  { end }: Side,
): CounterExample | undefined {
  const own = { ...permit, port: packets.port };
  const kind = kindOf(end);
  const parties = (box: PacketBox) =>
    [
      partyOf(within(sources, box.source), ground.assetsIn),
      partyOf([{ end, addresses: box.destination }], ground.assetsIn),
    ] as const;
  if (modbus === undefined) return packetExample(own, ...parties(packets), undefined);
  const of: Servers = { kind, aliases: aliasesFor(ground, permit, end) };
  const requests = requestsUnder(permit, kind);
  if (typeof requests !== 'string' && permit.says.kind === 'profile') {
    const boxes = select(requests, modbus, of);
    if (boxes.length === 0) return undefined;
    return requestExample(own, ...parties(packets), boxes, permit.says.profile, kind);
  }
  const any = plainExample(modbus, of);
  if (any === undefined) return undefined;
  const free = beside(ground, permit, packets);
  const example = packetExample(own, ...parties(free ?? packets), any);
  if (free !== undefined) return example;
  const reason = 'it is not inspected, and all its packets are taken by flows that are';
  return { ...example, isConfirmed: false, reason };
}

/** Packets of a permit without inspection that no inspected flow takes before it; undefined for none. */
function beside(ground: Ground, permit: Permit, packets: PacketBox): PacketBox | undefined {
  if (permit.by.kind !== 'flow' || permit.says.kind !== 'anything' || packets.protocol !== 'tcp')
    return packets;
  let left: readonly PacketBox[] = [packets];
  for (const taken of ground.inspected(packets)) {
    left = left.flatMap((part) => splitPackets(part, taken.packets).outside);
  }
  return left[0];
}

/** The plainest request that a statement is about, where any may be sent; undefined where it is about none. */
function plainExample(selection: RequestSelection, servers: Servers): Request | undefined {
  const isAlike = servers.aliases.length === 0;
  const known = isAlike ? plain[servers.kind].get(selection) : undefined;
  if (known !== undefined) return known.request;
  const [box] = someRequests(selection, servers);
  const request = box && exampleRequest(box);
  if (isAlike) plain[servers.kind].set(selection, { request });
  return request;
}

/** Many flows share a profile, and a statement asks the same of each. */
function select(
  boxes: readonly RequestBox[],
  selection: RequestSelection,
  servers: Servers,
): readonly RequestBox[] {
  if (servers.aliases.length > 0) return selectRequests(boxes, selection, servers);
  const known = selected.get(selection) ?? new WeakMap<readonly RequestBox[], readonly RequestBox[]>();
  selected.set(selection, known);
  const before = known.get(boxes);
  if (before !== undefined) return before;
  const result = selectRequests(boxes, selection, servers);
  known.set(boxes, result);
  return result;
}

function aliasesFor(ground: Ground, { says }: Permit, end: Side['end']): readonly Alias[] {
  if (end.kind === 'asset') return ground.aliasesOf(end.asset);
  return says.kind === 'anything' ? [] : says.profile.aliases;
}

function sidesOf(
  permit: Permit,
  ends: readonly Side['end'][],
  { meant }: SelectedEnds,
  reached: (permit: Permit, ends: readonly Side['end'][]) => Spans<bigint>,
): readonly Side[] {
  return ends.flatMap((end) => {
    const all = meant(end);
    if (all.length === 0) return [];
    const isWhole = !permit.fourOnly && permit.except.length === 0;
    const addresses = isWhole ? all : meet(all, reached(permit, [end]));
    return addresses.length === 0 ? [] : [{ end, addresses }];
  });
}

function within(sides: readonly Side[], addresses: Spans<bigint>): readonly Side[] {
  return sides.map((side) => ({ ...side, addresses: meet(side.addresses, addresses) }));
}

function spansOfSides(sides: readonly Side[]): Spans<bigint> {
  const [only] = sides;
  return only !== undefined && sides.length === 1
    ? only.addresses
    : joined(sides.flatMap((side) => side.addresses));
}

function portsMeant({ protocol, port }: Permit, { ports }: TrafficSelection): Spans {
  // Who names ports does not mean an echo, which has none.
  if (ports.length === 0) return port;
  return protocol === 'icmp-echo' ? [] : meet(port, fromRanges(ports));
}

const plain = {
  direct: new WeakMap<RequestSelection, { readonly request: Request | undefined }>(),
  'serial-gateway': new WeakMap<RequestSelection, { readonly request: Request | undefined }>(),
} as const;
const selected = new WeakMap<RequestSelection, WeakMap<readonly RequestBox[], readonly RequestBox[]>>();
