/** Offsets and numbers of one ADU (MODBUS Messaging on TCP/IP V1.0b §3.1.3); all integers big-endian. */
export const UnitOffset = 6;
export const FunctionOffset = 7;
/** First byte after the function code. */
export const DataOffset = 8;

/** The byte at an offset the caller has checked; 0 beyond the end. */
export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** The 16-bit number at an offset the caller has checked. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Writes the low 16 bits of a number. */
export function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 8;
  bytes[at + 1] = word;
}

/** A new ADU with its header and function code written and `dataBytes` zeros behind. */
export function beginAdu(
  transactionId: number,
  unit: number,
  functionCode: number,
  dataBytes: number,
): Uint8Array {
  const adu = new Uint8Array(DataOffset + dataBytes);
  putWord(adu, 0, transactionId);
  adu[5] = 2 + dataBytes;
  adu[UnitOffset] = unit;
  adu[FunctionOffset] = functionCode;
  return adu;
}

/** Bytes that hold so many coils, eight in a byte, the first in the least significant bit. */
export function bitBytes(quantity: number): number {
  return (quantity + 7) >>> 3;
}

/** Coil number `index` of packed coils. */
export function bitAt(bits: Uint8Array, index: number): 0 | 1 {
  return ((byteAt(bits, index >>> 3) >>> (index & 7)) & 1) === 1 ? 1 : 0;
}

/** Zeroes what follows the last coil, as MAP V1.1b3 §6.1 and §6.11 want it: no room for hidden bits. */
export function clearPadding(bytes: Uint8Array, last: number, quantity: number): void {
  const used = quantity & 7;
  if (used !== 0) bytes[last] = byteAt(bytes, last) & ((1 << used) - 1);
}
