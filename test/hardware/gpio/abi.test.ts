import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Flags,
  isActive,
  lineDescriptor,
  packChipInfo,
  packEdge,
  packLineInfo,
  packLineRequest,
  packValues,
  Requests,
  Sizes,
  unpackChipInfo,
  unpackEdges,
  unpackLineInfo,
  unpackLineRequest,
} from '../../../hardware/gpio/abi.ts';

/** What a C compiler makes of linux/gpio.h on x86-64: size, and the bytes that are not 0 by their offset. */
const Vectors = {
  input:
    '592 0:11 256:70 257:65 258:6e 259:73 260:74 261:6f 262:63 263:6b 264:20 265:6b 266:65 267:79 288:34 289:02 296:01 320:03 328:50 329:c3 336:01 560:01 564:10',
  output:
    '592 0:2c 1:01 256:70 257:65 258:6e 259:73 260:74 261:6f 262:63 263:6b 264:20 265:6c 266:61 267:6d 268:70 288:0a 296:01 320:02 328:01 336:01 560:01 588:07',
  values: '16 0:01 8:01',
  event: '48 0:08 1:07 2:06 3:05 4:04 5:03 6:02 7:01 8:02 12:11 16:03 20:02',
  info: '256 0:47 1:50 2:49 3:4f 4:31 5:37 32:73 33:70 34:69 35:30 64:11 72:09',
  chip: '68 0:67 1:70 2:69 3:6f 4:63 5:68 6:69 7:70 8:30 32:70 33:69 34:6e 35:63 36:74 37:72 38:6c 39:2d 40:62 41:63 42:6d 43:32 44:37 45:31 46:31 64:3a',
} as const;

const input = {
  offset: 17,
  consumer: 'penstock key',
  flags: Flags.input | Flags.risingEdge | Flags.fallingEdge | Flags.pullDown,
  debounce: 50_000,
  value: undefined,
};
const output = {
  offset: 300,
  consumer: 'penstock lamp',
  flags: Flags.output | Flags.activeLow,
  debounce: 0,
  value: true,
};

test('an input is asked for byte by byte as a C program would', () => {
  expect(packLineRequest(input)).toEqual(bytesOf(Vectors.input));
});

test('an output is asked for with its value; the descriptor comes back in the last word', () => {
  const bytes = packLineRequest(output);
  expect(lineDescriptor(bytes)).toBe(0);
  bytes[588] = 7;
  expect(bytes).toEqual(bytesOf(Vectors.output));
  expect(lineDescriptor(bytesOf(Vectors.output))).toBe(7);
});

test('values, edges, chips and lines lie as in C', () => {
  expect(packValues(true)).toEqual(bytesOf(Vectors.values));
  expect([isActive(packValues(true)), isActive(packValues(false))]).toEqual([true, false]);
  expect(unpackEdges(bytesOf(Vectors.event))).toEqual([{ active: false, sequence: 2 }]);
  expect(unpackChipInfo(bytesOf(Vectors.chip))).toEqual({
    name: 'gpiochip0',
    label: 'pinctrl-bcm2711',
    lines: 58,
  });
  expect(unpackLineInfo(bytesOf(Vectors.info))).toEqual({ offset: 17, name: 'GPIO17', consumer: 'spi0' });
});

test('the numbers of the requests hold the sizes of what goes with them', () => {
  const size = (request: number) => (request >>> 16) & 0x3fff;
  expect(size(Requests.chipInfo)).toBe(Sizes.chipInfo);
  expect(size(Requests.lineInfo)).toBe(Sizes.lineInfo);
  expect(size(Requests.getLine)).toBe(Sizes.lineRequest);
  expect([size(Requests.getValues), size(Requests.setValues)]).toEqual([Sizes.values, Sizes.values]);
});

test('whatever is packed comes back, and nothing but what can be shown', () => {
  const consumer = fc.stringMatching(/^[ -~]{0,31}$/);
  const request = fc.record({
    offset: fc.nat(0xffff),
    consumer,
    flags: fc.nat(0x1fff),
    debounce: fc.constant(0),
    value: fc.boolean(),
  });
  fc.assert(
    fc.property(request, (one) => {
      expect(unpackLineRequest(packLineRequest(one))).toEqual(one);
    }),
  );
  const debounced = fc.record({ offset: fc.nat(), debounce: fc.integer({ min: 1, max: 1_000_000 }) });
  fc.assert(
    fc.property(debounced, (one) => {
      expect(unpackLineRequest(packLineRequest({ ...input, ...one }))).toEqual({ ...input, ...one });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 68, maxLength: 68 }), (bytes) => {
      expect(unpackChipInfo(bytes).label).toMatch(/^[ -~]*$/);
    }),
  );
  const edge = { active: true, sequence: 5 };
  expect(unpackEdges(packEdge(17, edge))).toEqual([edge]);
  const chip = { name: 'a', label: 'b', lines: 4 };
  expect(unpackChipInfo(packChipInfo(chip))).toEqual(chip);
  const line = { offset: 3, name: 'x', consumer: 'y' };
  expect(unpackLineInfo(packLineInfo(line))).toEqual(line);
});

function bytesOf(vector: string): Uint8Array {
  const [size, ...filled] = vector.split(' ');
  const bytes = new Uint8Array(Number(size));
  for (const one of filled) {
    const [at, value] = one.split(':');
    bytes[Number(at)] = Number.parseInt(value ?? '', 16);
  }
  return bytes;
}
