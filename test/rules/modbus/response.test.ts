import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Request } from '../../../rules/modbus/request.ts';
import { emitException, emitResponse, parseResponse, type Response } from '../../../rules/modbus/response.ts';
import { responseVectors } from '../../vectors/modbus/responses.ts';
import { anyRequest } from './arbitraries.ts';
import { adu, read } from './builders.ts';

describe('response', () => {
  test.for(responseVectors)('$name: parses as the answer to its request', ({ bytes, request, response }) => {
    expect(parse(bytes, request)).toEqual(response);
  });

  test.for(responseVectors)('$name: is emitted byte for byte', ({ bytes, request, response }) => {
    expect(emitResponse(response, request, 0x1501)).toEqual(bytes);
  });

  test('every inspected function has a vector', () => {
    const covered = new Set(responseVectors.map(({ request }) => request.functionCode));
    expect([...covered].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 15, 16, 22, 23]);
  });

  test.for(responseVectors)('$name: any other length is no answer', ({ bytes, request }) => {
    expect(parse(Uint8Array.from([...bytes, 0]), request)).toBeUndefined();
    for (let end = 8; end < bytes.length; end++) expect(parse(bytes.slice(0, end), request)).toBeUndefined();
  });

  test.for(responseVectors)('$name: from another unit it is no answer', ({ bytes, request }) => {
    const other = bytes.slice();
    other[6] = 2;
    expect(parse(other, request)).toBeUndefined();
  });

  test.for(responseVectors.filter(({ response }) => response.kind === 'done'))(
    '$name: an echo that differs in any bit is no answer',
    ({ bytes, request }) => {
      for (let bit = 8 * 8; bit < 8 * bytes.length; bit++) {
        const other = bytes.slice();
        other[bit >> 3]! ^= 1 << (bit & 7);
        expect(parse(other, request)).toBeUndefined();
      }
    },
  );

  test.for(responseVectors)('$name: answers no other function', ({ bytes, request }) => {
    const functionCode = bytes[7]!;
    for (let other = 0; other < 256; other++) {
      if (other === functionCode || other === (functionCode ^ 0x80)) continue;
      const wrong = bytes.slice();
      wrong[7] = other;
      expect(parse(wrong, request)).toBeUndefined();
    }
  });

  test('coil bits behind the last coil asked for do not pass', () => {
    const request = read(1, 0, 3);
    const response = parse(adu(1, '01 01 01 ff'), request);
    expect(response && emitResponse(response, request, 1)).toEqual(adu(1, '01 01 01 07'));
  });

  test('an exception passes with any code but 0', () => {
    const request = read(3, 0);
    for (let code = 1; code < 256; code++) {
      const response = parse(emitException(1, 1, 3, code), request);
      expect(response).toEqual({ kind: 'exception', exceptionCode: code });
    }
    expect(parse(emitException(1, 1, 3, 0), request)).toBeUndefined();
  });

  test('any bytes either answer a request exactly or do not, and nothing throws', () => {
    const anyBytes = fc.uint8Array({ minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(anyRequest(), anyBytes, fc.boolean(), (request, tail, aim) => {
        if (aim) tail.set([request.unit, request.functionCode]);
        const bytes = Uint8Array.from([0, 5, 0, 0, 0, tail.length, ...tail]);
        const response = parse(bytes, request);
        if (response === undefined) return;
        const emitted = emitResponse(response, request, 5);
        if (request.functionCode <= 2) emitted[emitted.length - 1] = bytes[bytes.length - 1]!;
        expect(emitted).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});

function parse(bytes: Uint8Array, request: Request): Response | undefined {
  return parseResponse(bytes, 0, bytes.length, request);
}
