import type { ByteSource } from './byte-source.ts';
import { createFragmentTable } from './fragments.ts';
import { type IpPacket, ipPacket } from './ip-packet.ts';
import { isKnownLinkType, linkPayload } from './link-layer.ts';
import type { CapturedPacket } from './packet.ts';
import { readPackets } from './read-packets.ts';
import { type CapturedEnd, type ConnectionSink, createTcpConnections } from './tcp-connections.ts';
import { tcpSegment } from './tcp-segment.ts';

/** Told everything a capture holds. */
export interface CaptureSink extends ConnectionSink {
  /** A packet of anything but TCP. Ports are 0 where the protocol has none. */
  datagram(protocol: 'udp' | 'icmp' | 'other', from: CapturedEnd, to: CapturedEnd, at: number): void;
  /** Something in the file that cannot be what it should, or is missing. */
  flaw(text: string): void;
}

/** What was in a capture. */
export interface CaptureTotals {
  readonly packets: number;
  /** That carry no IP, such as ARP. */
  readonly notIp: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * Reads a capture from front to back: link layer, IP with its fragments, TCP put in order. It ends for any
 * bytes, in bounded memory; what is wrong with them is told and the rest is read.
 */
export function readConnections(
  source: ByteSource,
  isServer: (address: string, port: number) => boolean,
  sink: CaptureSink,
): CaptureTotals {
  const connections = createTcpConnections(sink, isServer);
  const fragments = createFragmentTable(sink.flaw);
  let [packets, notIp, firstAt, now] = [0, 0, 0, 0];

  function onPacket({ number, linkType, bytes }: CapturedPacket): void {
    if (!isKnownLinkType(linkType))
      return sink.flaw(`packets of link type ${linkType}, which cannot be read`);
    const link = linkPayload(linkType, bytes);
    if (link === undefined || !isIp(link.etherType)) {
      notIp++;
      return;
    }
    const packet = ipPacket(link.etherType, bytes.subarray(link.start));
    if (typeof packet === 'string') return sink.flaw(`packet ${number} ${packet}`);
    const whole = packet.fragment === undefined ? packet : fragments.add(packet, packet.fragment, now);
    if (whole !== undefined) onIp(whole, number);
  }

  function onIp(packet: IpPacket, number: number): void {
    const { source: from, destination: to, protocol, bytes, length } = packet;
    if (protocol !== Tcp) {
      const [fromPort, toPort] = protocol === Udp ? portsOf(bytes) : [0, 0];
      const name = protocol === Udp ? 'udp' : protocol === Icmp || protocol === Icmp6 ? 'icmp' : 'other';
      return sink.datagram(name, { address: from, port: fromPort }, { address: to, port: toPort }, now);
    }
    const segment = tcpSegment(bytes, length);
    if (typeof segment === 'string') return sink.flaw(`packet ${number} ${segment}`);
    connections.add(from, to, segment, now);
  }

  for (const entry of readPackets(source)) {
    if (entry.kind === 'finding') {
      sink.flaw(entry.text);
      continue;
    }
    // Packets of several interfaces can be a little out of order; a clock that runs back judges nothing.
    if (packets === 0) firstAt = entry.at;
    now = packets === 0 ? entry.at : Math.max(now, entry.at);
    packets++;
    onPacket(entry);
  }
  fragments.end();
  connections.end(now);
  return { packets, notIp, firstAt, lastAt: now };
}

function isIp(etherType: number): boolean {
  return etherType === 0x0800 || etherType === 0x86dd;
}

function portsOf(bytes: Uint8Array): readonly [number, number] {
  if (bytes.length < 4) return [0, 0];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint16(0), view.getUint16(2)];
}

const Tcp = 6;
const Udp = 17;
const Icmp = 1;
const Icmp6 = 58;
