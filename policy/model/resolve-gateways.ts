import { formatAddress, parseAddress, parseAddressOnNetwork } from '../../rules/address.ts';
import type { Pair } from './pair.ts';
import { readPrefix } from './resolve-zones.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, readEndpoints, readPorts, type Source } from './source.ts';
import { quote } from './yaml-tree.ts';
import type { Egress, Gateway, Interface, Service } from './zone-model.ts';

type GatewayEntry = ZoneModelFile['gateways'][string];
type InterfaceEntry = GatewayEntry['interfaces'][string];

/** The boxes: their legs, who may reach them, where they may go. */
export function resolveGateways(source: Source, file: ZoneModelFile): readonly Gateway[] {
  return Object.entries(file.gateways).map(([name, entry]) => ({
    at: source.places.key(file.gateways, name),
    name,
    interfaces: readInterfaces(source, entry),
    services: readServices(source, entry.services ?? {}),
    egress: readEgress(source, entry.egress ?? {}),
    pair: readPair(source, entry),
    denyAction: { tcp: entry.deny_action?.tcp ?? 'reset', udp: entry.deny_action?.udp ?? 'drop' },
  }));
}

function readInterfaces(source: Source, entry: GatewayEntry): Interface[] {
  return Object.entries(entry.interfaces).map(([name, leg]) => ({
    at: source.places.key(entry.interfaces, name),
    name,
    device: 'source' in leg ? leg.on : name,
    zone: source.names.zone(leg.zone, source.places.value(leg, 'zone')),
    address: readAddress(source, leg),
    shared: readShared(source, leg),
    sources: 'source' in leg ? readSources(source, leg) : [],
    vlan: 'vlan' in leg ? leg.vlan : 0,
    lowerDevice: 'vlan' in leg ? leg.on : '',
    attach: leg.attach ?? 'routed',
  }));
}

function readPair(source: Source, { pair }: GatewayEntry): Pair | undefined {
  if (pair === undefined) return undefined;
  return {
    at: source.places.of(pair),
    with: pair.with,
    link: pair.link,
    address: readAddress(source, pair),
  };
}

function readShared(source: Source, leg: InterfaceEntry): string {
  if (leg.shared === undefined) return '';
  const parsed = parseAddress(leg.shared);
  if (parsed?.family === 4) return formatAddress(parsed);
  const message = `${quote(leg.shared)} is not an IPv4 address.`;
  source.reporter.error('S-007', source.places.value(leg, 'shared'), message, 'For example: 10.20.0.1.');
  return '';
}

function readAddress(source: Source, leg: { readonly address?: string }): string {
  if (leg.address === undefined) return '';
  const parsed = parseAddressOnNetwork(leg.address);
  if (parsed !== undefined) return `${formatAddress(parsed.address)}/${parsed.network.length}`;
  const message = `${quote(leg.address)} is not an address with prefix length.`;
  source.reporter.error('S-007', source.places.value(leg, 'address'), message, 'For example: 10.20.0.1/24.');
  return '';
}

function readSources(source: Source, leg: Extract<InterfaceEntry, { source: unknown }>): string[] {
  return entriesOf(source, leg, 'source', leg.source).flatMap(
    ({ entry, at }) => readPrefix(source, entry, at) ?? [],
  );
}

function readServices(source: Source, services: NonNullable<GatewayEntry['services']>): Service[] {
  return Object.entries(services).map(([name, entry]) => {
    const protocol = entry.proto ?? 'tcp';
    return {
      at: source.places.key(services, name),
      name,
      from: readEndpoints(source, entry, 'from', entry.from),
      protocol,
      ports: readPorts(source, entry, protocol),
    };
  });
}

function readEgress(source: Source, egress: NonNullable<GatewayEntry['egress']>): Egress[] {
  return Object.entries(egress).map(([name, entry]) => {
    const protocol = entry.proto ?? 'tcp';
    return {
      at: source.places.key(egress, name),
      name,
      to: readEndpoints(source, entry, 'to', entry.to),
      protocol,
      ports: readPorts(source, entry, protocol),
    };
  });
}
