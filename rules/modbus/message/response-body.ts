import { bitBytes, byteAt, wordAt } from './adu.ts';
import { deviceIdProblem } from './device-identification.ts';
import { diagnosticFunction } from './diagnostics.ts';
import { groupsAnswered } from './file-groups.ts';
import { isOpaqueMei } from './function-code.ts';
import { CoilOn, type Request } from './request.ts';
import type { Response, ResponseOutcome } from './response.ts';
import { has, include, type ToleranceSet } from './tolerance-set.ts';

/** Parses what is behind the function code, `bytes[at, end)`, once unit and function are those of `request`. */
export function parseResponseBody(
  bytes: Uint8Array,
  at: number,
  end: number,
  request: Request,
  tolerances: ToleranceSet,
  into: Response,
): ResponseOutcome {
  switch (request.functionCode) {
    case 1:
    case 2:
      return parseCounted(bytes, at, end, bitBytes(request.readQuantity), into);
    case 3:
    case 4:
    case 23:
      return parseCounted(bytes, at, end, 2 * request.readQuantity, into);
    case 5:
      return parseCoilEcho(bytes, at, end, request, tolerances, into);
    case 6:
    case 21:
    case 22:
      return parseEcho(bytes, at, end, request);
    case 7:
      return parseData(at, end, 1, into);
    case 8:
      return parseDiagnostics(bytes, at, end, request, into);
    case 11:
      return isCommStatus(bytes, at) ? parseData(at, end, 4, into) : 'mismatch';
    case 12:
      return parseEventLog(bytes, at, end, into);
    case 15:
    case 16:
      if (end - at !== 4 || wordAt(bytes, at) !== request.writeAddress) return 'mismatch';
      return wordAt(bytes, at + 2) === request.writeQuantity ? 'done' : 'mismatch';
    case 17:
      // The server identification has any form, but a run indicator is in it (MAP V1.1b3 §6.13).
      return parseCounted(bytes, at, end, Math.max(1, end - at - 1), into);
    case 20:
      if (!groupsAnswered(bytes, at + 1, end, request)) return 'mismatch';
      return parseCounted(bytes, at, end, end - at - 1, into);
    case 24:
      return parseFifo(bytes, at, end, into);
    case 43:
      return parseEncapsulated(bytes, at, end, request, tolerances, into);
    default:
      lend(into, at, end);
      return 'data';
  }
}

function parseCounted(
  bytes: Uint8Array,
  at: number,
  end: number,
  count: number,
  into: Response,
): ResponseOutcome {
  if (byteAt(bytes, at) !== count) return 'mismatch';
  return parseData(at + 1, end, count, into);
}

function parseData(at: number, end: number, size: number, into: Response): ResponseOutcome {
  if (end - at !== size) return 'mismatch';
  lend(into, at, end);
  return 'data';
}

function parseCoilEcho(
  bytes: Uint8Array,
  at: number,
  end: number,
  request: Request,
  tolerances: ToleranceSet,
  into: Response,
): ResponseOutcome {
  if (parseEcho(bytes, at, end, request) === 'done') return 'done';
  const isOne = end - at === 4 && wordAt(bytes, at) === request.writeAddress && wordAt(bytes, at + 2) === 1;
  if (!isOne || wordAt(request.bytes, request.dataStart) !== CoilOn) return 'mismatch';
  if (!has(tolerances, 'coil-echo-0001')) return 'mismatch';
  into.tolerated = include(into.tolerated, 'coil-echo-0001');
  return 'done';
}

/** An answer that repeats the request, field for field: 5, 6, 21, 22 and most sub-functions of 8. */
function parseEcho(bytes: Uint8Array, at: number, end: number, request: Request): ResponseOutcome {
  const dataBytes = request.dataEnd - request.dataStart;
  let data = at;
  switch (request.functionCode) {
    case 8:
      if (wordAt(bytes, at) !== request.subFunction) return 'mismatch';
      data = at + 2;
      break;
    case 21:
      if (byteAt(bytes, at) !== dataBytes) return 'mismatch';
      data = at + 1;
      break;
    case 22:
      if (wordAt(bytes, at + 2) !== request.andMask) return 'mismatch';
      if (wordAt(bytes, at + 4) !== request.orMask) return 'mismatch';
      if (wordAt(bytes, at) !== request.writeAddress) return 'mismatch';
      data = at + 6;
      break;
    default:
      if (wordAt(bytes, at) !== request.writeAddress) return 'mismatch';
      data = at + 2;
  }
  if (end - data !== dataBytes) return 'mismatch';
  for (let index = 0; index < dataBytes; index++) {
    if (byteAt(bytes, data + index) !== byteAt(request.bytes, request.dataStart + index)) return 'mismatch';
  }
  return 'done';
}

/** MAP V1.1b3 §6.8.1: counters come back in place of the 0000 they were asked with. */
function parseDiagnostics(
  bytes: Uint8Array,
  at: number,
  end: number,
  request: Request,
  into: Response,
): ResponseOutcome {
  const answer = diagnosticFunction(request.subFunction)?.answer;
  if (answer === 'echo') return parseEcho(bytes, at, end, request);
  if (answer !== 'word' || wordAt(bytes, at) !== request.subFunction) return 'mismatch';
  return parseData(at + 2, end, 2, into);
}

/** Status, event count, message count and up to 64 events (MAP V1.1b3 §6.10). */
function parseEventLog(bytes: Uint8Array, at: number, end: number, into: Response): ResponseOutcome {
  const count = end - at - 1;
  if (count < 6 || count > 70 || !isCommStatus(bytes, at + 1)) return 'mismatch';
  return parseCounted(bytes, at, end, count, into);
}

/** Two counts, the first of bytes in two bytes, and 0 to 31 registers (MAP V1.1b3 §6.18). */
function parseFifo(bytes: Uint8Array, at: number, end: number, into: Response): ResponseOutcome {
  const registers = wordAt(bytes, at + 2);
  if (registers > 31 || wordAt(bytes, at) !== 2 + 2 * registers) return 'mismatch';
  return parseData(at + 4, end, 2 * registers, into);
}

function parseEncapsulated(
  bytes: Uint8Array,
  at: number,
  end: number,
  request: Request,
  tolerances: ToleranceSet,
  into: Response,
): ResponseOutcome {
  if (at === end || byteAt(bytes, at) !== request.subFunction) return 'mismatch';
  lend(into, at + 1, end);
  if (isOpaqueMei(request.subFunction)) return 'data';
  switch (deviceIdProblem(bytes, at + 1, end, request)) {
    case 'none':
      return 'data';
    case 'count':
      if (!has(tolerances, 'device-id-count')) return 'mismatch';
      into.tolerated = include(into.tolerated, 'device-id-count');
      return 'data';
    case 'form':
      return 'mismatch';
  }
}

/** Ready or busy, and nothing between (MAP V1.1b3 §6.9). */
function isCommStatus(bytes: Uint8Array, at: number): boolean {
  const status = wordAt(bytes, at);
  return status === 0x0000 || status === 0xffff;
}

function lend(into: Response, start: number, end: number): void {
  into.dataStart = start;
  into.dataEnd = end;
}
