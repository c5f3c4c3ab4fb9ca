import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PartialTimeout } from '../../../../rules/modbus/connection/frame-stream.ts';
import {
  awaitsAnswer,
  crc16,
  hasRightCrc,
  MaxMbapBytes,
  MaxRtuBytes,
  toMbap,
  toRtu,
} from '../../../../rules/modbus/rtu/rtu.ts';
import {
  LengthOpen,
  LengthUnknown,
  rtuRequestBytes,
  rtuResponseBytes,
} from '../../../../rules/modbus/rtu/rtu-length.ts';
import { createRtuStream, type RtuStream } from '../../../../rules/modbus/rtu/rtu-stream.ts';
import { fields } from '../../../vectors/modbus/fields.ts';
import { requestVectors } from '../../../vectors/modbus/requests.ts';
import { responseVectors } from '../../../vectors/modbus/responses.ts';

/** Requests of the functions whose frames end where their function code says. */
const requests = requestVectors.filter(
  ({ is, bytes }) => typeof is === 'object' && saysWhereItEnds(bytes) && !isLongDiagnostics(bytes),
);
const responses = responseVectors.filter(
  ({ is, bytes, leave }) => is !== 'mismatch' && leave === undefined && saysWhereItEnds(bytes),
);

describe('the CRC', () => {
  test('of the example in V1.02 §6.2.2 is 0x1241, its low byte first', () => {
    expect(crc16(Uint8Array.of(0x02, 0x07), 0, 2)).toBe(0x1241);
    expect(hasRightCrc(Uint8Array.of(0x02, 0x07, 0x41, 0x12), 0, 4)).toBe(true);
    expect(hasRightCrc(Uint8Array.of(0x02, 0x07, 0x12, 0x41), 0, 4)).toBe(false);
  });

  test('stands behind a request as other implementations put it there', () => {
    const adu = fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 06  length
      11     unit identifier
      03     function code: Read Holding Registers
      00 6b  starting address
      00 03  quantity
    `);
    const out = new Uint8Array(MaxRtuBytes);
    const length = toRtu(adu, adu.length, out);
    expect(Buffer.from(out.subarray(0, length)).toString('hex')).toBe('1103006b00037687');
  });

  test('tells every flip of one bit and of two', () => {
    for (const { bytes } of requests) {
      const frame = rtuOf(bytes);
      const bits = 8 * frame.length;
      for (let one = 0; one < bits; one++) {
        for (const other of [one, (one + 1) % bits, (one * 7 + 3) % bits]) {
          const wrong = frame.slice();
          wrong[one >> 3]! ^= 1 << (one & 7);
          if (other !== one) wrong[other >> 3]! ^= 1 << (other & 7);
          expect(hasRightCrc(wrong, 0, wrong.length)).toBe(false);
        }
      }
    }
  });

  test('is not to be had with fewer than four bytes', () => {
    for (let length = 0; length < 4; length++) expect(hasRightCrc(new Uint8Array(8), 0, length)).toBe(false);
  });
});

test.for([...requests, ...responses])('$name: comes back from RTU as it went there', ({ bytes }) => {
  const frame = rtuOf(bytes);
  const back = new Uint8Array(MaxMbapBytes);
  const length = toMbap(frame, 0, frame.length, 0x1501, back);
  expect(back.subarray(0, length)).toEqual(bytes);
});

describe('where a frame ends', () => {
  test.for(requests)('$name: is told by its function code, and never too early', ({ bytes }) => {
    const frame = rtuOf(bytes);
    const told = prefixes(frame).map((end) => rtuRequestBytes(frame, 0, end));
    expect(told.at(-1)).toBe(frame.length);
    expect(told.filter((length) => length !== LengthOpen && length !== frame.length)).toEqual([]);
  });

  test.for(responses)('$name: is told by what was asked, and never too early', ({ bytes, request }) => {
    const frame = rtuOf(bytes);
    const asked = request.functionCode;
    const told = prefixes(frame).map((end) => rtuResponseBytes(frame, 0, end, asked, frame.length));
    expect(told.at(-1)).toBe(frame.length);
    expect(told.filter((length) => length !== LengthOpen && length !== frame.length)).toEqual([]);
  });

  test('is not told by a function code that is not public, nor by Encapsulated Transport of another kind', () => {
    for (const functionCode of [0, 9, 10, 13, 14, 18, 19, 25, 42, 65, 90, 100, 127, 128, 131, 255]) {
      const frame = Uint8Array.of(1, functionCode, 1, 1, 1, 1, 1, 1);
      expect(rtuRequestBytes(frame, 0, 8)).toBe(LengthUnknown);
      expect(rtuResponseBytes(frame, 0, 8, functionCode & 0x7f, 8)).not.toBe(8);
    }
    expect(rtuRequestBytes(Uint8Array.of(1, 43, 13, 0), 0, 4)).toBe(LengthUnknown);
    expect(rtuResponseBytes(Uint8Array.of(1, 43, 13, 0), 0, 4, 43, 8)).toBe(LengthUnknown);
  });

  test('is not told by an answer to another function', () => {
    expect(rtuResponseBytes(Uint8Array.of(1, 4, 2, 0, 0, 0, 0), 0, 7, 3, 8)).toBe(LengthUnknown);
    expect(rtuResponseBytes(Uint8Array.of(1, 0x84, 2, 0, 0), 0, 5, 3, 8)).toBe(LengthUnknown);
  });
});

describe('a stream of frames', () => {
  const three = Buffer.concat(requests.slice(0, 3).map(({ bytes }) => rtuOf(bytes)));

  test('is cut the same wherever the segments end', () => {
    const whole = cut(createRtuStream(rtuRequestBytes), [three]);
    expect(Buffer.concat(whole)).toEqual(three);
    expect(whole).toHaveLength(3);
    for (let at = 1; at < three.length; at++) {
      const parts = [three.subarray(0, at), three.subarray(at)];
      expect(cut(createRtuStream(rtuRequestBytes), parts)).toEqual(whole);
    }
    const single = [...three].map((byte) => Uint8Array.of(byte));
    expect(cut(createRtuStream(rtuRequestBytes), single)).toEqual(whole);
  });

  test('says where in the whole of it a frame began', () => {
    const stream = createRtuStream(rtuRequestBytes);
    stream.push(three);
    const begins: number[] = [];
    while (stream.next(0) === 'adu') begins.push(stream.offset);
    const [first = [], second = []] = requests.map(({ bytes }) => rtuOf(bytes));
    expect(begins).toEqual([0, first.length, first.length + second.length]);
  });

  test('ends with a wrong CRC, whatever follows', () => {
    const [first, second, third] = requests.slice(0, 3).map(({ bytes }) => rtuOf(bytes));
    second![second!.length - 1]! ^= 1;
    const stream = createRtuStream(rtuRequestBytes);
    expect(cut(stream, [first!, second!, third!])).toEqual([first]);
    expect(stream.problem).toBe('crc');
    stream.push(third!);
    expect(stream.next(0)).toBe('malformed');
  });

  test('ends with a function that does not say where it ends', () => {
    const stream = createRtuStream(rtuRequestBytes);
    stream.push(Uint8Array.of(1, 0x5a, 0, 0));
    expect(stream.next(0)).toBe('malformed');
    expect(stream.problem).toBe('length');
  });

  test('ends with a frame that says it is longer than a frame can be', () => {
    const stream = createRtuStream((bytes, start, end) => rtuResponseBytes(bytes, start, end, 24, 6));
    stream.push(Uint8Array.of(1, 24, 0x01, 0x00));
    expect(stream.next(0)).toBe('malformed');
    const objects = createRtuStream((bytes, start, end) => rtuResponseBytes(bytes, start, end, 43, 7));
    objects.push(Uint8Array.of(1, 43, 14, 1, 1, 0, 0, 3, 0, 0xff, ...new Uint8Array(40)));
    expect(objects.next(0)).toBe('malformed');
  });

  test('gives a frame some time to be finished, from its first byte on', () => {
    const stream = createRtuStream(rtuRequestBytes);
    expect(stream.deadline()).toBe(Number.POSITIVE_INFINITY);
    stream.push(three.subarray(0, 3));
    stream.next(1_000);
    stream.push(three.subarray(3, 5));
    stream.next(4_000);
    expect(stream.deadline()).toBe(1_000 + PartialTimeout);
    stream.push(three.subarray(5));
    while (stream.next(5_000) === 'adu');
    expect(stream.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  test('gives nothing out of any bytes but frames with a right CRC, one after the other', () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...requests.map(({ bytes }) => rtuOf(bytes))),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
        const frames = cut(createRtuStream(rtuRequestBytes), chunks);
        const given = Buffer.concat(frames);
        expect(given).toEqual(Buffer.concat(chunks).subarray(0, given.length));
        for (const frame of frames) {
          expect(hasRightCrc(frame, 0, frame.length)).toBe(true);
          expect(frame.length).toBeLessThanOrEqual(MaxRtuBytes);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test('an answer is awaited to everything but a broadcast on a line and the order to be silent', () => {
  const read = fields('00 01 00 00 00 06 00 03 00 00 00 01  unit 0, Read Holding Registers');
  expect(awaitsAnswer(read, 'serial-gateway')).toBe(false);
  expect(awaitsAnswer(read, 'direct')).toBe(true);
  const silence = fields('00 01 00 00 00 06 05 08 00 04 00 00  unit 5, Diagnostics, Force Listen Only Mode');
  expect(awaitsAnswer(silence, 'serial-gateway')).toBe(false);
  const echo = fields('00 01 00 00 00 06 05 08 00 00 00 04  unit 5, Diagnostics, Return Query Data');
  expect(awaitsAnswer(echo, 'serial-gateway')).toBe(true);
});

function rtuOf(adu: Uint8Array): Uint8Array {
  const out = new Uint8Array(adu.length);
  return out.subarray(0, toRtu(adu, adu.length, out));
}

function prefixes(frame: Uint8Array): number[] {
  return Array.from({ length: frame.length + 1 }, (_, end) => end);
}

function cut(stream: RtuStream, chunks: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) {
    stream.push(chunk);
    while (stream.next(0) === 'adu') frames.push(stream.bytes.slice(stream.start, stream.end));
  }
  return frames;
}

function saysWhereItEnds(adu: Uint8Array): boolean {
  const functionCode = adu[7]! & 0x7f;
  const named = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24].includes(functionCode);
  return adu.length <= MaxMbapBytes && (named || (functionCode === 43 && (adu[7]! > 0x80 || adu[8] === 14)));
}

/** Diagnostics over TCP may carry more than one word; on a line they do not. */
function isLongDiagnostics(adu: Uint8Array): boolean {
  return adu[7] === 8 && adu.length > 12;
}
