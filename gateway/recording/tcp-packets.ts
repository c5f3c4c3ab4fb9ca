import { isIPv6 } from 'node:net';

/** One end of the connection that is written down. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/**
 * The bytes of one channel as packets of a TCP connection between the vendor and the target: what a capture in front of
 * the gateway would hold had both spoken to each other. Payload and its order are exact; the headers around it are made
 * up, with numbers and checksums that fit, so that any reader puts the streams together again.
 */
export interface TcpPackets {
  /** The three that begin it. */
  readonly begin: () => readonly Buffer[];
  readonly data: (from: 'client' | 'server', bytes: Uint8Array) => readonly Buffer[];
  /** The three that end it. */
  readonly end: () => readonly Buffer[];
}

/** Nothing said yet. */
export function createTcpPackets(client: End, server: End): TcpPackets {
  const family = isIPv6(client.address) || isIPv6(server.address) ? 6 : 4;
  const sides = {
    client: { own: addressBytes(client.address, family), port: client.port, next: 0, packets: 0 },
    server: { own: addressBytes(server.address, family), port: server.port, next: 0, packets: 0 },
  };

  function packet(from: 'client' | 'server', flags: number, payload: Uint8Array): Buffer {
    const [sender, receiver] =
      from === 'client' ? [sides.client, sides.server] : [sides.server, sides.client];
    const tcp = Buffer.alloc(TcpHeader + payload.length);
    tcp.writeUInt16BE(sender.port, 0);
    tcp.writeUInt16BE(receiver.port, 2);
    tcp.writeUInt32BE(sender.next, 4);
    tcp.writeUInt32BE((flags & Flag.ack) === 0 ? 0 : receiver.next, 8);
    tcp[12] = (TcpHeader / 4) << 4;
    tcp[13] = flags;
    tcp.writeUInt16BE(0xffff, 14);
    tcp.set(payload, TcpHeader);
    tcp.writeUInt16BE(checksum([pseudoHeader(sender.own, receiver.own, tcp.length), tcp]), 16);
    const counted = payload.length + ((flags & (Flag.syn | Flag.fin)) === 0 ? 0 : 1);
    sender.next = (sender.next + counted) % 2 ** 32;
    sender.packets = (sender.packets + 1) & 0xffff;
    const ip =
      family === 4
        ? ipv4Header(sender.own, receiver.own, tcp.length, sender.packets)
        : ipv6Header(sender.own, receiver.own, tcp.length);
    return Buffer.concat([ip, tcp]);
  }

  return {
    begin: () => [
      packet('client', Flag.syn, Nothing),
      packet('server', Flag.syn | Flag.ack, Nothing),
      packet('client', Flag.ack, Nothing),
    ],
    data: (from, bytes) => {
      const packets: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += MaxPayload) {
        packets.push(packet(from, Flag.ack | Flag.push, bytes.subarray(at, at + MaxPayload)));
      }
      return packets;
    },
    end: () => [
      packet('client', Flag.fin | Flag.ack, Nothing),
      packet('server', Flag.fin | Flag.ack, Nothing),
      packet('client', Flag.ack, Nothing),
    ],
  };
}

/** How many bytes of such a packet are payload. */
export function payloadBytes(packet: Uint8Array): number {
  const ip = (packet[0] ?? 0) >> 4 === 6 ? 40 : 20;
  return packet.length - ip - TcpHeader;
}

function ipv4Header(from: Buffer, to: Buffer, payload: number, identification: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + payload, 2);
  header.writeUInt16BE(identification, 4);
  header.writeUInt16BE(0x4000, 6); // do not fragment
  header[8] = HopLimit;
  header[9] = Tcp;
  header.set(from, 12);
  header.set(to, 16);
  header.writeUInt16BE(checksum([header]), 10);
  return header;
}

function ipv6Header(from: Buffer, to: Buffer, payload: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payload, 4);
  header[6] = Tcp;
  header[7] = HopLimit;
  header.set(from, 8);
  header.set(to, 24);
  return header;
}

/** RFC 9293 §3.1, RFC 8200 §8.1. */
function pseudoHeader(from: Buffer, to: Buffer, length: number): Buffer {
  const rest = Buffer.alloc(from.length === 4 ? 4 : 8);
  if (from.length === 4) {
    rest[1] = Tcp;
    rest.writeUInt16BE(length, 2);
  } else {
    rest.writeUInt32BE(length, 0);
    rest[7] = Tcp;
  }
  return Buffer.concat([from, to, rest]);
}

/** The Internet checksum (RFC 1071); all parts but the last have an even length. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at + 1 < part.length; at += 2) sum += part.readUInt16BE(at);
    if (part.length % 2 === 1) sum += (part.at(-1) ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

/** An address that is none, as of a local socket, is all zeros; IPv4 beside IPv6 is mapped (RFC 4291 §2.5.5.2). */
function addressBytes(address: string, family: 4 | 6): Buffer {
  const dotted = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  const four = Buffer.from((dotted ?? '0.0.0.0').split('.').map(Number));
  if (family === 4) return four;
  if (!isIPv6(address)) return Buffer.concat([Mapped, four]);
  const text = dotted === undefined ? address : address.slice(0, -dotted.length) + hexPair(four);
  const [front = '', back] = (text.split('%')[0] ?? '').split('::');
  const groups = (part: string): number[] =>
    part
      .split(':')
      .filter(Boolean)
      .map((one) => Number.parseInt(one, 16));
  const [first, last] = [groups(front), groups(back ?? '')];
  const words = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  const bytes = Buffer.alloc(16);
  for (const [index, word] of words.entries()) bytes.writeUInt16BE(word, 2 * index);
  return bytes;
}

function hexPair(four: Buffer): string {
  return `${four.readUInt16BE(0).toString(16)}:${four.readUInt16BE(2).toString(16)}`;
}

const Flag = { fin: 0x01, syn: 0x02, push: 0x08, ack: 0x10 } as const;
const Nothing = new Uint8Array(0);
const Mapped = Buffer.from('00000000000000000000ffff', 'hex');
const TcpHeader = 20;
const Tcp = 6;
const HopLimit = 64;
/** A packet of IPv4 is 65 535 bytes at most, headers included. */
const MaxPayload = 65_000;
