import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParseOutcome, parseRequest } from '../../../../rules/modbus/message/parse-request.ts';
import {
  aduLength,
  copyRequest,
  createRequest,
  emitRequest,
  hasStrayBits,
  isOpaqueRequest,
  type Request,
} from '../../../../rules/modbus/message/request.ts';
import { requestVectors } from '../../../vectors/modbus/requests.ts';
import { anyRequest } from '../arbitrary-requests.ts';
import { lengthByFunctionCode } from '../naive-length.ts';
import { adu, aduOf, opaque, read, saying, writeFile } from '../request-builders.ts';

const rightVectors = requestVectors.flatMap((vector) =>
  typeof vector.is === 'string' ? [] : [{ ...vector, request: vector.is }],
);
const wrongVectors = requestVectors.flatMap((vector) =>
  typeof vector.is === 'string' ? [{ ...vector, outcome: vector.is }] : [],
);

describe('request', () => {
  test.for(rightVectors)('$name ($clause)', ({ bytes, request, emitted }) => {
    const parsed = createRequest();
    expect(parse(bytes, parsed)).toBe('request');
    const sent = aduOf(parsed, 0x1501);
    expect(sent).toEqual(emitted ?? bytes);
    expect(aduOf(request, 0x1501)).toEqual(sent);
    expect(hasStrayBits(parsed)).toBe(emitted !== undefined);
    if (emitted !== undefined) parse(emitted, parsed);
    expect(saying(parsed)).toEqual(saying(request));
  });

  test.for(wrongVectors)('$name: $outcome ($clause)', ({ bytes, outcome }) => {
    const parsed = createRequest();
    expect(parse(bytes, parsed)).toBe(outcome);
    expect(parsed.dataEnd - parsed.dataStart, 'data of no request').toBe(0);
    expect(parsed).toMatchObject({ unit: bytes[6], functionCode: bytes[7] });
  });

  test('every public function has vectors, right and wrong', () => {
    const publicOnes = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43];
    expect(new Set(rightVectors.map(({ bytes }) => bytes[7]!))).toEqual(
      new Set([...publicOnes, 9, 10, 13, 14, 18, 25, 41, 42, 65, 72, 73, 90, 91, 100, 110, 125, 126, 127]),
    );
    const wrong = new Set(wrongVectors.map(({ bytes }) => bytes[7]!));
    for (const code of publicOnes) expect(wrong, `function code ${code}`).toContain(code);
  });

  test('no two vectors have one name', () => {
    expect(new Set(requestVectors.map(({ name }) => name)).size).toBe(requestVectors.length);
  });

  test.for(rightVectors.filter(({ request }) => !isOpaqueRequest(request)))(
    '$name: cut short anywhere or with a byte behind, it is no request',
    ({ bytes, request }) => {
      for (let end = 0; end < bytes.length; end++) {
        // A loopback of fewer words is another one.
        if (request.functionCode === 8 && end >= 12 && end % 2 === 0) continue;
        // What was cut off is still behind it in the buffer, as the next ADU would be.
        expect(parseRequest(bytes, 0, end, createRequest()), `first ${end} bytes`).toBe('malformed');
      }
      expect(parse(Uint8Array.from([...bytes, 0]))).toBe('malformed');
    },
  );

  test('without a function code it is no request, whatever lies behind it', () => {
    for (const { bytes } of requestVectors) {
      for (let end = 0; end < 8; end++) {
        expect(parseRequest(bytes, 0, end, createRequest())).toBe('malformed');
      }
    }
  });

  test('an illegal request says what it asked for, as far as it is known', () => {
    const parsed = createRequest();
    expect(parse(adu(1, '07 03 0010 007e'), parsed)).toBe('illegal-value');
    expect(parsed).toMatchObject({ unit: 7, functionCode: 3, readAddress: 0x10, readQuantity: 126 });
    expect(parse(adu(1, '07 10 0010 0002 02 1234'), parsed)).toBe('illegal-value');
    expect(parsed).toMatchObject({ writeAddress: 0x10, writeQuantity: 2, readAddress: 0, readQuantity: 0 });
    expect(parse(adu(1, '07 08 0013 0000'), parsed)).toBe('illegal-function');
    expect(parsed).toMatchObject({ subFunction: 19, writeAddress: 0, writeQuantity: 0 });
  });

  test('nothing of one request is left in the next', () => {
    const parsed = createRequest();
    for (const { bytes } of rightVectors) {
      parse(bytes, parsed);
      const alone = createRequest();
      parse(bytes, alone);
      expect(parsed).toEqual(alone);
    }
  });

  test('it is read from where it lies in a larger buffer, and nothing beyond it is', () => {
    for (const { bytes, is } of requestVectors) {
      const among = new Uint8Array(bytes.length + 40).fill(0x5a);
      among.set(bytes, 17);
      const [here, alone] = [createRequest(), createRequest()];
      expect(parseRequest(among, 17, 17 + bytes.length, here)).toBe(parse(bytes, alone));
      expect(saying(here)).toEqual(saying(alone));
      if (typeof is !== 'string') expect(aduOf(here)).toEqual(aduOf(alone));
    }
  });

  test('a copy outlives the bytes it was parsed from', () => {
    const [parsed, copy] = [createRequest(), createRequest()];
    for (const { bytes, request, emitted } of rightVectors) {
      const lent = bytes.slice();
      parse(lent, parsed);
      const own = new Uint8Array(2000);
      emitRequest(parsed, 1, own);
      copyRequest(parsed, copy, own);
      lent.fill(0xee);
      parse(adu(1, '09 03 0000 0001'), parsed);
      expect(saying(copy)).toEqual(emitted === undefined ? saying(request) : saying(reparsed(emitted)));
      expect(aduOf(copy, 0x1501)).toEqual(emitted ?? bytes);
    }
  });

  test('every transaction identifier goes through, the upper half too', () => {
    const out = new Uint8Array(12);
    for (let id = 0; id <= 0xffff; id++) {
      emitRequest(read(3, 0), id, out);
      expect((out[0]! << 8) | out[1]!).toBe(id);
    }
  });

  test('the length field of a long vendor function has two bytes', () => {
    const bytes = aduOf(opaque(90, new Array(1400).fill(7)));
    expect((bytes[4]! << 8) | bytes[5]!).toBe(1402);
    expect(bytes).toHaveLength(1408);
  });

  test('emitting writes all of its bytes whatever was in the buffer before, and no byte behind', () => {
    for (const { request } of rightVectors) {
      const [dirty, clean] = [new Uint8Array(1100).fill(0xff), new Uint8Array(1100)];
      const length = emitRequest(request, 0x1501, dirty);
      expect(length).toBe(aduLength(request));
      emitRequest(request, 0x1501, clean);
      expect(dirty.subarray(0, length)).toEqual(clean.subarray(0, length));
      expect(dirty.subarray(length).every((byte) => byte === 0xff)).toBe(true);
    }
  });
});

