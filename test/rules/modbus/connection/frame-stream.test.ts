import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameStream, PartialTimeout } from '../../../../rules/modbus/connection/frame-stream.ts';
import { LongestAduBytes, MaxAduBytes } from '../../../../rules/modbus/connection/framer.ts';
import { anyRequest } from '../arbitrary-requests.ts';
import { join } from '../builders.ts';
import { inPieces, pieceSizes } from '../pieces.ts';
import { adu, aduOf } from '../request-builders.ts';

const read = adu(1, '01 03 00 00 00 0a');
const write = adu(2, '01 06 00 01 00 03');

describe('frame stream', () => {
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
    ['length 255', '00 01 00 00 00 ff 01 03', 'length at 4'],
    ['length 256', '00 01 00 00 01 00 01 03', 'length at 4'],
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

  test('an ADU has its time from its first byte, whatever comes of it meanwhile', () => {
    const stream = createFrameStream(usual);
    stream.push(join(read, write.slice(0, 1)), 1_000);
    expect([stream.next(), stream.next()]).toEqual(['adu', 'need-more']);
    expect(stream.deadline()).toBe(1_000 + PartialTimeout);
    stream.push(write.slice(1, 4), 3_000);
    expect(stream.next()).toBe('need-more');
    expect(stream.isOverdue(999 + PartialTimeout)).toBe(false);
    expect(stream.isOverdue(1_000 + PartialTimeout)).toBe(true);
    stream.push(write.slice(4), 4_000);
    expect([stream.next(), stream.next()]).toEqual(['adu', 'need-more']);
    expect(stream.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  test('any chunking gives the same ADUs', () => {
    fc.assert(
      fc.property(fc.array(anyRequest(), { maxLength: 8 }), pieceSizes, (requests, sizes) => {
        const adus = requests.map((request, index) => aduOf(request, index));
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

describe('a function with a size of its own', () => {
  const umas = (code: number): number => (code === 90 ? 300 : MaxAduBytes);

  test.for([
    ['as long as it may be', 90, 300, 'adu'],
    ['longer', 90, 301, 'length at 4'],
    ['longer than usual under another function code', 91, 261, 'length at 4'],
    ['longer than any', 90, LongestAduBytes + 1, 'length at 4'],
  ] as const)('%s', ([, code, size, expected]) => {
    const bytes = adu(7, `01 ${code.toString(16)} ${'00'.repeat(size - 8)}`);
    for (const pieces of [[bytes], inPieces(bytes, [1]), inPieces(bytes, [6, 1, 200])]) {
      const [found] = frames(pieces, umas).filter((frame) => frame !== 'need-more');
      expect(found).toEqual(expected === 'adu' ? bytes : expected);
    }
  });

  test('waits for the function code before it judges the length, and then at once', () => {
    const header = adu(7, `01 5a ${'00'.repeat(300)}`);
    expect(frames([header.slice(0, 7)], umas)).toEqual(['need-more']);
    expect(frames([header.slice(0, 8)], umas)).toEqual(['length at 4']);
  });
});

describe('a reader that stops half-way', () => {
  test('finds the rest again, though the bytes were only lent', () => {
    const stream = createFrameStream(usual);
    const lent = join(read, write, read.slice(0, 5));
    stream.push(lent, 0);
    expect(stream.next()).toBe('adu');
    stream.keep();
    lent.fill(0xee);
    expect(stream.unread()).toBe(true);
    expect(rest(stream)).toEqual([write]);
    stream.push(read.slice(5), 0);
    expect(rest(stream)).toEqual([read]);
    expect(stream.unread()).toBe(false);
  });

  test.for([[100], [1]] as const)('gets what it puts back once more, in pieces of %s', ([size]) => {
    const stream = createFrameStream(usual);
    for (const piece of inPieces(join(read, write), [size])) {
      stream.push(piece, 0);
      if (stream.next() !== 'adu') continue;
      stream.putBack();
      expect(stream.unread()).toBe(true);
      stream.keep();
      expect(stream.next()).toBe('adu');
      expect(stream.bytes.slice(stream.start, stream.end)).toEqual(read);
      expect(stream.offset).toBe(0);
      break;
    }
  });

  test('may be handed more before it goes on', () => {
    const stream = createFrameStream(usual);
    stream.push(join(read, write), 0);
    stream.next();
    stream.putBack();
    stream.keep();
    stream.push(write, 0);
    stream.push(read, 0);
    expect(rest(stream)).toEqual([read, write, write, read]);
  });

  test('whatever it does, gets every ADU once, in order, at its place', () => {
    const steps = fc.infiniteStream(fc.constantFrom('next', 'put back', 'stop'));
    fc.assert(
      fc.property(fc.array(anyRequest(), { maxLength: 6 }), pieceSizes, steps, (requests, sizes, choices) => {
        const adus = requests.map((request, index) => aduOf(request, index));
        const stream = createFrameStream(usual);
        const found: Uint8Array[] = [];
        const places: number[] = [];
        for (const piece of [...inPieces(join(...adus), sizes), new Uint8Array(0)]) {
          const lent = piece.slice();
          stream.push(lent, 0);
          for (;;) {
            const step = piece.length === 0 ? 'next' : choices.next().value;
            if (step === 'stop' || stream.next() !== 'adu') break;
            if (step === 'put back') stream.putBack();
            else {
              found.push(stream.bytes.slice(stream.start, stream.end));
              places.push(stream.offset);
            }
          }
          stream.keep();
          lent.fill(0xee);
        }
        expect(found).toEqual(adus);
        const before = (index: number): number => join(...adus.slice(0, index)).length;
        expect(places).toEqual(adus.map((_, index) => before(index)));
      }),
    );
  });
});

function rest(stream: ReturnType<typeof createFrameStream>): Uint8Array[] {
  const found: Uint8Array[] = [];
  while (stream.next() === 'adu') found.push(stream.bytes.slice(stream.start, stream.end));
  return found;
}

function usual(): number {
  return MaxAduBytes;
}

function frames(
  chunks: readonly Uint8Array[],
  maxAduBytes: (functionCode: number) => number = usual,
): (Uint8Array | string)[] {
  const stream = createFrameStream(maxAduBytes);
  const found: (Uint8Array | string)[] = [];
  for (const chunk of chunks) {
    stream.push(chunk, 0);
    for (;;) {
      const kind = stream.next();
      if (kind === 'adu') {
        found.push(stream.bytes.slice(stream.start, stream.end));
        continue;
      }
      found.push(kind === 'need-more' ? kind : `${stream.problem} at ${stream.offset}`);
      break;
    }
  }
  return found;
}
