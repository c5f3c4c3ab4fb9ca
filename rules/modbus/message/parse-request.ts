import { bitBytes, byteAt, DataOffset, FunctionOffset, MaxPduBytes, UnitOffset, wordAt } from './adu.ts';
import { diagnosticFunction } from './diagnostics.ts';
import { ExceptionCode } from './exception-code.ts';
import { groupsProblem } from './file-groups.ts';
import { EncapsulatedTransport, ExceptionBit, functionCode, isOpaqueMei, Umas } from './function-code.ts';
import { CoilOff, CoilOn, type Request } from './request.ts';

/**
 * What one framed ADU from a client turned out to be. Only a `request` may ever be forwarded. `malformed`:
 * its length is not that of its function, or it is no request, so the stream cannot be trusted. The rest:
 * its length is right but a field has no legal value; it is answered and the connection kept.
 */
export type ParseOutcome = 'request' | IllegalOutcome | 'malformed';
export type IllegalOutcome = 'illegal-function' | 'illegal-address' | 'illegal-value';

/**
 * Parses the ADU in `bytes[start, end)`, which a framer has cut, into `into`, which borrows `bytes`. Where
 * the outcome is not `request`, `into` holds the unit, function code and whatever else was read, without
 * data.
 */
export function parseRequest(bytes: Uint8Array, start: number, end: number, into: Request): ParseOutcome {
  const at = start + DataOffset;
  clear(into, bytes, end);
  if (at > end) return 'malformed';
  const code = byteAt(bytes, start + FunctionOffset);
  into.unit = byteAt(bytes, start + UnitOffset);
  into.functionCode = code;
  // MAP V1.1b3 §4.1: 0 is no function code and 128 to 255 are exception responses.
  if (code === 0 || code >= ExceptionBit) return 'malformed';
  const outcome = parseBody(bytes, at, end, into);
  if (outcome !== 'request') into.dataStart = into.dataEnd = end;
  return outcome;
}

/** The exception code that MAP V1.1b3 §7 has for an illegal request. */
export function illegalException(outcome: IllegalOutcome): number {
  switch (outcome) {
    case 'illegal-function':
      return ExceptionCode.IllegalFunction;
    case 'illegal-address':
      return ExceptionCode.IllegalDataAddress;
    case 'illegal-value':
      return ExceptionCode.IllegalDataValue;
  }
}

function parseBody(bytes: Uint8Array, at: number, end: number, into: Request): ParseOutcome {
  const dataBytes = end - at;
  switch (into.functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
      return dataBytes === 4 ? parseRead(bytes, at, into) : 'malformed';
    case 5:
      return dataBytes === 4 ? parseWriteCoil(bytes, at, into) : 'malformed';
    case 6:
      return dataBytes === 4 ? parseSingle(bytes, at, into) : 'malformed';
    case 7:
    case 11:
    case 12:
    case 17:
      return dataBytes === 0 ? 'request' : 'malformed';
    case 8:
      return parseDiagnostics(bytes, at, end, into);
    case 15:
    case 16:
      return hasCountedTail(bytes, at, end, 4) ? parseMultiple(bytes, at, into) : 'malformed';
    case 20:
    case 21:
      return hasCountedTail(bytes, at, end, 0) ? parseFiles(bytes, at + 1, end, into) : 'malformed';
    case 22:
      return dataBytes === 6 ? parseMask(bytes, at, into) : 'malformed';
    case 23:
      return hasCountedTail(bytes, at, end, 8) ? parseReadWrite(bytes, at, into) : 'malformed';
    case 24:
      return dataBytes === 2 ? parseFifo(bytes, at, into) : 'malformed';
    case EncapsulatedTransport:
      return parseEncapsulated(bytes, at, end, into);
    default:
      return parseOpaque(bytes, at, end, into);
  }
}

function parseRead(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  into.readAddress = wordAt(bytes, at);
  into.readQuantity = wordAt(bytes, at + 2);
  return readOutcome(into);
}

function parseWriteCoil(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  const value = wordAt(bytes, at + 2);
  parseSingle(bytes, at, into);
  return value === CoilOn || value === CoilOff ? 'request' : 'illegal-value';
}

function parseSingle(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  into.writeAddress = wordAt(bytes, at);
  into.writeQuantity = 1;
  lend(into, at + 2, at + 4);
  return 'request';
}

/** MAP V1.1b3 §6.8: a sub-function and words; only Return Query Data may carry more than one. */
function parseDiagnostics(bytes: Uint8Array, at: number, end: number, into: Request): ParseOutcome {
  const wordBytes = end - at - 2;
  if (wordBytes < 2 || wordBytes % 2 !== 0 || end - at > MaxPduBytes - 1) return 'malformed';
  into.subFunction = wordAt(bytes, at);
  lend(into, at + 2, end);
  const entry = diagnosticFunction(into.subFunction);
  if (entry === undefined) return 'illegal-function';
  if (entry.request === 'any') return 'request';
  if (wordBytes !== 2) return 'malformed';
  return isDiagnosticWord(wordAt(bytes, at + 2), entry.request) ? 'request' : 'illegal-value';
}

