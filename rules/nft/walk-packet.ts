import { parseAddress } from '../address.ts';
import { isRecord, type Json } from './walk-json.ts';

/** One packet, and what the kernel knows of it when it meets the table. */
export interface Packet {
  /** Device it came in by; empty where the box itself sends it. */
  readonly iifname: string;
  /** Device it goes out by; empty where it is for the box itself. */
  readonly oifname: string;
  readonly etherSource: string;
  readonly pkttype: 'unicast' | 'broadcast' | 'multicast';
  /** Addresses, both of one family. */
  readonly source: string;
  readonly destination: string;
  /** As nft names it: `tcp`, `udp`, `icmp`, `ipv6-icmp`. */
  readonly protocol: string;
  /** `undefined` where the protocol has none. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  /** As nft names it, `echo-request`; empty where it is no ICMP. */
  readonly icmpType: string;
  readonly tcpFlags: readonly string[];
  readonly hoplimit: number;
  readonly mark: number;
  /** User of the process that sends it; `undefined` where no process does. */
  readonly uid: number | undefined;
  /** What the connection table says of it where it is tracked. */
  readonly connection: Connection;
  /** The socket of this box that its connection already has. */
  readonly socket: { readonly transparent: boolean; readonly wildcard: boolean } | undefined;
}

export interface Connection {
  readonly state: 'new' | 'established' | 'related' | 'invalid' | 'untracked';
  readonly direction: 'original' | 'reply';
  readonly mark: number;
}

/** A first packet from one device to another, of a connection nobody knows. */
export function firstPacket(
  of: Pick<Packet, 'iifname' | 'oifname' | 'source' | 'destination' | 'protocol'> & Partial<Packet>,
): Packet {
  const isTcp = of.protocol === 'tcp';
  return {
    etherSource: '02:00:00:00:00:01',
    pkttype: 'unicast',
    sourcePort: undefined,
    destinationPort: undefined,
    icmpType: '',
    tcpFlags: isTcp ? ['syn'] : [],
    hoplimit: 64,
    mark: 0,
    uid: undefined,
    connection: { state: 'new', direction: 'original', mark: 0 },
    socket: undefined,
    ...of,
  };
}

/** A packet as it stands between two rules. */
export interface Standing extends Omit<Packet, 'mark' | 'connection'> {
  readonly family: 4 | 6;
  mark: number;
  connection: Connection;
}

/** Something a packet has, as look-ups compare it: numbers and addresses by size, everything else by its text. */
export type Point = bigint | string;

/**
 * What an expression yields for a packet; `undefined` ends the rule, as in the kernel: an IPv4 address of an
 * IPv6 packet, a port of what has none, a direction of what is not tracked.
 * @throws Error at an expression that is not one of ours
 */
export function pointOf(expression: Json, packet: Standing): Point | undefined {
  if (isRecord(expression)) {
    const { meta, ct, payload, socket } = expression;
    if (isRecord(meta)) return metaOf(String(meta['key']), packet);
    if (isRecord(ct)) return connectionOf(String(ct['key']), packet);
    if (isRecord(payload)) return payloadOf(`${payload['protocol']} ${payload['field']}`, packet);
    if (isRecord(socket)) return socketOf(String(socket['key']), packet);
  }
  throw unknown('expression', expression);
}

/** A value as it stands in a ruleset, in the form {@link pointOf} gives. */
export function pointIn(value: Json): Point {
  if (typeof value === 'number') return BigInt(value);
  const text = String(value);
  const address = /[.:]/.test(text) ? parseAddress(text) : undefined;
  return address === undefined ? text : lifted(address);
}

/** Why a walk cannot go on: the table holds what this walker has not been taught. */
export function unknown(what: string, value: Json): Error {
  return new Error(`the walker knows no such ${what}: ${JSON.stringify(value)?.slice(0, 200)}`);
}

function metaOf(key: string, packet: Standing): Point | undefined {
  switch (key) {
    case 'iifname':
      return packet.iifname;
    case 'oifname':
      return packet.oifname;
    case 'nfproto':
      return packet.family === 4 ? 'ipv4' : 'ipv6';
    case 'l4proto':
      return packet.protocol;
    case 'pkttype':
      return packet.pkttype;
    case 'mark':
      return BigInt(packet.mark);
    case 'skuid':
      return packet.uid === undefined ? undefined : BigInt(packet.uid);
    default:
      throw unknown('key', key);
  }
}

function connectionOf(key: string, { connection }: Standing): Point | undefined {
  const { state, direction, mark } = connection;
  if (key === 'state') return state;
  // What has no entry in the connection table has neither direction nor mark.
  const isTracked = state !== 'untracked' && state !== 'invalid';
  if (key === 'direction') return isTracked ? direction : undefined;
  if (key === 'mark') return isTracked ? BigInt(mark) : undefined;
  throw unknown('key', key);
}

function payloadOf(field: string, packet: Standing): Point | undefined {
  const { family, protocol, sourcePort, destinationPort } = packet;
  const port = (value: number | undefined, of = protocol) =>
    value === undefined || protocol !== of ? undefined : BigInt(value);
  switch (field) {
    case 'ether saddr':
      return packet.iifname === '' ? undefined : packet.etherSource;
    case 'ip saddr':
    case 'ip6 saddr':
      return (field === 'ip saddr') === (family === 4) ? pointIn(packet.source) : undefined;
    case 'ip daddr':
    case 'ip6 daddr':
      return (field === 'ip daddr') === (family === 4) ? pointIn(packet.destination) : undefined;
    case 'ip6 hoplimit':
      return family === 6 ? BigInt(packet.hoplimit) : undefined;
    case 'tcp sport':
      return port(sourcePort, 'tcp');
    case 'tcp dport':
      return port(destinationPort, 'tcp');
    case 'udp sport':
      return port(sourcePort, 'udp');
    case 'udp dport':
      return port(destinationPort, 'udp');
    case 'th sport':
      return port(sourcePort);
    case 'th dport':
      return port(destinationPort);
    case 'icmp type':
      return protocol === 'icmp' ? packet.icmpType : undefined;
    case 'icmpv6 type':
      return protocol === 'ipv6-icmp' ? packet.icmpType : undefined;
    default:
      throw unknown('field', field);
  }
}

function socketOf(key: string, { socket }: Standing): Point | undefined {
  if (socket === undefined) return undefined;
  if (key === 'transparent') return socket.transparent ? 1n : 0n;
  if (key === 'wildcard') return socket.wildcard ? 1n : 0n;
  throw unknown('key', key);
}

/** One order for both families: an IPv6 address lies above every IPv4 one. */
function lifted({ family, first }: { readonly family: 4 | 6; readonly first: bigint }): bigint {
  return family === 4 ? first : first + (1n << 130n);
}
