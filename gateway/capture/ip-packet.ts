import { formatAddress } from '../../rules/address.ts';
import { EtherType } from './link-layer.ts';

/** One IP packet, whole or a fragment. */
export interface IpPacket {
  /** Canonical text. */
  readonly source: string;
  readonly destination: string;
  /** Of what it carries: 6 is TCP, 17 UDP, 1 and 58 ICMP. */
  readonly protocol: number;
  /** Its payload, as far as it was kept. */
  readonly bytes: Uint8Array;
  /** Bytes of payload it had on the wire. */
  readonly length: number;
  readonly fragment: Fragment | undefined;
}

export interface Fragment {
  readonly id: number;
  /** Bytes before this one. */
  readonly offset: number;
  readonly more: boolean;
}

/** Reads an IP packet (RFC 791, RFC 8200); text says why it is none. */
export function ipPacket(etherType: number, bytes: Uint8Array): IpPacket | string {
  if (etherType === EtherType.ipv4) return ipv4Packet(bytes);
  return etherType === EtherType.ipv6 ? ipv6Packet(bytes) : 'is no IP packet';
}

function ipv4Packet(bytes: Uint8Array): IpPacket | string {
  if (bytes.length < 20) return 'ends within its IP header';
  const view = viewOf(bytes);
  const header = 4 * (view.getUint8(0) & 0x0f);
  const total = view.getUint16(2) || bytes.length;
  if (view.getUint8(0) >> 4 !== 4 || header < 20 || total < header) return 'has no sound IPv4 header';
  if (header > bytes.length) return 'ends within its IP header';
  const flags = view.getUint16(6);
  const [offset, more] = [8 * (flags & 0x1fff), (flags & 0x2000) !== 0];
  return {
    source: ipv4Text(bytes, 12),
    destination: ipv4Text(bytes, 16),
    protocol: view.getUint8(9),
    bytes: bytes.subarray(header, Math.min(total, bytes.length)),
    length: total - header,
    fragment: offset > 0 || more ? { id: view.getUint16(4), offset, more } : undefined,
  };
}

function ipv6Packet(bytes: Uint8Array): IpPacket | string {
  if (bytes.length < 40) return 'ends within its IP header';
  const view = viewOf(bytes);
  if (view.getUint8(0) >> 4 !== 6) return 'has no sound IPv6 header';
  // 0 is a jumbogram, or a packet captured before the network card had divided it.
  const end = 40 + (view.getUint16(4) || bytes.length - 40);
  let next = view.getUint8(6);
  let at = 40;
  let fragment: Fragment | undefined;
  for (let headers = 0; Extensions.has(next); headers++) {
    if (headers === MaxExtensions) return 'has more extension headers than any packet needs';
    if (at + 8 > Math.min(end, bytes.length)) return 'ends within its IP header';
    if (next === FragmentHeader) {
      const place = view.getUint16(at + 2);
      if (place & 0xfff9) {
        fragment = { id: view.getUint32(at + 4), offset: place & 0xfff8, more: (place & 1) === 1 };
      }
    }
    const size = extensionBytes(next, view.getUint8(at + 1));
    next = view.getUint8(at);
    at += size;
    // What follows in a later fragment is no header, whatever it looks like.
    if (fragment !== undefined && fragment.offset > 0) break;
  }
  if (at > end) return 'has no sound IPv6 header';
  return {
    source: ipv6Text(view, 8),
    destination: ipv6Text(view, 24),
    protocol: next,
    bytes: bytes.subarray(at, Math.min(end, bytes.length)),
    length: end - at,
    fragment,
  };
}

function extensionBytes(header: number, length: number): number {
  if (header === FragmentHeader) return 8;
  return header === AuthenticationHeader ? 4 * (length + 2) : 8 * (length + 1);
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function ipv6Text(view: DataView, at: number): string {
  const first = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
  return formatAddress({ family: 6, first, last: first, length: 128 });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const FragmentHeader = 44;
const AuthenticationHeader = 51;
/** Hop-by-hop, routing, fragment, authentication, destination options. */
const Extensions = new Set([0, 43, FragmentHeader, AuthenticationHeader, 60]);
const MaxExtensions = 16;