function parseMultiple(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  readWritten(bytes, at, into);
  const size = into.functionCode === 15 ? bitBytes(into.writeQuantity) : 2 * into.writeQuantity;
  return byteAt(bytes, at + 4) === size ? writeOutcome(into) : 'illegal-value';
}

/**
 * The byte count is 7 to 245 for reading, which is 35 groups, and 9 to 251 for writing (MAP V1.1b3 §6.14 and
 * §6.15): as many groups as a PDU holds.
 */
function parseFiles(bytes: Uint8Array, start: number, end: number, into: Request): ParseOutcome {
  if (start === end || end - start > MaxPduBytes - 2) return 'illegal-value';
  const problem = groupsProblem(bytes, start, end, into.functionCode);
  if (problem !== 'none') return problem;
  lend(into, start, end);
  return 'request';
}

function parseMask(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  into.writeAddress = wordAt(bytes, at);
  into.writeQuantity = 1;
  into.andMask = wordAt(bytes, at + 2);
  into.orMask = wordAt(bytes, at + 4);
  return 'request';
}

function parseReadWrite(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  into.readAddress = wordAt(bytes, at);
  into.readQuantity = wordAt(bytes, at + 2);
  readWritten(bytes, at + 4, into);
  if (byteAt(bytes, at + 8) !== 2 * into.writeQuantity) return 'illegal-value';
  const outcome = readOutcome(into);
  return outcome === 'request' ? writeOutcome(into) : outcome;
}

function parseFifo(bytes: Uint8Array, at: number, into: Request): ParseOutcome {
  into.readAddress = wordAt(bytes, at);
  into.readQuantity = 1;
  return 'request';
}

/** MAP V1.1b3 §6.19: a MEI type, and behind it what that type says; opaque unless this gateway knows it. */
function parseEncapsulated(bytes: Uint8Array, at: number, end: number, into: Request): ParseOutcome {
  if (at === end) return 'malformed';
  into.subFunction = byteAt(bytes, at);
  lend(into, at + 1, end);
  if (isOpaqueMei(into.subFunction)) return 'request';
  if (end - at !== 3) return 'malformed';
  // MAP V1.1b3 §6.21: basic, regular, extended, or one object; any object identifier may be asked for.
  const code = byteAt(bytes, at + 1);
  return code >= 1 && code <= 4 ? 'request' : 'illegal-value';
}

function parseOpaque(bytes: Uint8Array, at: number, end: number, into: Request): ParseOutcome {
  if (into.functionCode === Umas && end - at >= 2) into.subFunction = byteAt(bytes, at + 1);
  lend(into, at, end);
  return 'request';
}

function isDiagnosticWord(word: number, form: 'zero' | 'on-or-off' | 'character'): boolean {
  switch (form) {
    case 'zero':
      return word === 0x0000;
    case 'on-or-off':
      return word === 0xff00 || word === 0x0000;
    case 'character':
      return (word & 0xff) === 0;
  }
}

/** Whether the byte count behind `fixedBytes` is there and is exactly what follows it. */
function hasCountedTail(bytes: Uint8Array, at: number, end: number, fixedBytes: number): boolean {
  const data = at + fixedBytes + 1;
  return data <= end && byteAt(bytes, data - 1) === end - data;
}

function readWritten(bytes: Uint8Array, at: number, into: Request): void {
  into.writeAddress = wordAt(bytes, at);
  into.writeQuantity = wordAt(bytes, at + 2);
  lend(into, at + 5, at + 5 + byteAt(bytes, at + 4));
}

function readOutcome(into: Request): ParseOutcome {
  return rangeOutcome(into.readAddress, into.readQuantity, functionCode(into.functionCode)?.maxRead ?? 0);
}

function writeOutcome(into: Request): ParseOutcome {
  return rangeOutcome(into.writeAddress, into.writeQuantity, functionCode(into.functionCode)?.maxWrite ?? 0);
}

/** Quantity first, as in MAP V1.1b3 §6. */
function rangeOutcome(address: number, quantity: number, maxQuantity: number): ParseOutcome {
  if (quantity < 1 || quantity > maxQuantity) return 'illegal-value';
  return address + quantity > 0x1_0000 ? 'illegal-address' : 'request';
}

function lend(into: Request, start: number, end: number): void {
  into.dataStart = start;
  into.dataEnd = end;
}

function clear(into: Request, bytes: Uint8Array, end: number): void {
  into.unit = 0;
  into.functionCode = 0;
  into.subFunction = -1;
  into.readAddress = 0;
  into.readQuantity = 0;
  into.writeAddress = 0;
  into.writeQuantity = 0;
  into.andMask = 0;
  into.orMask = 0;
  into.bytes = bytes;
  lend(into, end, end);
}
