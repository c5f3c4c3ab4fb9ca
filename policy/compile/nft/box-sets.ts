import { parseAddressOnNetwork, parsePrefix } from '../../../rules/address.ts';
import { devicesOf } from '../../../rules/nft/inspected.ts';
import type { DataType, Element, NftSet } from '../../../rules/nft/ruleset.ts';
import type { BoxInterface, Endpoint, FlowRule, PortRange } from '../../../rules/policy.ts';
import type { PolicyParts } from '../nft-ruleset.ts';
import {
  addressSpanField,
  blocksOf,
  portSpanField,
  type Span,
  separateBlocks,
  spanOf,
  union,
} from './block.ts';
import type { Family } from './keys.ts';
import { rangeSet } from './part.ts';

/** The sets of the box's own traffic in one family; a set nobody needs is not there. */
export interface BoxSets {
  /** Device, source, own address, protocol, port of what may reach the box. */
  readonly services: NftSet | undefined;
  readonly servicesEcho: NftSet | undefined;
  /** Device, own address, destination, protocol, port of where the box may go. */
  readonly egress: NftSet | undefined;
  readonly egressEcho: NftSet | undefined;
  /** Device and address of whoever may be told that something was refused. */
  readonly reachable: NftSet | undefined;
  /** The same addresses on whatever device. */
  readonly placed: NftSet | undefined;
}

export function boxSets(policy: PolicyParts, family: Family): BoxSets {
  const { services, egress, interfaces } = policy;
  const inward = services.flatMap(({ name, sources, protocol, ports }) =>
    sources.flatMap((end) =>
      legsOf(interfaces, end.zone, family).map(({ device, own }) => ({
        name,
        device,
        traffic: { sources: [end], destinations: [own], protocol, ports },
      })),
    ),
  );
  const outward = egress.flatMap(({ name, destinations, protocol, ports }) =>
    destinations.flatMap((end) =>
      waysOut(interfaces, end.zone, family).map(({ device, own }) => ({
        name,
        device,
        traffic: { sources: [own], destinations: [end], protocol, ports },
      })),
    ),
  );
  const known = knownPlaces(policy, family);
  const ported: readonly DataType[] = [
    'ifname',
    family.address,
    family.address,
    'inet_proto',
    'inet_service',
  ];
  const plain: readonly DataType[] = ['ifname', family.address, family.address];
  return {
    services: setOf(`services${family.suffix}`, ported, elementsOf(inward, family, false)),
    servicesEcho: setOf(`services_echo${family.suffix}`, plain, elementsOf(inward, family, true)),
    egress: setOf(`egress${family.suffix}`, ported, elementsOf(outward, family, false)),
    egressEcho: setOf(`egress_echo${family.suffix}`, plain, elementsOf(outward, family, true)),
    reachable: setOf(
      `reachable${family.suffix}`,
      ['ifname', family.address],
      known.flatMap(({ device, spans }) =>
        spans.map((span) => ({ key: [device, addressSpanField(family.number, span)], comment: '' })),
      ),
      false,
    ),
    placed: setOf(
      `placed${family.suffix}`,
      [family.address],
      union(known.flatMap(({ spans }) => spans)).map((span) => ({
        key: [addressSpanField(family.number, span)],
        comment: '',
      })),
      false,
    ),
  };
}

/** Traffic between the box and an end, seen on one device. */
interface BoxWay {
  readonly name: string;
  readonly device: string;
  readonly traffic: {
    readonly sources: readonly Endpoint[];
    readonly destinations: readonly Endpoint[];
    readonly protocol: FlowRule['protocol'];
    readonly ports: readonly PortRange[];
  };
}

function elementsOf(ways: readonly BoxWay[], family: Family, echo: boolean): readonly Element[] {
  const wanted = ways.filter(({ traffic }) => (traffic.protocol === 'icmp-echo') === echo);
  const devices = [...new Set(wanted.map(({ device }) => device))];
  return devices.flatMap((device) => {
    const tagged = wanted
      .filter((way) => way.device === device)
      .flatMap(({ name, traffic }) => blocksOf(traffic).map((block) => ({ tag: name, block })));
    return separateBlocks(tagged.filter(({ block }) => block.family === family.number)).map(
      ({ tag, block }) => {
        const ends = [
          device,
          addressSpanField(family.number, block.source),
          addressSpanField(family.number, block.destination),
        ];
        return { key: echo ? ends : [...ends, block.protocol, portSpanField(block.port)], comment: tag };
      },
    );
  });
}

/** The box is addressed by its own address in the zone the request comes from, and by no other. */
function legsOf(interfaces: readonly BoxInterface[], zone: string, family: Family) {
  return interfaces
    .filter((leg) => leg.zone === zone)
    .flatMap((leg) => ownAddress(leg, family).map((own) => ({ device: leg.device, own })));
}

/** Where the leg has no address, the kernel goes out with another one of the box. */
function waysOut(interfaces: readonly BoxInterface[], zone: string, family: Family) {
  const direct = legsOf(interfaces, zone, family);
  if (direct.length > 0) return direct;
  return devicesOf(interfaces, zone).flatMap((device) =>
    interfaces.flatMap((leg) => ownAddress(leg, family).map((own) => ({ device, own }))),
  );
}

function ownAddress(leg: BoxInterface, family: Family): readonly Endpoint[] {
  const own = leg.address === '' ? undefined : parseAddressOnNetwork(leg.address)?.address;
  if (own === undefined || own.family !== family.number) return [];
  const address = String(addressSpanField(family.number, { first: own.first, last: own.first }));
  return [{ asset: '', zone: leg.zone, prefixes: [address] }];
}

/** Where everyone the model knows is, by device. */
function knownPlaces(
  policy: PolicyParts,
  family: Family,
): readonly { device: string; spans: readonly Span[] }[] {
  const { interfaces, assets, flows, services, egress } = policy;
  const byZone = new Map<string, Set<string>>();
  const note = (zone: string, prefixes: readonly string[]): void => {
    const known = byZone.get(zone) ?? new Set();
    byZone.set(zone, known);
    for (const prefix of prefixes) known.add(prefix);
  };
  for (const { zone, addresses } of assets) note(zone, addresses);
  for (const { sources, destinations } of flows)
    for (const { zone, prefixes } of [...sources, ...destinations]) note(zone, prefixes);
  for (const { zone, prefixes } of services.flatMap(({ sources }) => sources)) note(zone, prefixes);
  for (const { zone, prefixes } of egress.flatMap(({ destinations }) => destinations)) note(zone, prefixes);
  return [...Map.groupBy(interfaces, ({ device }) => device)].map(([device, legs]) => ({
    device,
    spans: union(
      [...new Set(legs.flatMap(({ zone }) => [...(byZone.get(zone) ?? [])]))].flatMap((text) =>
        spanIn(text, family),
      ),
    ),
  }));
}

function spanIn(text: string, family: Family): readonly Span[] {
  const prefix = parsePrefix(text);
  return prefix?.family === family.number ? [spanOf(prefix)] : [];
}

function setOf(
  name: string,
  type: readonly DataType[],
  elements: readonly Element[],
  counted = true,
): NftSet | undefined {
  return elements.length === 0 ? undefined : rangeSet(name, type, elements, counted);
}
