import { byteAt, wordAt } from '../message/adu.ts';
import { ExceptionBit } from '../message/function-code.ts';
import { ExceptionRtuBytes, MaxRtuBytes } from './rtu.ts';

/** More bytes have to be there before the length of a frame can be told. */
export const LengthOpen = 0;
/** The function code does not say where a frame ends. */
export const LengthUnknown = -1;

/**
 * How many bytes the request that begins at `start` has, its CRC included, as its function code says it (MAP
 * V1.1b3 §6); {@link LengthOpen} or {@link LengthUnknown}. `end` is where the bytes that are there end.
 * Diagnostics are taken with one data word, as serial devices do (MAP V1.1b3 §6.8.1).
 */
export function rtuRequestBytes(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return LengthOpen;
  switch (byteAt(bytes, start + 1)) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 8:
      return 8;
    case 7:
    case 11:
    case 12:
    case 17:
      return 4;
    case 15:
    case 16:
      return counted(bytes, start, end, 6);
    case 20:
    case 21:
      return counted(bytes, start, end, 2);
    case 22:
      return 10;
    case 23:
      return counted(bytes, start, end, 10);
    case 24:
      return 6;
    case 43:
      if (end - start < 3) return LengthOpen;
      return byteAt(bytes, start + 2) === ReadDeviceIdentification ? 7 : LengthUnknown;
    default:
      return LengthUnknown;
  }
}

/**
 * The same of the response to a request whose function code is `asked` and whose own frame has
 * `askedBytes`. {@link LengthUnknown} as well where the function code is neither that one nor its exception.
 */
export function rtuResponseBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  asked: number,
  askedBytes: number,
): number {
  if (end - start < 2) return LengthOpen;
  const functionCode = byteAt(bytes, start + 1);
  if (functionCode === (asked | ExceptionBit)) return ExceptionRtuBytes;
  if (functionCode !== asked) return LengthUnknown;
  switch (functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 12:
    case 17:
    case 20:
    case 21:
    case 23:
      return counted(bytes, start, end, 2);
    case 5:
    case 6:
    case 11:
    case 15:
    case 16:
      return 8;
    case 7:
      return 5;
    case 8:
      return askedBytes;
    case 22:
      return 10;
    case 24:
      return end - start < 4 ? LengthOpen : 4 + wordAt(bytes, start + 2) + 2;
    case 43:
      return identificationBytes(bytes, start, end);
    default:
      return LengthUnknown;
  }
}

/** A byte count at `offset`, what it counts, and the CRC. */
function counted(bytes: Uint8Array, start: number, end: number, offset: number): number {
  return end - start <= offset ? LengthOpen : offset + 1 + byteAt(bytes, start + offset) + 2;
}

/** Object after object, as many as it says (MAP V1.1b3 §6.21). */
function identificationBytes(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3) return LengthOpen;
  if (byteAt(bytes, start + 2) !== ReadDeviceIdentification) return LengthUnknown;
  if (end - start < 8) return LengthOpen;
  let at = start + 8;
  for (let left = byteAt(bytes, start + 7); left > 0 && at - start < MaxRtuBytes; left -= 1) {
    if (end < at + 2) return LengthOpen;
    at += 2 + byteAt(bytes, at + 1);
  }
  return at + 2 - start;
}

const ReadDeviceIdentification = 14;
