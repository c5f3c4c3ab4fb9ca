import { readSpan } from './access.ts';
import {
  beginAdu,
  bitBytes,
  byteAt,
  clearPadding,
  DataOffset,
  FunctionOffset,
  putWord,
  UnitOffset,
  wordAt,
} from './adu.ts';
import { ExceptionBit } from './function-code.ts';
import { CoilOff, CoilOn, emitPair, type Request } from './request.ts';

/** A response that answers one certain request and nothing else. */
export type Response =
  /** What was read: packed coils or big-endian registers. A view of the bytes it was parsed from. */
  | { readonly kind: 'data'; readonly data: Uint8Array }
  /** The write was done; every byte of it is known from the request. */
  | { readonly kind: 'done' }
  | { readonly kind: 'exception'; readonly exceptionCode: number };

/**
 * Parses the ADU in `bytes[start, end)` as the answer to `request`; `undefined` when it is not one: other
 * unit, other function, wrong count, wrong echo, wrong length (MAP V1.1b3 §6 and §7).
 */
export function parseResponse(
  bytes: Uint8Array,
  start: number,
  end: number,
  request: Request,
): Response | undefined {
  if (byteAt(bytes, start + UnitOffset) !== request.unit) return undefined;
  const code = byteAt(bytes, start + FunctionOffset);
  if (code === (request.functionCode | ExceptionBit)) return parseException(bytes, start, end);
  if (code !== request.functionCode) return undefined;
  const at = start + DataOffset;
  switch (request.functionCode) {
    case 1:
    case 2:
      return parseData(bytes, at, end, bitBytes(request.quantity));
    case 3:
    case 4:
      return parseData(bytes, at, end, 2 * request.quantity);
    case 23:
      return parseData(bytes, at, end, 2 * request.readQuantity);
    case 5:
      return parseEcho(bytes, at, end, request.address, request.on ? CoilOn : CoilOff);
    case 6:
      return parseEcho(bytes, at, end, request.address, request.value);
    case 15:
      return parseEcho(bytes, at, end, request.address, request.quantity);
    case 16:
      return parseEcho(bytes, at, end, request.address, request.registers.length);
    case 22:
      if (end - at !== 6 || wordAt(bytes, at + 4) !== request.or) return undefined;
      return parseEcho(bytes, at, at + 4, request.address, request.and);
  }
}

/** The canonical ADU of a response: what a client is sent. */
export function emitResponse(response: Response, request: Request, transactionId: number): Uint8Array {
  const { functionCode: code, unit } = request;
  if (response.kind === 'exception') {
    return emitException(transactionId, unit, code, response.exceptionCode);
  }
  if (response.kind === 'data') {
    const { data } = response;
    const adu = beginAdu(transactionId, unit, code, 1 + data.length);
    adu[DataOffset] = data.length;
    adu.set(data, DataOffset + 1);
    if (code <= 2) clearPadding(adu, adu.length - 1, readSpan(request)?.quantity ?? 0);
    return adu;
  }
  switch (request.functionCode) {
    case 5:
      return emitPair(transactionId, unit, code, request.address, request.on ? CoilOn : CoilOff);
    case 6:
      return emitPair(transactionId, unit, code, request.address, request.value);
    case 15:
      return emitPair(transactionId, unit, code, request.address, request.quantity);
    case 16:
      return emitPair(transactionId, unit, code, request.address, request.registers.length);
    case 22: {
      const adu = beginAdu(transactionId, unit, code, 6);
      putWord(adu, DataOffset, request.address);
      putWord(adu, DataOffset + 2, request.and);
      putWord(adu, DataOffset + 4, request.or);
      return adu;
    }
    default:
      throw new Error(`function code ${code} is not answered by an echo`);
  }
}

/** An exception response (MAP V1.1b3 §7). */
export function emitException(
  transactionId: number,
  unit: number,
  functionCode: number,
  exceptionCode: number,
): Uint8Array {
  const adu = beginAdu(transactionId, unit, functionCode | ExceptionBit, 1);
  adu[DataOffset] = exceptionCode;
  return adu;
}

/**
 * Any code but 0: servers use codes outside the table, and a client must take each for a failure. The
 * one byte is all that gets through.
 */
function parseException(bytes: Uint8Array, start: number, end: number): Response | undefined {
  const exceptionCode = byteAt(bytes, start + DataOffset);
  if (end - start !== DataOffset + 1 || exceptionCode === 0) return undefined;
  return { kind: 'exception', exceptionCode };
}

function parseData(bytes: Uint8Array, at: number, end: number, count: number): Response | undefined {
  if (end - at !== 1 + count || byteAt(bytes, at) !== count) return undefined;
  return { kind: 'data', data: bytes.subarray(at + 1, end) };
}

function parseEcho(
  bytes: Uint8Array,
  at: number,
  end: number,
  first: number,
  second: number,
): Response | undefined {
  if (end - at !== 4 || wordAt(bytes, at) !== first || wordAt(bytes, at + 2) !== second) return undefined;
  return Done;
}

const Done: Response = { kind: 'done' };
