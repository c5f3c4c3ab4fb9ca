/** Builds captures byte by byte: what a test says is on the wire is there, and nothing else. */

export function bytesOf(...parts: readonly (number | readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

export function word(value: number): readonly number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function long(value: number): readonly number[] {
  return [...word(value >>> 16), ...word(value & 0xffff)];
}

/** An Ethernet II frame, behind as many VLAN tags as are given. */
export function ethernet(payload: Uint8Array, etherType = 0x0800, tags: readonly number[] = []): Uint8Array {
  const addresses = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
  return bytesOf(addresses, ...tags.map((tag) => [...word(tag), 0, 20]), word(etherType), payload);
}

export interface Ipv4Options {
  readonly from: string;
  readonly to: string;
  readonly protocol?: number;
  readonly id?: number;
  /** In bytes. */
  readonly offset?: number;
  readonly more?: boolean;
  /** What the header says, where it is not the truth. */
  readonly total?: number;
}

export function ipv4(payload: Uint8Array, options: Ipv4Options): Uint8Array {
  const { from, to, protocol = 6, id = 1, offset = 0, more = false } = options;
  const flags = (more ? 0x2000 : 0) | (offset / 8);
  const address = (text: string) => text.split('.').map(Number);
  const total = options.total ?? 20 + payload.length;
  const front = [0x45, 0, ...word(total), ...word(id), ...word(flags), 64, protocol, 0, 0];
  return bytesOf(front, address(from), address(to), payload);
}

/** Addresses as 16 bytes; extension headers ready made, with the number of the first. */
export function ipv6(
  payload: Uint8Array,
  from: Uint8Array,
  to: Uint8Array,
  next = 6,
  extensions: readonly number[] = [],
): Uint8Array {
  const length = extensions.length + payload.length;
  return bytesOf([0x60, 0, 0, 0, ...word(length), next, 64], from, to, extensions, payload);
}

export interface TcpOptions {
  readonly fromPort: number;
  readonly toPort: number;
  readonly seq: number;
  /** Left out, the segment acknowledges nothing. */
  readonly ack?: number;
  /** Any of `S`, `F`, `R`. */
  readonly flags?: string;
}

export function tcp(data: Uint8Array, { fromPort, toPort, seq, ack, flags = '' }: TcpOptions): Uint8Array {
  const bit = (letter: string, value: number) => (flags.includes(letter) ? value : 0);
  const bits = bit('F', 1) | bit('S', 2) | bit('R', 4) | (ack === undefined ? 0 : 16);
  const ports = [...word(fromPort), ...word(toPort)];
  return bytesOf(ports, long(seq >>> 0), long((ack ?? 0) >>> 0), 0x50, bits, word(8192), [0, 0, 0, 0], data);
}

export interface WrittenPacket {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface PcapOptions {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
}

/** A pcap file (draft-ietf-opsawg-pcap). */
export function pcap(packets: readonly WrittenPacket[], options: PcapOptions = {}): Uint8Array {
  const { littleEndian = true, nanoseconds = false, linkType = 1 } = options;
  const put = (value: number) => inOrder(long(value), littleEndian);
  const short = (value: number) => inOrder(word(value), littleEndian);
  const head = [
    ...put(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    ...short(2),
    ...short(4),
    ...put(0),
    ...put(0),
    ...put(262144),
    ...put(linkType),
  ];
  const perMs = nanoseconds ? 1e6 : 1e3;
  const records = packets.map(({ at, bytes }) => {
    const seconds = Math.floor(at / 1000);
    const fraction = Math.round((at - seconds * 1000) * perMs);
    return bytesOf(put(seconds), put(fraction), put(bytes.length), put(bytes.length), bytes);
  });
  return bytesOf(head, ...records);
}

/** A pcapng block, its length written at both ends. */
export function block(type: number, body: Uint8Array, littleEndian = true): Uint8Array {
  const put = (value: number) => inOrder(long(value), littleEndian);
  const padding = new Uint8Array(-body.length & 3);
  const total = 12 + body.length + padding.length;
  return bytesOf(put(type), put(total), body, padding, put(total));
}

export function sectionHeader(littleEndian = true): Uint8Array {
  const put = (value: number) => inOrder(long(value), littleEndian);
  const version = [...inOrder(word(1), littleEndian), 0, 0];
  return block(
    0x0a0d0d0a,
    bytesOf(put(0x1a2b3c4d), version, long(0xffffffff), long(0xffffffff)),
    littleEndian,
  );
}

export function interfaceBlock(linkType = 1, resolution?: number, littleEndian = true, snap = 0): Uint8Array {
  const short = (value: number) => inOrder(word(value), littleEndian);
  const options =
    resolution === undefined ? [] : [...short(9), ...short(1), resolution, 0, 0, 0, ...short(0), ...short(0)];
  return block(1, bytesOf(short(linkType), [0, 0], inOrder(long(snap), littleEndian), options), littleEndian);
}

/** `ticks` since the epoch, in the resolution of the interface. */
export function enhancedPacket(bytes: Uint8Array, ticks: number, on = 0, littleEndian = true): Uint8Array {
  const put = (value: number) => inOrder(long(value), littleEndian);
  const times = [...put(Math.floor(ticks / 2 ** 32)), ...put(ticks % 2 ** 32)];
  return block(6, bytesOf(put(on), times, put(bytes.length), put(bytes.length), bytes), littleEndian);
}

function inOrder(bigEndian: readonly number[], littleEndian: boolean): readonly number[] {
  return littleEndian ? [...bigEndian].reverse() : bigEndian;
}

/** One side of a connection under construction. */
export interface Speaker {
  /** Sends data, in order, acknowledging all that the other side has sent. */
  say(data: Uint8Array): WrittenPacket;
  /** A segment as it is told, without moving on. */
  segment(
    data: Uint8Array,
    options?: { readonly at?: number; readonly flags?: string; readonly ack?: number },
  ): WrittenPacket;
  /** How many bytes were said. */
  said: number;
}

export interface Talk {
  readonly client: Speaker;
  readonly server: Speaker;
  /** SYN, SYN and ACK, ACK. */
  shake(): readonly WrittenPacket[];
  /** FIN of both sides. */
  part(): readonly WrittenPacket[];
}

/** A connection whose packets are made one after the other, 10 ms apart. */
export function talk(
  options: {
    readonly client?: string;
    readonly server?: string;
    readonly clientPort?: number;
    readonly serverPort?: number;
    readonly from?: number;
    /** First sequence numbers of the data of both sides. */
    readonly clientStart?: number;
    readonly serverStart?: number;
  } = {},
): Talk {
  const { client: clientAddress = '10.20.0.10', server: serverAddress = '10.30.0.12' } = options;
  const { clientPort = 49152, serverPort = 502, clientStart = 1000, serverStart = 5000 } = options;
  let now = (options.from ?? 1_700_000_000_000) - 10;
  const client = speaker(clientAddress, serverAddress, clientPort, serverPort, clientStart, () =>
    acked(server, serverStart),
  );
  const server = speaker(serverAddress, clientAddress, serverPort, clientPort, serverStart, () =>
    acked(client, clientStart),
  );

  function acked(other: Speaker, start: number): number {
    return start + other.said;
  }

  function speaker(
    from: string,
    to: string,
    fromPort: number,
    toPort: number,
    start: number,
    acknowledge: () => number,
  ): Speaker {
    const made: Speaker = {
      said: 0,
      say(data) {
        const packet = made.segment(data, { at: made.said });
        made.said += data.length;
        return packet;
      },
      segment(data, { at = made.said, flags = '', ack = acknowledge() } = {}) {
        now += 10;
        const seq = start + at;
        const segment = tcp(data, { fromPort, toPort, seq, flags, ...(ack < 0 ? {} : { ack }) });
        return { at: now, bytes: ethernet(ipv4(segment, { from, to })) };
      },
    };
    return made;
  }

  const none = new Uint8Array(0);
  return {
    client,
    server,
    shake: () => [
      client.segment(none, { at: -1, flags: 'S', ack: -1 }),
      server.segment(none, { at: -1, flags: 'S', ack: clientStart }),
      client.segment(none, { at: 0, ack: serverStart }),
    ],
    part() {
      const fin = client.segment(none, { flags: 'F' });
      client.said++;
      const answer = server.segment(none, { flags: 'F' });
      server.said++;
      return [fin, answer, client.segment(none)];
    },
  };
}
