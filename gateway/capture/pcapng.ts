import type { ByteSource } from './byte-source.ts';
import { type CaptureEntry, finding, MaxPacketBytes } from './packet.ts';

/** Whether these first four bytes begin a pcapng file (draft-ietf-opsawg-pcapng §4.1). */
export function isPcapng(magic: Uint8Array): boolean {
  return SectionMagic.every((byte, index) => magic[index] === byte);
}

/**
 * The packets after the first four bytes of a pcapng file: all its sections, each with its own byte order
 * and interfaces, and of each section the packets of every interface. Other blocks are passed over.
 */
export function* readPcapng(source: ByteSource): Generator<CaptureEntry, void> {
  const section: Section = { littleEndian: true, interfaces: [] };
  let type: number = SectionHeader;
  let number = 0;
  let lastTime = 0;
  for (;;) {
    const block = openBlock(source, type, section);
    if (typeof block === 'string') return yield finding(`after packet ${number}: ${block}`);
    const { body, problem } = block;
    if (problem !== undefined) yield finding(`after packet ${number}: ${problem}`);
    if (type === InterfaceDescription) addInterface(section, body);
    const parse = PacketBlocks[type];
    if (parse !== undefined) {
      number++;
      const packet = parse(body, section);
      if (typeof packet === 'string') yield finding(`packet ${number}: ${packet}`);
      else {
        lastTime = packet.at ?? lastTime;
        yield { kind: 'packet', number, at: lastTime, linkType: packet.linkType, bytes: packet.bytes };
      }
    }
    const next = source.take(4);
    if (next.length === 0) return;
    if (next.length < 4) return yield finding(`after packet ${number}: the file ends within a block`);
    // The type of a section header reads the same in both orders: it comes before the order is known.
    type = viewOf(next).getUint32(0, section.littleEndian);
  }
}

interface Section {
  littleEndian: boolean;
  /** An interface that makes no sense keeps its place, so that the numbers of the others are right. */
  interfaces: Interface[];
}

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Milliseconds of one tick, and of the zeroth. */
  readonly tick: number;
  readonly offset: number;
}

interface Block {
  readonly body: DataView;
  readonly problem: string | undefined;
}

/** Reads the rest of a block after its type; text when nothing after it can be found. */
function openBlock(source: ByteSource, type: number, section: Section): Block | string {
  const opening = Uint8Array.from(source.take(type === SectionHeader ? 8 : 4));
  if (opening.length < (type === SectionHeader ? 8 : 4)) return 'the file ends within a block';
  const view = viewOf(opening);
  if (type === SectionHeader) {
    const little = view.getUint32(4, true) === ByteOrderMagic;
    if (!little && view.getUint32(4, false) !== ByteOrderMagic) return 'a section without its byte order';
    section.littleEndian = little;
    section.interfaces = [];
  }
  const total = view.getUint32(0, section.littleEndian);
  const rest = total - 4 - opening.length;
  const isRead = type in PacketBlocks || type === InterfaceDescription;
  if (total % 4 !== 0 || rest < 4 || (isRead && total > MaxBlockBytes))
    return `a block says it has ${total} bytes`;
  if (!isRead) return source.skip(rest) < rest ? 'the file ends within a block' : NothingInside;
  const bytes = source.take(rest);
  if (bytes.length < rest) return 'the file ends within a block';
  const closing = viewOf(bytes).getUint32(rest - 4, section.littleEndian);
  const problem = closing === total ? undefined : `a block of ${total} bytes ends as one of ${closing}`;
  return { body: viewOf(bytes.subarray(0, rest - 4)), problem };
}

