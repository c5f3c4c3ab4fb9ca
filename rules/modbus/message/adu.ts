/** Offsets and numbers of one ADU (MODBUS Messaging on TCP/IP V1.0b §3.1.3); all integers big-endian. */
export const UnitOffset = 6;
export const FunctionOffset = 7;
/** First byte after the function code. */
export const DataOffset = 8;
/** Largest PDU, function code included (MAP V1.1b3 §4.1). */
export const MaxPduBytes = 253;

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

/** Writes everything before the data; `length` is that of the whole ADU, at least 8. */
export function putHeader(
  out: Uint8Array,
  transactionId: number,
  unit: number,
  functionCode: number,
  length: number,
): void {
  putWord(out, 0, transactionId);
  putWord(out, 2, 0);
  putWord(out, 4, length - UnitOffset);
  out[UnitOffset] = unit;
  out[FunctionOffset] = functionCode;
}

/** Copies `bytes[start, end)` to `out` at `at`. A loop, because a view for `set` is an object per ADU. */
export function putBytes(out: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): void {
  for (let from = start, to = at; from < end; from++, to++) out[to] = byteAt(bytes, from);
}

/** Bytes that hold so many coils, eight in a byte, the first in the least significant bit. */
export function bitBytes(quantity: number): number {
  return (quantity + 7) >>> 3;
}

/** Coil number `index` of the coils packed from `start` on. */
export function bitAt(bytes: Uint8Array, start: number, index: number): 0 | 1 {
  return ((byteAt(bytes, start + (index >>> 3)) >>> (index & 7)) & 1) === 1 ? 1 : 0;
}

/** Whether a bit is set behind the last coil, where MAP V1.1b3 §6.1 and §6.11 want zeros. */
export function hasPadding(bytes: Uint8Array, last: number, quantity: number): boolean {
  const used = quantity & 7;
  return used !== 0 && byteAt(bytes, last) >>> used !== 0;
}

/** Zeroes what follows the last coil: no room for hidden bits. */
export function clearPadding(bytes: Uint8Array, last: number, quantity: number): void {
  const used = quantity & 7;
  if (used !== 0) bytes[last] = byteAt(bytes, last) & ((1 << used) - 1);
}
