import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFramer, MaxAduBytes } from '../../../rules/modbus/framer.ts';
import { emitRequest } from '../../../rules/modbus/request.ts';
import { anyRequest, inPieces, pieceSizes } from './arbitraries.ts';
import { adu, join } from './builders.ts';

const read = adu(1, '01 03 00 00 00 0a');
const write = adu(2, '01 06 00 01 00 03');

describe('framer', () => {
  test('waits while there are too few bytes', () => {
    expect(frames([read.slice(0, 5)])).toEqual(['need-more']);
    expect(frames([read.slice(0, 11)])).toEqual(['need-more']);
    expect(frames([new Uint8Array(0)])).toEqual(['need-more']);
  });

  test('cuts several ADUs out of one segment, in order', () => {
    expect(frames([join(read, write, read)])).toEqual([read, write, read, 'need-more']);
  });

  test('joins an ADU that comes byte by byte', () => {
    const last = frames(inPieces(join(read, write), [1])).filter((frame) => frame !== 'need-more');
    expect(last).toEqual([read, write]);
  });

  test('takes the smallest and the largest ADU', () => {
    const smallest = adu(3, '01 07');
    const largest = adu(3, `01 10 ${'00'.repeat(252)}`);
    expect(largest).toHaveLength(MaxAduBytes);
    expect(frames([join(smallest, largest)])).toEqual([smallest, largest, 'need-more']);
  });

  test.for([
    ['protocol identifier 1', '00 01 00 01 00 06', 'protocol-id at 2'],
    ['protocol identifier 256', '00 01 01 00 00 06', 'protocol-id at 2'],
    ['length 0', '00 01 00 00 00 00', 'length at 4'],
    ['length 1', '00 01 00 00 00 01', 'length at 4'],
    ['length 255', '00 01 00 00 00 ff', 'length at 4'],
    ['length 256', '00 01 00 00 01 00', 'length at 4'],
    ['length 65535', '00 01 00 00 ff ff', 'length at 4'],
  ] as const)('a header with %s is malformed as soon as it is there', ([, hex, expected]) => {
    const header = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    expect(frames([header])).toEqual([expected]);
    expect(frames(inPieces(header, [1])).at(-1)).toBe(expected);
  });

  test('the place of the fault counts from the beginning of the stream', () => {
    const bad = adu(3, '01 03');
    bad[3] = 9;
    expect(frames([join(read, write), read.slice(0, 3), join(read.slice(3), bad)]).at(-1)).toBe(
      'protocol-id at 38',
    );
  });

  test('nothing comes after a malformed header, however well formed', () => {
    expect(frames([Uint8Array.from([0, 1, 0, 1, 0, 6]), read, write])).toEqual([
      'protocol-id at 2',
      'protocol-id at 2',
      'protocol-id at 2',
    ]);
  });

  test('knows whether an ADU is unfinished', () => {
    const framer = createFramer();
    framer.push(join(read, write.slice(0, 1)));
    expect(framer.next().kind).toBe('adu');
    expect(framer.next().kind).toBe('need-more');
    expect(framer.partial).toBe(true);
    framer.push(write.slice(1));
    expect(framer.next().kind).toBe('adu');
    expect(framer.next().kind).toBe('need-more');
    expect(framer.partial).toBe(false);
  });

  test('any chunking gives the same ADUs', () => {
    fc.assert(
      fc.property(fc.array(anyRequest(), { maxLength: 8 }), pieceSizes, (requests, sizes) => {
        const adus = requests.map((request, index) => emitRequest(request, index));
        const found = frames(inPieces(join(...adus), sizes)).filter((frame) => frame !== 'need-more');
        expect(found).toEqual(adus);
      }),
    );
  });

  test('any chunking of any bytes gives the same frames up to the same fault', () => {
    const bytes = fc.uint8Array({ maxLength: 600 }).map((random) => join(read, random));
    fc.assert(
      fc.property(bytes, pieceSizes, (stream, sizes) => {
        const whole = frames([stream]).filter((frame) => frame !== 'need-more');
        const pieces = frames(inPieces(stream, sizes)).filter((frame) => frame !== 'need-more');
        const once = pieces.filter(
          (frame, index) => typeof frame !== 'string' || index === pieces.indexOf(frame),
        );
        expect(once).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});

function frames(chunks: readonly Uint8Array[]): (Uint8Array | string)[] {
  const framer = createFramer();
  const found: (Uint8Array | string)[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (;;) {
      const frame = framer.next();
      if (frame.kind === 'adu') {
        found.push(frame.bytes.slice(frame.start, frame.end));
        continue;
      }
      found.push(frame.kind === 'need-more' ? 'need-more' : `${frame.problem} at ${frame.offset}`);
      break;
    }
  }
  return found;
}