function addInterface({ interfaces, littleEndian }: Section, body: DataView): void {
  if (interfaces.length >= MaxInterfaces) return;
  if (body.byteLength < 8) {
    interfaces.push({ linkType: -1, snapLength: 0, tick: 1e-3, offset: 0 });
    return;
  }
  let tick = 1e-3;
  let offset = 0;
  // Options: code, length, value padded to four bytes.
  for (let at = 8; at + 4 <= body.byteLength; ) {
    const code = body.getUint16(at, littleEndian);
    const length = body.getUint16(at + 2, littleEndian);
    const value = at + 4;
    if (code === EndOfOptions || value + length > body.byteLength) break;
    if (code === TimeResolution && length === 1) tick = millisecondsPerTick(body.getUint8(value));
    if (code === TimeOffset && length === 8) offset = Number(body.getBigInt64(value, littleEndian)) * 1000;
    at = value + length + (-length & 3);
  }
  interfaces.push({
    linkType: body.getUint16(0, littleEndian),
    snapLength: body.getUint32(4, littleEndian),
    tick,
    offset,
  });
}

/** `if_tsresol`: a power of ten, or of two where the highest bit is set. */
function millisecondsPerTick(resolution: number): number {
  return 1000 * (resolution & 0x80 ? 2 ** -(resolution & 0x7f) : 10 ** -resolution);
}

interface PacketParts {
  readonly at: number | undefined;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

type PacketParser = (body: DataView, section: Section) => PacketParts | string;

const enhancedPacket: PacketParser = (body, section) =>
  packetOf(body, section, 4, 20, interfaceAt(body, section, 4));

/** Obsolete, and still written by old programs. */
const obsoletePacket: PacketParser = (body, section) =>
  packetOf(body, section, 4, 20, interfaceAt(body, section, 2));

/** Has no time and no interface but the first, and says its length by what the interface kept of it. */
const simplePacket: PacketParser = (body, { interfaces, littleEndian }) => {
  const [first] = interfaces;
  if (first === undefined || body.byteLength < 4) return 'is of no interface';
  const original = body.getUint32(0, littleEndian);
  const kept = first.snapLength === 0 ? original : Math.min(original, first.snapLength);
  if (kept > body.byteLength - 4) return `says it has ${kept} bytes in a block of ${body.byteLength}`;
  return { at: undefined, linkType: first.linkType, bytes: bytesOf(body, 4, kept) };
};

function packetOf(
  body: DataView,
  { littleEndian }: Section,
  times: number,
  data: number,
  from: Interface | undefined,
): PacketParts | string {
  if (from === undefined || body.byteLength < data) return 'is of no interface';
  const ticks = body.getUint32(times, littleEndian) * 2 ** 32 + body.getUint32(times + 4, littleEndian);
  const length = body.getUint32(times + 8, littleEndian);
  if (length > body.byteLength - data) return `says it has ${length} bytes in a block of ${body.byteLength}`;
  return { at: ticks * from.tick + from.offset, linkType: from.linkType, bytes: bytesOf(body, data, length) };
}

function interfaceAt(
  body: DataView,
  { interfaces, littleEndian }: Section,
  width: 2 | 4,
): Interface | undefined {
  if (body.byteLength < 4) return undefined;
  return interfaces[width === 4 ? body.getUint32(0, littleEndian) : body.getUint16(0, littleEndian)];
}

function bytesOf(body: DataView, start: number, length: number): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset + start, length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const SectionHeader = 0x0a0d0d0a;
const SectionMagic = [0x0a, 0x0d, 0x0d, 0x0a];
const ByteOrderMagic = 0x1a2b3c4d;
const InterfaceDescription = 1;
const PacketBlocks: Readonly<Record<number, PacketParser>> = {
  2: obsoletePacket,
  3: simplePacket,
  6: enhancedPacket,
};
const EndOfOptions = 0;
const TimeResolution = 9;
const TimeOffset = 14;
/** A packet, and room for its options. */
const MaxBlockBytes = MaxPacketBytes + 64 * 1024;
const MaxInterfaces = 1024;
const NothingInside: Block = { body: new DataView(new ArrayBuffer(0)), problem: undefined };
