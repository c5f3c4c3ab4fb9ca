import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpaqueRequest, type Request } from '../../../../rules/modbus/message/request.ts';
import {
  answersStrayBits,
  createResponse,
  emitException,
  emitResponse,
  isAnswered,
  parseResponse,
  type Response,
  type ResponseOutcome,
} from '../../../../rules/modbus/message/response.ts';
import { Strict, type ToleranceSet, toleranceSet } from '../../../../rules/modbus/message/tolerance-set.ts';
import { Tolerances } from '../../../../rules/modbus/profile.ts';
import { responseVectors } from '../../../vectors/modbus/responses.ts';
import { anyRequest } from '../arbitrary-requests.ts';
import {
  adu,
  aduOf,
  diagnostics,
  hexOf,
  maskWrite,
  opaque,
  read,
  readDeviceId,
  readFile,
  readWrite,
  writeCoil,
  writeFile,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

const accepted = responseVectors.filter(({ is }) => is !== 'mismatch');
const echoes = accepted.filter(({ is, leave }) => is === 'done' && leave === undefined);

describe('response', () => {
  test.for(responseVectors)('$name ($clause)', ({ bytes, request, is, leave, emitted }) => {
    const response = createResponse();
    if (leave !== undefined) expect(parse(bytes, request, Strict, response)).toBe('mismatch');
    const leaves = leave === undefined ? Strict : toleranceSet([leave]);
    const outcome = parse(bytes, request, leaves, response);
    expect(saying(outcome, response)).toEqual(is);
    if (is === 'mismatch') return;
    expect(response.tolerated).toBe(leaves);
    expect(emit(response, request, 0x1501)).toEqual(emitted ?? bytes);
    expect(answersStrayBits(response, request)).toBe(emitted !== undefined && leave === undefined);
  });

  test.for(responseVectors.filter(({ is }) => is === 'mismatch'))(
    '$name: no leave helps ($clause)',
    ({ bytes, request }) => {
      expect(parse(bytes, request, toleranceSet(Tolerances))).toBe('mismatch');
    },
  );

  test('every function has vectors: an answer, a mismatch and an exception', () => {
    const publicOnes = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43];
    for (const code of publicOnes) {
      const own = responseVectors.filter(({ request }) => request.functionCode === code);
      expect(own.some(({ is }) => is === 'done' || (typeof is === 'object' && 'data' in is))).toBe(true);
      expect(own.some(({ is }) => is === 'mismatch')).toBe(true);
      expect(own.some(({ is }) => typeof is === 'object' && 'exception' in is)).toBe(true);
    }
  });

  test('no two vectors have one name', () => {
    const names = responseVectors.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.for(echoes)('$name: an echo that differs in any bit is no answer', ({ bytes, request }) => {
    for (let bit = 8 * 8; bit < 8 * bytes.length; bit++) {
      const other = bytes.slice();
      other[bit >> 3]! ^= 1 << (bit & 7);
      expect(parse(other, request), `bit ${bit}`).toBe('mismatch');
    }
  });

  test.for(accepted)('$name: it answers no other function', ({ bytes, request }) => {
    for (let other = 0; other < 256; other++) {
      if ((other & 0x7f) === (bytes[7]! & 0x7f)) continue;
      const wrong = bytes.slice();
      wrong[7] = other;
      expect(parse(wrong, request)).toBe('mismatch');
    }
  });

  test.for(accepted)('$name: from no other unit without leave', ({ bytes, request }) => {
    for (let unit = 0; unit < 256; unit++) {
      if (unit === request.unit) continue;
      const other = bytes.slice();
      other[6] = unit;
      expect(parse(other, request)).toBe('mismatch');
    }
  });

  test.for(accepted.filter(({ leave }) => leave !== 'device-id-count'))(
    '$name: cut short it is no answer, unless nothing says how long it is',
    ({ bytes, request, leave }) => {
      const isFree = isOpaqueRequest(request) && bytes[7] === request.functionCode;
      const leaves = leave === undefined ? Strict : toleranceSet([leave]);
      for (let end = 0; end < (isFree ? 8 : bytes.length); end++) {
        // What was cut off is still behind it in the buffer, as the next ADU would be.
        const outcome = parseResponse(bytes, 0, end, request, leaves, createResponse());
        expect(outcome, `first ${end} bytes`).toBe('mismatch');
      }
    },
  );

  test('an exception passes with any code but 0', () => {
    const request = read(3, 0);
    const response = createResponse();
    const bytes = new Uint8Array(9);
    for (let code = 0; code < 256; code++) {
      expect(emitException(1, 1, 3, code, bytes)).toBe(9);
      expect(parse(bytes, request, Strict, response)).toBe(code === 0 ? 'mismatch' : 'exception');
      expect(response.exceptionCode).toBe(code);
    }
  });

  test('nothing of one answer is left in the next', () => {
    const response = createResponse();
    const leaves = toleranceSet(Tolerances);
    for (const { bytes, request } of accepted) {
      const alone = createResponse();
      expect(parse(bytes, request, leaves, response)).toBe(parse(bytes, request, leaves, alone));
      expect(response).toEqual(alone);
    }
  });

  test('it is read from where it lies in a larger buffer, and nothing beyond it is', () => {
    for (const { bytes, request } of responseVectors) {
      for (const filler of [0, 0xff]) {
        const among = new Uint8Array(bytes.length + 40).fill(filler);
        among.set(bytes, 17);
        const outcome = parseResponse(among, 17, 17 + bytes.length, request, Strict, createResponse());
        expect(outcome).toBe(parse(bytes, request));
      }
    }
  });

  test('two departures are let pass together and both are noted', () => {
    const response = createResponse();
    const bytes = adu(1, '00 05 00ac 0001');
    const both = toleranceSet(['unit-echo', 'coil-echo-0001']);
    expect(parse(bytes, writeCoil(172, true), both, response)).toBe('done');
    expect(response.tolerated).toBe(both);
    expect(parse(bytes, writeCoil(172, true), toleranceSet(['coil-echo-0001']))).toBe('mismatch');
  });

  test('only Force Listen Only Mode is never answered', () => {
    for (let subFunction = 0; subFunction < 25; subFunction++) {
      expect(isAnswered(diagnostics(subFunction))).toBe(subFunction !== 4);
    }
    expect(isAnswered(opaque(90, [0, 4]))).toBe(true);
  });
});

describe('any bytes', () => {
  const anyBytes = fc.uint8Array({ minLength: 2, maxLength: 24 });

  test('answer a request byte for byte or do not', () => {
    fc.assert(
      fc.property(anyRequest(), anyBytes, fc.boolean(), (request, tail, aim) => {
        if (aim) tail.set([request.unit, request.functionCode]);
        holds(request, tail);
      }),
      { numRuns: 20_000 },
    );
  });

  test('one bit away from an answer as well', () => {
    for (const { request, bytes } of accepted) {
      if (bytes.length > 60) continue;
      for (let bit = 6 * 8; bit < 8 * bytes.length; bit++) {
        const other = bytes.slice(6);
        other[(bit >> 3) - 6]! ^= 1 << (bit & 7);
        holds(request, other);
      }
    }
  });

  test('a request sent back is an answer only where the answer is its echo', () => {
    const requests = [
      read(1, 3, 9),
      read(3, 0x0300, 4),
      writeRegisters(0, [1]),
      readWrite(0, 1, 0, [1]),
      readFile([{ file: 1, record: 0, length: 1 }]),
      readDeviceId(1),
    ];
    for (const request of requests) expect(parse(aduOf(request), request)).toBe('mismatch');
    const echoed = [
      writeCoil(1, true),
      writeRegister(1, 2),
      maskWrite(1, 2, 3),
      writeFile([{ file: 1, record: 2, values: [3] }]),
      diagnostics(0, [1, 2, 3]),
    ];
    for (const request of echoed) expect(parse(aduOf(request), request)).toBe('done');
  });

  function holds(request: Request, tail: Uint8Array): void {
    const bytes = Uint8Array.from([0, 5, 0, 0, 0, tail.length, ...tail]);
    const response = createResponse();
    const outcome = parse(bytes, request, Strict, response);
    if (outcome === 'mismatch') return;
    const emitted = emit(response, request, 5);
    const again = createResponse();
    expect(parse(emitted, request, Strict, again)).toBe(outcome);
    expect(emit(again, request, 5)).toEqual(emitted);
    if (outcome === 'data' && request.functionCode <= 2)
      emitted[emitted.length - 1] = bytes[bytes.length - 1]!;
    expect(emitted).toEqual(bytes);
  }
});

function parse(
  bytes: Uint8Array,
  request: Request,
  tolerances: ToleranceSet = Strict,
  into: Response = createResponse(),
): ResponseOutcome {
  return parseResponse(bytes, 0, bytes.length, request, tolerances, into);
}

/** Into a buffer full of something else, of which only what was written is given back. */
function emit(response: Response, request: Request, transactionId: number): Uint8Array {
  const out = new Uint8Array(2000).fill(0xff);
  const length = emitResponse(response, request, transactionId, out);
  expect(out.subarray(length).every((byte) => byte === 0xff)).toBe(true);
  return out.slice(0, length);
}

function saying(outcome: ResponseOutcome, response: Response): unknown {
  if (outcome === 'exception') return { exception: response.exceptionCode };
  if (outcome !== 'data') return outcome;
  return { data: hexOf(response.bytes.subarray(response.dataStart, response.dataEnd)) };
}
