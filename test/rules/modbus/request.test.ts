import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParsedRequest, parseRequest } from '../../../rules/modbus/parse-request.ts';
import { emitRequest } from '../../../rules/modbus/request.ts';
import { requestVectors } from '../../vectors/modbus/requests.ts';
import { anyRequest } from './arbitraries.ts';
import { adu } from './builders.ts';

describe('request', () => {
  test.for(requestVectors)('$name: parses to what it says', ({ bytes, request }) => {
    expect(parse(bytes)).toEqual({ kind: 'request', request });
  });

  test.for(requestVectors)('$name: is emitted byte for byte', ({ bytes, request }) => {
    expect(emitRequest(request, (bytes[0]! << 8) | bytes[1]!)).toEqual(bytes);
  });

  test('every inspected function has a vector', () => {
    const covered = new Set(requestVectors.map(({ request }) => request.functionCode));
    expect([...covered].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 15, 16, 22, 23]);
  });

  test.for(requestVectors)('$name: one byte less or more is malformed', ({ bytes }) => {
    expect(parse(bytes.slice(0, -1))).toEqual({ kind: 'malformed' });
    expect(parse(Uint8Array.from([...bytes, 0]))).toEqual({ kind: 'malformed' });
  });

  test.for(requestVectors)('$name: any shorter PDU is malformed', ({ bytes }) => {
    for (let end = 8; end < bytes.length; end++) expect(parse(bytes.slice(0, end)).kind).toBe('malformed');
  });

  test.for([
    ['coils', '01', 2000],
    ['discrete inputs', '02', 2000],
    ['holding registers', '03', 125],
    ['input registers', '04', 125],
  ] as const)('reads of %s end at their quantity limit', ([, code, limit]) => {
    expect(parse(adu(1, `01 ${code} 0000 ${hex(limit)}`)).kind).toBe('request');
    expect(parse(adu(1, `01 ${code} 0000 ${hex(limit + 1)}`))).toMatchObject({ exceptionCode: 3 });
    expect(parse(adu(1, `01 ${code} 0000 0000`))).toMatchObject({ kind: 'illegal', exceptionCode: 3 });
    expect(parse(adu(1, `01 ${code} 0000 ffff`))).toMatchObject({ kind: 'illegal', exceptionCode: 3 });
    expect(parse(adu(1, `01 ${code} ffff 0001`)).kind).toBe('request');
    expect(parse(adu(1, `01 ${code} ffff 0002`))).toMatchObject({ kind: 'illegal', exceptionCode: 2 });
  });

  test('writes end at their quantity limit', () => {
    expect(parse(adu(1, `01 0f 0000 07b0 f6 ${'00'.repeat(246)}`)).kind).toBe('request');
    expect(parse(adu(1, `01 0f 0000 07b1 f7 ${'00'.repeat(247)}`))).toMatchObject({ exceptionCode: 3 });
    expect(parse(adu(1, '01 0f 0000 0000 00'))).toMatchObject({ kind: 'illegal', exceptionCode: 3 });
    expect(parse(adu(1, `01 10 0000 007b f6 ${'00'.repeat(246)}`)).kind).toBe('request');
    expect(parse(adu(1, '01 10 0000 0000 00'))).toMatchObject({ kind: 'illegal', exceptionCode: 3 });
    expect(parse(adu(1, `01 17 0000 007d 0000 0079 f2 ${'00'.repeat(242)}`)).kind).toBe('request');
    expect(parse(adu(1, '01 17 0000 007e 0000 0001 02 0000'))).toMatchObject({ exceptionCode: 3 });
    expect(parse(adu(1, '01 17 0000 0001 0000 0000 00'))).toMatchObject({ exceptionCode: 3 });
  });

  test('no range runs over address 65535', () => {
    expect(parse(adu(1, '01 0f ffff 0002 01 03'))).toMatchObject({ exceptionCode: 2 });
    expect(parse(adu(1, '01 10 ffff 0002 04 0000 0000'))).toMatchObject({ exceptionCode: 2 });
    expect(parse(adu(1, '01 17 ffff 0002 0000 0001 02 0000'))).toMatchObject({ exceptionCode: 2 });
    expect(parse(adu(1, '01 17 0000 0001 ffff 0002 04 0000 0000'))).toMatchObject({ exceptionCode: 2 });
  });

  test('a byte count that is not the quantity is illegal, though the length agrees with it', () => {
    expect(parse(adu(1, '01 10 0000 0002 02 1234'))).toMatchObject({ kind: 'illegal', exceptionCode: 3 });
    expect(parse(adu(1, '01 0f 0000 0009 01 ff'))).toMatchObject({ kind: 'illegal', exceptionCode: 3 });
    expect(parse(adu(1, '01 17 0000 0001 0000 0002 02 1234'))).toMatchObject({ exceptionCode: 3 });
  });

  test('coil bits behind the last coil are cleared and never forwarded (V15)', () => {
    const parsed = parse(adu(1, '01 0f 0000 000a 02 cd ff'));
    if (parsed.kind !== 'request') throw new Error(parsed.kind);
    expect(emitRequest(parsed.request, 1)).toEqual(adu(1, '01 0f 0000 000a 02 cd 03'));
  });

  test('a parsed write keeps no view of the bytes it came from', () => {
    for (const { bytes, request } of requestVectors) {
      const copy = bytes.slice();
      const parsed = parse(copy);
      copy.fill(0xee);
      expect(parsed).toEqual({ kind: 'request', request });
    }
  });

  test('parsing what was emitted gives the same request', () => {
    fc.assert(
      fc.property(anyRequest(), fc.integer({ min: 0, max: 0xffff }), (request, id) => {
        expect(parse(emitRequest(request, id))).toEqual({ kind: 'request', request });
      }),
      { numRuns: 2000 },
    );
  });

  test('whatever parses is emitted again byte for byte, padding apart, and nothing throws', () => {
    const code = fc.constantFrom(1, 2, 3, 4, 5, 6, 15, 16, 22, 23);
    fc.assert(
      fc.property(code, fc.uint8Array({ maxLength: 24 }), (functionCode, data) => {
        const bytes = Uint8Array.from([0, 9, 0, 0, 0, data.length + 2, 1, functionCode, ...data]);
        const parsed = parse(bytes);
        if (parsed.kind !== 'request') return;
        const emitted = emitRequest(parsed.request, 9);
        if (functionCode === 15) emitted[emitted.length - 1] = bytes[bytes.length - 1]!;
        expect(emitted).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});

function parse(bytes: Uint8Array): ParsedRequest {
  return parseRequest(bytes, 0, bytes.length);
}

function hex(word: number): string {
  return word.toString(16).padStart(4, '0');
}
