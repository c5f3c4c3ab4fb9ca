import { byteAt, FunctionOffset, wordAt } from '../message/adu.ts';

/**
 * The rules of an MBAP header: protocol identifier 0, and a length of 2 to 254 that only a function with a
 * size of its own may exceed. The header alone says where an ADU ends; nothing behind it is looked at.
 */

/** MBAP header up to and including the length field (MODBUS Messaging on TCP/IP V1.0b §3.1.3). */
export const HeaderBytes = 6;
/** Largest ADU: the header and 254 bytes of unit identifier and PDU (MAP V1.1b3 §4.1). */
export const MaxAduBytes = 260;
/** Largest ADU that any function may be given by name, e.g. UMAS (function code 90). */
export const LongestAduBytes = 4096;

/** What was wrong with an MBAP header. */
export type FrameProblem = 'protocol-id' | 'length';

/** Where the field of a problem is, counted from the beginning of the header. */
export const FieldOffset: Record<FrameProblem, number> = { 'protocol-id': 2, length: 4 };

/** How many bytes have to be there to judge the header whose first {@link HeaderBytes} are. */
export function headerNeeds(bytes: Uint8Array, at: number): number {
  // Whether a length above the usual is right depends on the function; one above all needs no second look.
  const length = wordAt(bytes, at + 4);
  return length > UsualLength && length <= LongestAduBytes - HeaderBytes ? FunctionOffset + 1 : HeaderBytes;
}

/** Judges a header of which {@link headerNeeds} bytes are there. `maxAduBytes` is asked above 260 bytes only. */
export function headerProblem(
  bytes: Uint8Array,
  at: number,
  maxAduBytes: (functionCode: number) => number,
): FrameProblem | undefined {
  if (wordAt(bytes, at + 2) !== 0) return 'protocol-id';
  const length = wordAt(bytes, at + 4);
  // Two is a unit identifier and a function code; less cannot be a message.
  if (length >= 2 && length <= UsualLength) return undefined;
  if (length < 2 || length > LongestAduBytes - HeaderBytes) return 'length';
  return aduBytes(bytes, at) > maxAduBytes(byteAt(bytes, at + FunctionOffset)) ? 'length' : undefined;
}

/** The length of the whole ADU whose header begins there. */
export function aduBytes(bytes: Uint8Array, at: number): number {
  return HeaderBytes + wordAt(bytes, at + 4);
}

const UsualLength = MaxAduBytes - HeaderBytes;
