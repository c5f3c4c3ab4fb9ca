import type { EncodedRecord } from './codec.ts';
import { crc32c } from './crc32c.ts';

/**
 * The segment file: a header, then records one after the other.
 *
 *     header  "PENSTOCK" ‖ format u8 ‖ class u8 ‖ 0 u16 ‖ number u32 ‖ first sequence u64 ‖ CRC32C u32
 *     record  payload length u32 ‖ type u8 ‖ payload ‖ CRC32C u32
 *
 * All numbers are little endian; each CRC32C covers everything of its part before it. A segment holds one
 * class of records, so that routine ones can be given up for room without losing an act. A record's
 * sequence number is the header's plus its place in the file.
 */
export interface SegmentHeader {
  /** 1 to 99 999 999; the file is named by it. */
  readonly number: number;
  /** Sequence of the first record; counts on over all segments of a log, whatever their class. */
  readonly firstSequence: number;
  readonly routine: boolean;
}

/** Bytes of a header. */
export const HeaderSize = 28;

/** Bytes a record takes besides its payload. */
export const RecordOverhead = 9;

/** Longest payload a segment takes; a longer length can only be damage. */
export const MaxPayload = 65_536;

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(HeaderSize);
  const view = new DataView(bytes.buffer);
  bytes.set(Magic);
  view.setUint8(8, SegmentFormat);
  view.setUint8(9, header.routine ? 1 : 0);
  view.setUint32(12, header.number, true);
  view.setBigUint64(16, BigInt(header.firstSequence), true);
  view.setUint32(24, crc32c(bytes.subarray(0, 24)), true);
  return bytes;
}

/** A header, or why these bytes are none. */
export function decodeHeader(
  bytes: Uint8Array,
): { readonly ok: true; readonly header: SegmentHeader } | { readonly ok: false; readonly problem: string } {
  if (bytes.length < HeaderSize) return { ok: false, problem: 'the header is cut short' };
  if (!Magic.every((byte, index) => bytes[index] === byte)) return { ok: false, problem: 'no segment file' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, HeaderSize);
  if (view.getUint32(24, true) !== crc32c(bytes.subarray(0, 24))) {
    return { ok: false, problem: 'the header does not match its checksum' };
  }
  if (view.getUint8(8) !== SegmentFormat) return { ok: false, problem: `segment format ${view.getUint8(8)}` };
  const header = {
    number: view.getUint32(12, true),
    firstSequence: Number(view.getBigUint64(16, true)),
    routine: view.getUint8(9) === 1,
  };
  return { ok: true, header };
}

/** One framed record. Throws a RangeError for a payload above {@link MaxPayload}. */
export function frameRecord({ type, payload }: EncodedRecord): Uint8Array {
  if (payload.length > MaxPayload) throw new RangeError(`a record of ${payload.length} bytes`);
  const bytes = new Uint8Array(RecordOverhead + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint8(4, type);
  bytes.set(payload, 5);
  view.setUint32(5 + payload.length, crc32c(bytes.subarray(0, 5 + payload.length)), true);
  return bytes;
}

/** A record found in a segment; `payload` is a view on the bytes scanned. */
export interface FramedRecord extends EncodedRecord {
  readonly offset: number;
}

/** The record at `offset`, or why there is none. */
export function readFrame(
  bytes: Uint8Array,
  offset: number,
): { readonly ok: true; readonly frame: FramedRecord; readonly end: number } | BadFrame {
  const left = bytes.length - offset;
  if (left < RecordOverhead) return { ok: false, problem: 'the record is cut short' };
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, left);
  const length = view.getUint32(0, true);
  if (length > MaxPayload) return { ok: false, problem: 'the length is beyond any record' };
  if (length + RecordOverhead > left) return { ok: false, problem: 'the record is cut short' };
  const type = view.getUint8(4);
  if (type === 0) return { ok: false, problem: 'the record has no type' };
  const body = bytes.subarray(offset, offset + 5 + length);
  if (view.getUint32(5 + length, true) !== crc32c(body)) {
    return { ok: false, problem: 'the record does not match its checksum' };
  }
  return {
    ok: true,
    frame: { offset, type, payload: body.subarray(5) },
    end: offset + RecordOverhead + length,
  };
}

interface BadFrame {
  readonly ok: false;
  readonly problem: string;
}

const SegmentFormat = 1;

/** "PENSTOCK" in ASCII. */
const Magic = Uint8Array.of(0x50, 0x45, 0x4e, 0x53, 0x54, 0x4f, 0x43, 0x4b);
