/** What of pcapng is written here (draft-ietf-opsawg-pcapng): little-endian, one section, microseconds. */
export const LinkTypeRaw = 101;

/** Opens a section, with words for who looks at it. */
export function sectionHeader(comment: string): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(ByteOrderMagic, 0);
  fixed.writeUInt16LE(1, 4);
  fixed.writeUInt16LE(0, 6);
  fixed.writeBigInt64LE(-1n, 8); // its length is not known
  return block(BlockType.section, fixed, [
    text(Option.comment, comment),
    text(Option.application, 'Penstock'),
  ]);
}

/** An interface whose packets begin with their IP header. */
export function interfaceDescription(name: string, description: string, comments: readonly string[]): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(LinkTypeRaw, 0);
  return block(BlockType.interface, fixed, [
    ...comments.map((comment) => text(Option.comment, comment)),
    text(Option.interfaceName, name),
    text(Option.interfaceDescription, description),
    option(Option.timeResolution, Buffer.of(6)),
  ]);
}

/** A packet of an interface; `at` is milliseconds since the Unix epoch, kept to the microsecond. */
export function enhancedPacket(from: number, at: number, packet: Uint8Array): Buffer {
  const fixed = Buffer.alloc(20);
  const time = BigInt(Math.max(0, Math.round(at * 1000)));
  fixed.writeUInt32LE(from, 0);
  fixed.writeUInt32LE(Number(time >> 32n), 4);
  fixed.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
  fixed.writeUInt32LE(packet.length, 12);
  fixed.writeUInt32LE(packet.length, 16);
  return block(BlockType.packet, Buffer.concat([fixed, packet, padding(packet.length)]), []);
}

/** Whether it is a packet, and neither a section's header nor an interface's description. */
export function isPacket(one: Uint8Array): boolean {
  return viewOf(one).getUint32(0, true) === BlockType.packet;
}

/** Bytes of the packet itself. */
export function packetBytes(packet: Uint8Array): Uint8Array {
  return packet.subarray(PacketStart, PacketStart + viewOf(packet).getUint32(20, true));
}

/** Microseconds since the Unix epoch. */
export function packetTime(packet: Uint8Array): number {
  const view = viewOf(packet);
  return view.getUint32(12, true) * 2 ** 32 + view.getUint32(16, true);
}

/** Makes a packet one of another interface, in place. */
export function moveToInterface(packet: Uint8Array, to: number): void {
  viewOf(packet).setUint32(8, to, true);
}

/** The blocks that follow on each other in these bytes. Throws an Error where that is not what they are. */
export function splitBlocks(bytes: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + 12 <= bytes.length ? bytes.readUInt32LE(at + 4) : 0;
    if (length < 12 || at + length > bytes.length) throw new Error('bytes that are no whole pcapng blocks');
    blocks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

function block(type: number, body: Buffer, options: readonly Buffer[]): Buffer {
  const all = options.length === 0 ? [body] : [body, ...options, option(Option.end, Buffer.alloc(0))];
  const length = 12 + all.reduce((sum, part) => sum + part.length, 0);
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...all, tail]);
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value, padding(value.length)]);
}

function text(code: number, value: string): Buffer {
  return option(code, Buffer.from(value).subarray(0, LongestText));
}

function padding(length: number): Buffer {
  return Buffer.alloc(-length & 3);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const ByteOrderMagic = 0x1a2b3c4d;
const BlockType = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const Option = {
  end: 0,
  comment: 1,
  interfaceName: 2,
  interfaceDescription: 3,
  application: 4,
  timeResolution: 9,
} as const;
const LongestText = 1_000;
/** Behind type, length, interface, time and the two lengths. */
const PacketStart = 28;
