/** One packet of an NFLOG group: who logged it and the few header fields that are kept. */
export interface LoggedPacket {
  /** The prefix of the log statement, here a reason code. */
  readonly prefix: string;
  /** Interface indexes; 0 where there was none. */
  readonly inIndex: number;
  readonly outIndex: number;
  /** Empty where the packet was no IP packet or too short to tell. */
  readonly src: string;
  readonly dst: string;
  /** IP protocol number; 0 where unknown. */
  readonly protocol: number;
  /** 0 where the protocol has none or a fragment does not carry them. */
  readonly sport: number;
  readonly dport: number;
  /** Running number of the group; a gap is loss. */
  readonly sequence: number;
}

/** What one read from the log socket held. */
export interface LogDatagram {
  readonly packets: readonly LoggedPacket[];
  /** A negative acknowledgement from the kernel, as a positive errno; 0 when there was none. */
  readonly errno: number;
  /** Messages or attributes that were not of the expected form and were passed over. */
  readonly malformed: number;
}

/**
 * Reads a datagram of the log socket. The framing comes from the kernel, the packet bytes inside from
 * whoever sent them: every length is checked, nothing is copied but header fields, and it never throws.
 */
export function parseLogDatagram(bytes: Uint8Array): LogDatagram {
  const packets: LoggedPacket[] = [];
  let errno = 0;
  let malformed = 0;
  let at = 0;
  while (at + MessageHeader <= bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const length = view.getUint32(0, true);
    const type = view.getUint16(4, true);
    if (length < MessageHeader || length > view.byteLength)
      return { packets, errno, malformed: malformed + 1 };
    const body = bytes.subarray(at + MessageHeader, at + length);
    if (type === NLMSG_ERROR) errno = errnoOf(body) || errno;
    else if (type === PacketMessage) {
      const packet = parsePacketMessage(body);
      if (packet === undefined) malformed += 1;
      else packets.push(packet);
    }
    at += align(length);
  }
  return { packets, errno, malformed };
}

function errnoOf(body: Uint8Array): number {
  if (body.length < 4) return 0;
  return -new DataView(body.buffer, body.byteOffset, 4).getInt32(0, true);
}

function parsePacketMessage(body: Uint8Array): LoggedPacket | undefined {
  const attributes = readAttributes(body.subarray(GenericHeader));
  if (attributes === undefined) return undefined;
  const sequence = attributes.get(NFULA_SEQ);
  if (sequence?.length !== 4) return undefined;
  return {
    prefix: readText(attributes.get(NFULA_PREFIX)),
    inIndex: readUint32(attributes.get(NFULA_IFINDEX_INDEV)),
    outIndex: readUint32(attributes.get(NFULA_IFINDEX_OUTDEV)),
    ...parseHeaders(attributes.get(NFULA_PAYLOAD) ?? Nothing),
    sequence: readUint32(sequence),
  };
}

function readAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const attributes = new Map<number, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
    const length = view.getUint16(0, true);
    if (length < 4 || at + length > bytes.length) return undefined;
    attributes.set(view.getUint16(2, true) & AttributeType, bytes.subarray(at + 4, at + length));
    at += align(length);
  }
  return attributes;
}

type Headers = Pick<LoggedPacket, 'src' | 'dst' | 'protocol' | 'sport' | 'dport'>;

function parseHeaders(packet: Uint8Array): Headers {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return parseIpv4(packet);
  if (version === 6) return parseIpv6(packet);
  return Unknown;
}

function parseIpv4(packet: Uint8Array): Headers {
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  if (headerLength < 20 || packet.length < headerLength) return Unknown;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const protocol = view.getUint8(9);
  const isFirstFragment = (view.getUint16(6, false) & 0x1fff) === 0;
  return {
    src: packet.subarray(12, 16).join('.'),
    dst: packet.subarray(16, 20).join('.'),
    protocol,
    ...parsePorts(protocol, isFirstFragment ? packet.subarray(headerLength) : Nothing),
  };
}

/** Extension headers are not walked: ports are given only where they follow at once. */
function parseIpv6(packet: Uint8Array): Headers {
  if (packet.length < 40) return Unknown;
  const protocol = packet[6] ?? 0;
  return {
    src: ipv6Text(packet.subarray(8, 24)),
    dst: ipv6Text(packet.subarray(24, 40)),
    protocol,
    ...parsePorts(protocol, packet.subarray(40)),
  };
}

function parsePorts(protocol: number, rest: Uint8Array): Pick<LoggedPacket, 'sport' | 'dport'> {
  if (!WithPorts.has(protocol) || rest.length < 4) return { sport: 0, dport: 0 };
  const view = new DataView(rest.buffer, rest.byteOffset, 4);
  return { sport: view.getUint16(0, false), dport: view.getUint16(2, false) };
}

/** All eight groups in hexadecimal, not shortened: one spelling per address. */
function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return [0, 2, 4, 6, 8, 10, 12, 14].map((at) => view.getUint16(at, false).toString(16)).join(':');
}

function readUint32(bytes: Uint8Array | undefined): number {
  if (bytes?.length !== 4) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, false);
}

/** Printable ASCII up to the terminating zero; the prefix is from our own ruleset. */
function readText(bytes: Uint8Array | undefined): string {
  let text = '';
  for (const byte of bytes ?? Nothing) {
    if (byte === 0) break;
    if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
  }
  return text;
}

function align(length: number): number {
  return (length + 3) & ~3;
}

const Nothing = new Uint8Array(0);
const Unknown: Headers = { src: '', dst: '', protocol: 0, sport: 0, dport: 0 };
/** TCP, UDP, UDP-Lite, SCTP: source and destination port are the first four bytes. */
const WithPorts: ReadonlySet<number> = new Set([6, 17, 132, 136]);

const MessageHeader = 16;
/** `struct nfgenmsg`. */
const GenericHeader = 4;
/** Without the flags for nested and network byte order. */
const AttributeType = 0x3fff;
const NLMSG_ERROR = 2;
/** NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET. */
const PacketMessage = 4 << 8;
const NFULA_IFINDEX_INDEV = 4;
const NFULA_IFINDEX_OUTDEV = 5;
const NFULA_PAYLOAD = 9;
const NFULA_PREFIX = 10;
const NFULA_SEQ = 12;
