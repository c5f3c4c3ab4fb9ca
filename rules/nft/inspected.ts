import { contains, formatAddress, isHost, parsePrefix } from '../address.ts';
import {
  type BoxInterface,
  type Endpoint,
  type FlowRule,
  InspectorPort,
  InspectorShards,
  type PortRange,
} from '../policy.ts';
import type { DataType, Element, Field, NftVerdict } from './ruleset.ts';

/**
 * The elements that divert one inspected flow, used by the compiler for flows that are always open and by
 * the engine for gated ones while they are open, so that both mean the same packets.
 */
export interface InspectedElements {
  /** Device, client, server, port as a request arrives. */
  readonly inspected: readonly Element[];
  /** Device, server, client, port as an answer arrives. */
  readonly answering: readonly Element[];
  /** As `inspected`, with the inspector chain of the server's shard. */
  readonly inspectors: readonly (Element & { readonly verdict: NftVerdict })[];
}

/** Type of the three sets' keys. */
export const InspectedKey: readonly DataType[] = ['ifname', 'ipv4_addr', 'ipv4_addr', 'inet_service'];

/** IPv4 only: the compiler refuses inspected flows over IPv6. */
export function inspectedElements(flow: FlowRule, interfaces: readonly BoxInterface[]): InspectedElements {
  const clients = flow.sources.flatMap(({ prefixes }) => prefixes);
  const ports = withoutOverlap(flow.ports);
  const ways = flow.sources.flatMap((source) =>
    flow.destinations.flatMap((destination) =>
      devicesOf(interfaces, source.zone).flatMap((clientDevice) =>
        devicesOf(interfaces, destination.zone).flatMap((serverDevice) =>
          source.prefixes
            .filter((prefix) => !isCovered(prefix, clients))
            .map(addressField)
            .flatMap((client) =>
              destination.prefixes.map(addressField).flatMap((server) =>
                ports.map(portField).map((port) => ({
                  clientDevice,
                  serverDevice,
                  client,
                  server,
                  port,
                  shard: shardOf(destination),
                })),
              ),
            ),
        ),
      ),
    ),
  );
  const comment = flow.id;
  return {
    inspected: unique(
      ways.map(({ clientDevice, client, server, port }) => ({
        key: [clientDevice, client, server, port],
        comment,
      })),
    ),
    answering: unique(
      ways.map(({ serverDevice, client, server, port }) => ({
        key: [serverDevice, server, client, port],
        comment,
      })),
    ),
    inspectors: unique(
      ways.map(({ clientDevice, client, server, port, shard }) => ({
        key: [clientDevice, client, server, port],
        comment,
        verdict: { kind: 'goto', chain: inspectorChain(shard) } as const,
      })),
    ),
  };
}

/** Which inspector shard serves a server: always the same one, so that it sees everything said to it. */
export function shardOf(server: Endpoint): number {
  const address = parsePrefix(server.prefixes[0] ?? '')?.first ?? 0n;
  return Number(address % BigInt(InspectorShards));
}

/** Packets with this mark are delivered locally by the policy routing rule of the box. */
export const LocalMark = 0x1;

/** The chain that hands a packet to a shard's listener. */
export function inspectorChain(shard: number): string {
  return `inspector/${shard}`;
}

/** Local TCP port of a shard's listener. */
export function inspectorPort(shard: number): number {
  return InspectorPort + shard;
}

/** The devices a zone is behind, without repetition. */
export function devicesOf(interfaces: readonly BoxInterface[], zone: string): readonly string[] {
  return [...new Set(interfaces.filter((leg) => leg.zone === zone).map(({ device }) => device))];
}

/** A prefix as a field of a key. */
export function addressField(prefix: string): Field {
  const parsed = parsePrefix(prefix);
  if (parsed === undefined) throw new Error(`no prefix: ${prefix}`);
  if (isHost(parsed)) return formatAddress(parsed);
  return { first: formatAddress(parsed), last: formatAddress({ ...parsed, first: parsed.last }) };
}

/** A port range as a field of a key. */
export function portField({ first, last }: { readonly first: number; readonly last: number }): Field {
  return first === last ? first : { first, last };
}

/** An asset named beside its own zone adds nothing, and the kernel refuses elements that overlap. */
function isCovered(text: string, others: readonly string[]): boolean {
  const prefix = parsePrefix(text);
  return others.some((other) => {
    const wider = other === text ? undefined : parsePrefix(other);
    return prefix !== undefined && wider !== undefined && contains(wider, prefix);
  });
}

function withoutOverlap(ports: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = [];
  for (const range of [...ports].sort((one, other) => one.first - other.first)) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last) merged.push(range);
    else merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
  }
  return merged;
}

function unique<T extends Element>(elements: readonly T[]): readonly T[] {
  return [...new Map(elements.map((element) => [JSON.stringify(element.key), element])).values()];
}
