/** Builds what the kernel sends to a packet log. */

export interface MessageFields {
  readonly prefix?: string;
  readonly inIndex?: number;
  readonly outIndex?: number;
  readonly sequence?: number;
  readonly payload?: Uint8Array;
  /** In place of all of the above. */
  readonly attributes?: readonly Uint8Array[];
}

export function datagram(...messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((message) => [...message]));
}

export function packetMessage(fields: MessageFields): Uint8Array {
  const body = datagram(...(fields.attributes ?? standardAttributes(fields)));
  const message = new Uint8Array(20 + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true); // nlmsg_len
  view.setUint16(4, 0x0400, true); // NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET
  view.setUint8(16, 2); // nfgen_family AF_INET
  view.setUint16(18, 5, false); // res_id: the group
  message.set(body, 20);
  return message;
}

export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

/** From 10.20.0.10 to 10.30.0.12. */
export function IPv4(fields: {
  protocol: number;
  ports?: readonly [number, number];
  options?: number;
}): Uint8Array {
  const headerLength = 20 + (fields.options ?? 0);
  const packet = new Uint8Array(headerLength + 4);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x40 | (headerLength / 4));
  view.setUint8(9, fields.protocol);
  packet.set([10, 20, 0, 10, 10, 30, 0, 12], 12);
  const [source, destination] = fields.ports ?? [0, 0];
  view.setUint16(headerLength, source, false);
  view.setUint16(headerLength + 2, destination, false);
  return packet;
}

/** From fe80::1 to ff02::2. */
export function IPv6(fields: { protocol: number }): Uint8Array {
  const packet = new Uint8Array(44);
  packet[0] = 0x60;
  packet[6] = fields.protocol;
  packet.set([0xfe, 0x80], 8);
  packet[23] = 1;
  packet.set([0xff, 0x02], 24);
  packet[39] = 2;
  return packet;
}

function standardAttributes(fields: MessageFields): readonly Uint8Array[] {
  const { prefix = 'no-flow', inIndex = 0, outIndex = 0, sequence = 0 } = fields;
  return [
    attribute(1, Uint8Array.of(8, 0, 2, 0)),
    attribute(4, bigEndian(inIndex)),
    attribute(5, bigEndian(outIndex)),
    attribute(10, new TextEncoder().encode(`${prefix}\0`)),
    attribute(9, fields.payload ?? IPv4({ protocol: 6 })),
    attribute(12, bigEndian(sequence)),
  ];
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, false);
  return bytes;
}
