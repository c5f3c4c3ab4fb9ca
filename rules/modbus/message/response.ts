import {
  byteAt,
  clearPadding,
  DataOffset,
  FunctionOffset,
  hasPadding,
  putBytes,
  putHeader,
  putWord,
  UnitOffset,
} from './adu.ts';
import { listedObjects, ObjectCount } from './device-identification.ts';
import { diagnosticFunction } from './diagnostics.ts';
import { ExceptionBit, isOpaqueMei } from './function-code.ts';
import { aduLength, emitRequest, isOpaqueRequest, type Request } from './request.ts';
import { parseResponseBody } from './response-body.ts';
import { has, include, Strict, type ToleranceSet } from './tolerance-set.ts';

/** The answer to one certain request; filled again for each ADU, so it must not be kept. */
export interface Response {
  /** 0 unless it is an exception. */
  exceptionCode: number;
  /**
   * `bytes[dataStart, dataEnd)` is what the server says of its own, without counts that follow from it:
   * packed coils, big-endian registers, file groups, counters, objects, opaque bytes.
   */
  bytes: Uint8Array;
  dataStart: number;
  dataEnd: number;
  /** Which of the tolerances that were granted it needed. */
  tolerated: ToleranceSet;
}

/** `done`: every byte of it is known from the request. `mismatch`: it does not answer this request. */
export type ResponseOutcome = 'data' | 'done' | 'exception' | 'mismatch';

/** A response to be filled by a parser. */
export function createResponse(): Response {
  return { exceptionCode: 0, bytes: Empty, dataStart: 0, dataEnd: 0, tolerated: Strict };
}

/**
 * Parses the ADU in `bytes[start, end)` as the answer to `request` into `into`, which borrows `bytes`. Other
 * unit, other function, wrong count, wrong echo, wrong length: a mismatch (MAP V1.1b3 §6 and §7), unless
 * `tolerances` has leave for it. After a mismatch `into` says nothing.
 */
export function parseResponse(
  bytes: Uint8Array,
  start: number,
  end: number,
  request: Request,
  tolerances: ToleranceSet,
  into: Response,
): ResponseOutcome {
  const at = start + DataOffset;
  into.exceptionCode = 0;
  into.bytes = bytes;
  into.tolerated = Strict;
  into.dataStart = into.dataEnd = end;
  if (at > end) return 'mismatch';
  if (byteAt(bytes, start + UnitOffset) !== request.unit) {
    if (!has(tolerances, 'unit-echo')) return 'mismatch';
    into.tolerated = include(into.tolerated, 'unit-echo');
  }
  const code = byteAt(bytes, start + FunctionOffset);
  if (code === (request.functionCode | ExceptionBit)) return parseException(bytes, at, end, into);
  if (code !== request.functionCode) return 'mismatch';
  return parseResponseBody(bytes, at, end, request, tolerances, into);
}

/**
 * Whether a server answers it at all. Force Listen Only Mode is answered by nothing but the exception of
 * a server that does not know it. Restart Communications stays without answer where the server was in
 * Listen Only Mode, which nobody can tell; a broadcast stays without answer, which is not known here.
 */
export function isAnswered(request: Request): boolean {
  return request.functionCode !== 8 || diagnosticFunction(request.subFunction)?.answer !== 'never';
}

/**
 * Whether the bytes of a request may as well be an answer to its function: an echo, opaque data, or a byte count
 * with as many bytes of coils or registers.
 */
export function mayAnswerLikeIt(request: Request): boolean {
  const { functionCode: code, readAddress } = request;
  const isEchoed = code === 5 || code === 6 || code === 8 || code === 21 || code === 22;
  if (isEchoed || isOpaqueRequest(request)) return true;
  const isCounted = readAddress >>> 8 === aduLength(request) - DataOffset - 1;
  return isCounted && (code <= 2 || code === 23);
}

