import type { ByteSource } from './byte-source.ts';
import { type CaptureEntry, finding, MaxPacketBytes } from './packet.ts';

/** How a pcap file writes its numbers and the fractions of its seconds. */
export interface PcapOrder {
  readonly littleEndian: boolean;
  /** Milliseconds of one unit of a fraction. */
  readonly unit: number;
}

/** Which pcap these first four bytes begin; `undefined` for none (draft-ietf-opsawg-pcap §4). */
export function pcapOrder(magic: Uint8Array): PcapOrder | undefined {
  if (magic.length < 4) return undefined;
  const view = viewOf(magic);
  for (const littleEndian of [true, false]) {
    const number = view.getUint32(0, littleEndian);
    if (number === Microseconds) return { littleEndian, unit: 1e-3 };
    if (number === Nanoseconds) return { littleEndian, unit: 1e-6 };
  }
  return undefined;
}

/** The packets after the magic number. A length that cannot be ends it: nothing says where the next one begins. */
export function* readPcap(source: ByteSource, order: PcapOrder): Generator<CaptureEntry, void> {
  const { littleEndian, unit } = order;
  const header = source.take(HeaderBytes - 4);
  if (header.length < HeaderBytes - 4) return yield finding('the file ends within its header');
  // The upper bits say whether a frame check sequence follows; it lies behind what is read here.
  const linkType = viewOf(header).getUint32(16, littleEndian) & 0xffff;
  for (let number = 1; ; number++) {
    const record = source.take(RecordBytes);
    if (record.length === 0) return;
    if (record.length < RecordBytes)
      return yield finding(`packet ${number}: the file ends within its header`);
    const view = viewOf(record);
    const at = view.getUint32(0, littleEndian) * 1000 + view.getUint32(4, littleEndian) * unit;
    const length = view.getUint32(8, littleEndian);
    if (length > MaxPacketBytes) {
      return yield finding(`packet ${number}: says it has ${length} bytes; nothing after it can be found`);
    }
    const bytes = source.take(length);
    if (bytes.length < length) return yield finding(`packet ${number}: the file ends within it`);
    yield { kind: 'packet', number, at, linkType, bytes };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const Microseconds = 0xa1b2c3d4;
const Nanoseconds = 0xa1b23c4d;
const HeaderBytes = 24;
const RecordBytes = 16;
