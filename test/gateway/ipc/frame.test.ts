import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameReader, encodeFrame, MaxFrame } from '../../../gateway/ipc/frame.ts';

const messages = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 8 });

describe('frames', () => {
  test('come out as they went in, whatever the chunking', () => {
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 37 })), (sent, sizes) => {
        const stream = Buffer.concat(sent.map((message) => encodeFrame(message)));
        const reader = createFrameReader();
        const received: unknown[] = [];
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value ?? 1;
          const batch = reader.push(stream.subarray(at, at + size));
          expect(batch.problem).toBe('');
          received.push(...batch.messages);
          at += size;
        }
        expect(received).toEqual(JSON.parse(JSON.stringify(sent)));
        expect(reader.held()).toBe(0);
      }),
    );
  });

  test('of text outside ASCII are measured in bytes', () => {
    const frame = encodeFrame({ name: 'pumpstation Åkersberga 泵' });
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
    expect(createFrameReader().push(frame).messages).toEqual([{ name: 'pumpstation Åkersberga 泵' }]);
  });

  test('too large to be taken are not made', () => {
    expect(() => encodeFrame('x'.repeat(100), 50)).toThrow(/above the limit/);
  });
});

describe('hostile frames', () => {
  test('any bytes at all give messages or a problem, never an exception, and bounded memory', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
        const reader = createFrameReader(1024);
        for (const chunk of chunks) {
          const { problem } = reader.push(chunk);
          if (problem !== '') return;
          expect(reader.held()).toBeLessThanOrEqual(1024 + 4);
        }
      }),
    );
  });

  test.for<[string, number[]]>([
    ['an empty frame', [0, 0, 0, 0]],
    ['above the limit', [0xff, 0xff, 0xff, 0xff]],
    ['above the limit', [0x00, 0x40, 0x00, 0x01]],
    ['not JSON', [0, 0, 0, 1, 0x7b]],
    ['not UTF-8', [0, 0, 0, 3, 0x22, 0xff, 0x22]],
  ])('%s is a problem', ([problem, bytes]) => {
    expect(createFrameReader().push(Uint8Array.from(bytes)).problem).toContain(problem);
  });

  test('sound messages before the broken one are still delivered', () => {
    const stream = Buffer.concat([encodeFrame(1), encodeFrame(2), Buffer.from([0, 0, 0, 0])]);
    expect(createFrameReader().push(stream)).toEqual({ messages: [1, 2], problem: 'an empty frame' });
  });

  test('the announced length alone claims no memory', () => {
    const reader = createFrameReader();
    const header = Buffer.alloc(4);
    header.writeUInt32BE(MaxFrame);
    expect(reader.push(header).problem).toBe('');
    expect(reader.held()).toBe(4);
  });
});
