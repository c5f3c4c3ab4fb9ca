import { clearPadding, DataOffset, hasPadding, putBytes, putHeader, putWord } from './adu.ts';
import { EncapsulatedTransport, isOpaque, isOpaqueMei } from './function-code.ts';

/**
 * A request that breaks no rule of the protocol: every quantity is within its limit, every range ends at or
 * below address 65535, counts are the lengths of what they count and groups tile their byte count. One
 * form for all functions, filled again for each ADU, so that parsing allocates nothing: a reader must not
 * keep it beyond the call it got it in. Fields a function does not have are 0, `subFunction` is -1.
 */
export interface Request {
  unit: number;
  /** 1 to 127. */
  functionCode: number;
  /** Diagnostics sub-function (8), MEI type (43) or UMAS function (90); -1 for every other function. */
  subFunction: number;
  /** Function codes 1 to 4, 23 and 24 (the FIFO pointer, quantity 1). */
  readAddress: number;
  readQuantity: number;
  /** Function codes 5, 6, 15, 16, 22 and 23. */
  writeAddress: number;
  writeQuantity: number;
  /** Function code 22: result = (current ∧ and) ∨ (or ∧ ¬and) (MAP V1.1b3 §6.16). */
  andMask: number;
  orMask: number;
  /**
   * The data in `bytes[dataStart, dataEnd)`: what is written, as on the wire (5, 6, 15, 16, 23); the groups
   * (20, 21); what follows the sub-function or MEI type (8, 43); everything after the function code where
   * the data is opaque. Coils' padding bits are 0 only in what {@link emitRequest} writes.
   */
  bytes: Uint8Array;
  dataStart: number;
  dataEnd: number;
}

/** A request to be filled by a parser; until then it is none. */
export function createRequest(): Request {
  return {
    unit: 0,
    functionCode: 0,
    subFunction: -1,
    readAddress: 0,
    readQuantity: 0,
    writeAddress: 0,
    writeQuantity: 0,
    andMask: 0,
    orMask: 0,
    bytes: Empty,
    dataStart: 0,
    dataEnd: 0,
  };
}

/** Bytes of the canonical ADU of a request: as many as were parsed. */
export function aduLength(request: Request): number {
  return DataOffset + fixedBytes(request.functionCode) + request.dataEnd - request.dataStart;
}

/**
 * Writes the canonical ADU of a request to the start of `out`, which has room for {@link aduLength}, and
 * returns its length: what a server is sent, and the only thing it is sent. Every count comes from the
 * fields and coils' padding is cleared, so nothing passes that was not understood.
 */
export function emitRequest(request: Request, transactionId: number, out: Uint8Array): number {
  const { functionCode: code, bytes, dataStart, dataEnd } = request;
  const length = aduLength(request);
  const dataBytes = dataEnd - dataStart;
  const data = length - dataBytes;
  putHeader(out, transactionId, request.unit, code, length);
  putBytes(out, data, bytes, dataStart, dataEnd);
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      putWord(out, DataOffset, request.readAddress);
      putWord(out, DataOffset + 2, request.readQuantity);
      break;
    case 5:
    case 6:
      putWord(out, DataOffset, request.writeAddress);
      break;
    case 8:
      putWord(out, DataOffset, request.subFunction);
      break;
    case 15:
      clearPadding(out, length - 1, request.writeQuantity);
      putWritten(out, DataOffset, request, dataBytes);
      break;
    case 16:
      putWritten(out, DataOffset, request, dataBytes);
      break;
    case 20:
    case 21:
      out[DataOffset] = dataBytes;
      break;
    case 22:
      putWord(out, DataOffset, request.writeAddress);
      putWord(out, DataOffset + 2, request.andMask);
      putWord(out, DataOffset + 4, request.orMask);
      break;
    case 23:
      putWord(out, DataOffset, request.readAddress);
      putWord(out, DataOffset + 2, request.readQuantity);
      putWritten(out, DataOffset + 4, request, dataBytes);
      break;
    case 24:
      putWord(out, DataOffset, request.readAddress);
      break;
    case EncapsulatedTransport:
      out[DataOffset] = request.subFunction;
      break;
  }
  return length;
}

/**
 * Copies a request that must outlive the bytes it was parsed from. `adu` holds what {@link emitRequest}
 * wrote of it and is where the copy's data is from now on.
 */
export function copyRequest(from: Request, to: Request, adu: Uint8Array): void {
  to.unit = from.unit;
  to.functionCode = from.functionCode;
  to.subFunction = from.subFunction;
  to.readAddress = from.readAddress;
  to.readQuantity = from.readQuantity;
  to.writeAddress = from.writeAddress;
  to.writeQuantity = from.writeQuantity;
  to.andMask = from.andMask;
  to.orMask = from.orMask;
  to.bytes = adu;
  to.dataEnd = aduLength(from);
  to.dataStart = to.dataEnd - (from.dataEnd - from.dataStart);
}

/** Whether its data means nothing to this gateway, so that only its size can be judged. */
export function isOpaqueRequest(request: Request): boolean {
  const { functionCode: code, subFunction } = request;
  return code === EncapsulatedTransport ? isOpaqueMei(subFunction) : isOpaque(code);
}

/** Whether bits behind the last coil are set, which {@link emitRequest} clears (MAP V1.1b3 §6.11). */
export function hasStrayBits(request: Request): boolean {
  return request.functionCode === 15 && hasPadding(request.bytes, request.dataEnd - 1, request.writeQuantity);
}

/** The two values of Write Single Coil (MAP V1.1b3 §6.5); all others are illegal. */
export const CoilOn = 0xff00;
export const CoilOff = 0x0000;

/** Bytes between the function code and the data. */
function fixedBytes(code: number): number {
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return 4;
    case 5:
    case 6:
    case 8:
    case 24:
      return 2;
    case 15:
    case 16:
      return 5;
    case 20:
    case 21:
    case EncapsulatedTransport:
      return 1;
    case 22:
      return 6;
    case 23:
      return 9;
    default:
      return 0;
  }
}

function putWritten(out: Uint8Array, at: number, request: Request, dataBytes: number): void {
  putWord(out, at, request.writeAddress);
  putWord(out, at + 2, request.writeQuantity);
  out[at + 4] = dataBytes;
}

const Empty = new Uint8Array(0);
