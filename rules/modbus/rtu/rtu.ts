import { byteAt, DataOffset, FunctionOffset, putWord, UnitOffset, wordAt } from '../message/adu.ts';

/**
 * The RTU form of an ADU (MODBUS over Serial Line V1.02 §2.5.1): address, PDU, CRC. It carries neither a
 * length nor an identifier, so that where it ends follows from what it is, and the CRC says whether it was.
 */

/** Address, 253 bytes of PDU and CRC (V1.02 §2.5.1.1). */
export const MaxRtuBytes = 256;
/** Address, function code and CRC. */
export const MinRtuBytes = 4;
/** An exception response: address, function code, exception code and CRC. */
export const ExceptionRtuBytes = 5;
/** Longest ADU with an MBAP header that has an RTU form. */
export const MaxMbapBytes = UnitOffset + MaxRtuBytes - 2;
/** Milliseconds every device of a line has to take in a broadcast: 100 to 200 (V1.02 §2.4.1). */
export const TurnaroundDelay = 200;
/** Highest address of a device; 0 is a broadcast and 248 to 255 are reserved (V1.02 §2.2). */
export const LastUnit = 247;

/** The cyclic redundancy check of `bytes[start, end)` (V1.02 §6.2.2); on the wire its low byte comes first. */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff;
  for (let at = start; at < end; at += 1) {
    crc = (crc >>> 8) ^ (CrcTable[(crc ^ byteAt(bytes, at)) & 0xff] ?? 0);
  }
  return crc;
}

/** Whether `bytes[start, end)` ends with the CRC of what stands before it. */
export function hasRightCrc(bytes: Uint8Array, start: number, end: number): boolean {
  const crc = byteAt(bytes, end - 2) | (byteAt(bytes, end - 1) << 8);
  return end - start >= MinRtuBytes && crc16(bytes, start, end - 2) === crc;
}

/** Writes the RTU form of the ADU `bytes[0, length)`, of at most {@link MaxMbapBytes}, into `out`; its length. */
export function toRtu(bytes: Uint8Array, length: number, out: Uint8Array): number {
  for (let at = UnitOffset; at < length; at += 1) out[at - UnitOffset] = byteAt(bytes, at);
  const body = length - UnitOffset;
  const crc = crc16(out, 0, body);
  out[body] = crc;
  out[body + 1] = crc >>> 8;
  return body + 2;
}

/** Writes the RTU frame `bytes[start, end)` under an MBAP header into `out`; its length. */
export function toMbap(
  bytes: Uint8Array,
  start: number,
  end: number,
  transactionId: number,
  out: Uint8Array,
): number {
  const body = end - start - 2;
  putWord(out, 0, transactionId);
  putWord(out, 2, 0);
  putWord(out, 4, body);
  for (let at = 0; at < body; at += 1) out[UnitOffset + at] = byteAt(bytes, start + at);
  return UnitOffset + body;
}

/**
 * Whether an answer to this ADU is awaited (`bytes` begin with an MBAP header): a broadcast to the devices of
 * a line has none (V1.02 §2.4.1), nor has the order to be silent, diagnostics sub-function 4 (MAP V1.1b3 §6.8).
 */
export function awaitsAnswer(bytes: Uint8Array, kind: 'direct' | 'serial-gateway'): boolean {
  if (byteAt(bytes, UnitOffset) === 0 && kind === 'serial-gateway') return false;
  return !(byteAt(bytes, FunctionOffset) === 8 && wordAt(bytes, DataOffset) === 4);
}

const CrcTable: Uint16Array = makeCrcTable();

/** Of the reflected polynomial x¹⁶ + x¹⁵ + x² + 1. */
function makeCrcTable(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}