describe('any request', () => {
  test('says the same after it was emitted and parsed', () => {
    fc.assert(
      fc.property(anyRequest(), fc.integer({ min: 0, max: 0xffff }), (request, id) => {
        const bytes = aduOf(request, id);
        expect(saying(reparsed(bytes))).toEqual(saying(request));
        expect(aduOf(reparsed(bytes), id)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test('is as long for a reader that goes by the function code as for one that goes by the header', () => {
    fc.assert(
      fc.property(anyRequest(), (request) => {
        const bytes = aduOf(request);
        const length = lengthByFunctionCode(bytes);
        if (length !== undefined) expect(length).toBe(bytes.length);
        expect(6 + ((bytes[4]! << 8) | bytes[5]!)).toBe(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('any bytes', () => {
  const code = fc.oneof(
    fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43),
    fc.integer({ min: 0, max: 255 }),
  );

  test('are a request that is emitted byte for byte, coil padding apart, or none', () => {
    fc.assert(fc.property(code, fc.uint8Array({ maxLength: 24 }), holds), { numRuns: 20_000 });
  });

  test('with counts that fit are so more often', () => {
    const counted = fc.tuple(fc.constantFrom(15, 16, 20, 21, 23), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(counted, ([functionCode, data]) => {
        const at = functionCode === 23 ? 8 : functionCode >= 20 ? 0 : 4;
        if (at < data.length) data[at] = data.length - at - 1;
        holds(functionCode, data);
      }),
      { numRuns: 10_000 },
    );
  });

  test('that are one bit away from a request are emitted as they are understood', () => {
    for (const { bytes } of rightVectors) {
      if (bytes.length > 60) continue;
      for (let bit = 7 * 8; bit < 8 * bytes.length; bit++) {
        const other = bytes.slice(8);
        const functionCode = bytes[7]! ^ (bit < 64 ? 1 << (bit & 7) : 0);
        if (bit >= 64) other[(bit >> 3) - 8]! ^= 1 << (bit & 7);
        holds(functionCode, other);
      }
    }
  });

  test('of a file record are one only with the one record length that tiles them', () => {
    const whole = aduOf(writeFile([{ file: 1, record: 0, values: [1, 2, 3] }]));
    for (let length = 0; length <= 0xffff; length++) {
      whole[14] = length >>> 8;
      whole[15] = length;
      expect(parse(whole) === 'request').toBe(length === 3);
    }
  });

  function holds(functionCode: number, data: Uint8Array): void {
    const bytes = Uint8Array.from([0, 9, 0, 0, 0, data.length + 2, 1, functionCode, ...data]);
    const parsed = createRequest();
    if (parse(bytes, parsed) !== 'request') return;
    const emitted = aduOf(parsed, 9);
    const again = reparsed(emitted);
    expect(aduOf(again, 9)).toEqual(emitted);
    const length = lengthByFunctionCode(emitted);
    if (length !== undefined) expect(length).toBe(emitted.length);
    if (functionCode === 15) emitted[emitted.length - 1] = bytes[bytes.length - 1]!;
    expect(emitted).toEqual(bytes);
  }
});

function parse(bytes: Uint8Array, into: Request = createRequest()): ParseOutcome {
  return parseRequest(bytes, 0, bytes.length, into);
}

function reparsed(bytes: Uint8Array): Request {
  const request = createRequest();
  expect(parse(bytes, request)).toBe('request');
  return request;
}