/**
 * Writes the canonical ADU of an accepted answer to the start of `out` and returns its length, which is at
 * most that of the ADU it was parsed from: what a client is sent. Unit and function are the request's.
 */
export function emitResponse(
  response: Response,
  request: Request,
  transactionId: number,
  out: Uint8Array,
): number {
  const { functionCode: code, unit } = request;
  if (response.exceptionCode !== 0) {
    return emitException(transactionId, unit, code, response.exceptionCode, out);
  }
  switch (code) {
    case 1:
    case 2: {
      const length = emitData(response, request, transactionId, 1, out);
      out[DataOffset] = length - DataOffset - 1;
      clearPadding(out, length - 1, request.readQuantity);
      return length;
    }
    case 3:
    case 4:
    case 12:
    case 17:
    case 20:
    case 23: {
      const length = emitData(response, request, transactionId, 1, out);
      out[DataOffset] = length - DataOffset - 1;
      return length;
    }
    case 5:
    case 6:
    case 21:
    case 22:
      return emitRequest(request, transactionId, out);
    case 8: {
      if (isEchoedDiagnostic(request)) return emitRequest(request, transactionId, out);
      const length = emitData(response, request, transactionId, 2, out);
      putWord(out, DataOffset, request.subFunction);
      return length;
    }
    case 15:
    case 16: {
      const length = DataOffset + 4;
      putHeader(out, transactionId, unit, code, length);
      putWord(out, DataOffset, request.writeAddress);
      putWord(out, DataOffset + 2, request.writeQuantity);
      return length;
    }
    case 24: {
      const length = emitData(response, request, transactionId, 4, out);
      putWord(out, DataOffset, length - DataOffset - 2);
      putWord(out, DataOffset + 2, (length - DataOffset - 4) >>> 1);
      return length;
    }
    case 43: {
      const length = emitData(response, request, transactionId, 1, out);
      out[DataOffset] = request.subFunction;
      if (isOpaqueMei(request.subFunction)) return length;
      out[DataOffset + 1 + ObjectCount] = listedObjects(response.bytes, response.dataStart, response.dataEnd);
      return length;
    }
    default:
      return emitData(response, request, transactionId, 0, out);
  }
}

/** Writes an exception response (MAP V1.1b3 §7) to the start of `out` and returns its length, 9. */
export function emitException(
  transactionId: number,
  unit: number,
  functionCode: number,
  exceptionCode: number,
  out: Uint8Array,
): number {
  putHeader(out, transactionId, unit, functionCode | ExceptionBit, DataOffset + 1);
  out[DataOffset] = exceptionCode;
  return DataOffset + 1;
}

/** Whether bits behind the last coil that was read are set, which {@link emitResponse} clears. */
export function answersStrayBits(response: Response, request: Request): boolean {
  return (
    request.functionCode <= 2 &&
    response.exceptionCode === 0 &&
    hasPadding(response.bytes, response.dataEnd - 1, request.readQuantity)
  );
}

/**
 * Any code but 0: servers use codes outside the table, and a client must take each for a failure. The
 * one byte is all that gets through.
 */
function parseException(bytes: Uint8Array, at: number, end: number, into: Response): ResponseOutcome {
  if (end - at !== 1 || byteAt(bytes, at) === 0) return 'mismatch';
  into.exceptionCode = byteAt(bytes, at);
  return 'exception';
}

/** The header and the server's data, with room for `prefix` bytes between them. */
function emitData(
  { bytes, dataStart, dataEnd }: Response,
  request: Request,
  transactionId: number,
  prefix: number,
  out: Uint8Array,
): number {
  const data = DataOffset + prefix;
  const length = data + dataEnd - dataStart;
  putHeader(out, transactionId, request.unit, request.functionCode, length);
  putBytes(out, data, bytes, dataStart, dataEnd);
  return length;
}

function isEchoedDiagnostic({ subFunction }: Request): boolean {
  return diagnosticFunction(subFunction)?.answer === 'echo';
}

const Empty = new Uint8Array(0);
