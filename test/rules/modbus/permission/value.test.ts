import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowsMask,
  allowsWords,
  isNumber,
  measure,
  measureMask,
  readValue,
  valueCheck,
} from '../../../../rules/modbus/permission/value.ts';
import type { ValueRule, ValueType } from '../../../../rules/modbus/profile.ts';
import { rule } from '../judging.ts';

const word = fc.integer({ min: 0, max: 0xffff });

describe('a value', () => {
  test.for<[ValueType, ValueRule['words'], number[], number]>([
    ['u16', 'big', [0xfffe], 65534],
    ['s16', 'big', [0xfffe], -2],
    ['s16', 'little', [0x8000], -32768],
    ['u32', 'big', [0x0001, 0x0002], 0x0001_0002],
    ['u32', 'little', [0x0001, 0x0002], 0x0002_0001],
    ['u32', 'big', [0xffff, 0xffff], 0xffff_ffff],
    ['s32', 'big', [0xffff, 0xffff], -1],
    ['s32', 'little', [0x0000, 0x8000], -2147483648],
    ['f32', 'big', [0x4148, 0x0000], 12.5],
    ['f32', 'little', [0x0000, 0x4148], 12.5],
    ['f32', 'big', [0x7f80, 0x0000], Number.POSITIVE_INFINITY],
    ['u64', 'big', [0x0000, 0x0002, 0x0003, 0x0004], 0x0002_0003_0004],
    ['u64', 'little', [0x0004, 0x0003, 0x0002, 0x0000], 0x0002_0003_0004],
    ['f64', 'big', [0x4029, 0x0000, 0x0000, 0x0000], 12.5],
    ['f64', 'little', [0x0000, 0x0000, 0x0000, 0x4029], 12.5],
  ])('%s with words %s from %j is %s', ([type, order, registers, value]) => {
    expect(readValue(check({ type, words: order }), Uint16Array.from(registers))).toBe(value);
    const swapped = Uint16Array.from(registers, (each) => (each >> 8) | (each << 8));
    expect(readValue(check({ type, words: order, bytes: 'little' }), swapped)).toBe(value);
  });

  test.for<[ValueType, ValueRule['bytes'], number, number, number[], number]>([
    ['u16', 'big', 0, 3, [0xabcd], 0xd],
    ['u16', 'big', 8, 15, [0xabcd], 0xab],
    ['u16', 'little', 8, 15, [0xabcd], 0xcd],
    ['u16', 'big', 15, 15, [0x8000], 1],
    ['u16', 'big', 0, 15, [0xabcd], 0xabcd],
    ['u32', 'big', 12, 19, [0x1234, 0x5678], 0x45],
    ['u32', 'big', 31, 31, [0x8000, 0], 1],
    ['u32', 'big', 0, 31, [0xffff, 0xffff], 0xffff_ffff],
  ])('%s with bytes %s has bits %i to %i of %j as %i', ([type, bytes, first, last, registers, value]) => {
    const field = check({ type, bytes, bits: { first, last } });
    expect(readValue(field, Uint16Array.from(registers))).toBe(value);
  });

  test.for<[string, Partial<ValueRule>, number | bigint, boolean]>([
    ['the ends belong to the range', { min: 0, max: 35 }, 35, true],
    ['above the range', { min: 0, max: 35 }, 36, false],
    ['below the range', { min: 1 }, 0, false],
    ['no bounds', {}, 65535, true],
    ['one of the allowed', { allowed: [1, 3] }, 3, true],
    ['none of the allowed', { allowed: [1, 3] }, 2, false],
    ['allowed and outside the range', { allowed: [1, 50], max: 35 }, 50, false],
    ['a negative number at its bound', { type: 's16', min: -5 }, -5, true],
    ['… and below it', { type: 's16', min: -5 }, -6, false],
    ['the f32 nearest to a decimal bound', { type: 'f32', max: 0.1 }, Math.fround(0.1), true],
    ['the next f32 above it', { type: 'f32', max: 0.1 }, 0.10000000894069672, false],
    ['an allowed f32', { type: 'f32', allowed: [0.1] }, Math.fround(0.1), true],
    ['an f64 at a decimal bound', { type: 'f64', max: 0.1 }, 0.1, true],
    ['NaN under a minimum', { type: 'f32', min: 0 }, Number.NaN, false],
    ['NaN under a maximum', { type: 'f64', max: 0 }, Number.NaN, false],
    ['Infinity under a minimum alone', { type: 'f32', min: 0 }, Number.POSITIVE_INFINITY, false],
    ['-Infinity under a maximum alone', { type: 'f32', max: 0 }, Number.NEGATIVE_INFINITY, false],
    ['NaN among the allowed', { type: 'f32', allowed: [1] }, Number.NaN, false],
    ['NaN where nothing is bounded', { type: 'f32' }, Number.NaN, true],
    ['a u64 one above what a double can tell', { type: 'u64', max: 2 ** 53 }, 2n ** 53n + 1n, false],
    ['a u64 at the bound', { type: 'u64', max: 2 ** 53 }, 2n ** 53n, true],
    ['a u64 one below its minimum', { type: 'u64', min: 2 ** 53 }, 2n ** 53n - 1n, false],
    ['a u64 next to an allowed one', { type: 'u64', allowed: [2 ** 53] }, 2n ** 53n + 1n, false],
    ['an allowed u64', { type: 'u64', allowed: [1, 2 ** 53] }, 2n ** 53n, true],
    ['a u64 above a negative minimum', { type: 'u64', min: -1 }, 0n, true],
    ['a u64 above a negative maximum', { type: 'u64', max: -1 }, 0n, false],
    ['the largest u64 under a bound beyond all', { type: 'u64', max: 2 ** 64 }, 2n ** 64n - 1n, true],
    ['a u64 under a bound that is no integer', { type: 'u64', max: 1.5 }, 1n, true],
    ['… and above it', { type: 'u64', max: 1.5 }, 2n, false],
  ])('%s', ([, rest, value, expected]) => {
    const made = check(rest);
    expect(allowsWords(made, wordsOf(made.type, value))).toBe(expected);
  });

  test('is as far from another as the difference, both ways', () => {
    expect(apart(check({}), wordsOf('u16', 25), wordsOf('u16', 20))).toBe(5);
    expect(apart(check({}), wordsOf('u16', 20), wordsOf('u16', 25))).toBe(5);
    expect(apart(check({ type: 's16' }), wordsOf('s16', -3), wordsOf('s16', 4))).toBe(7);
    const tenth = apart(check({ type: 'f32' }), wordsOf('f32', 0.2), wordsOf('f32', 0.1));
    expect(tenth).toBe(Math.fround(0.1));
    const above = apart(check({ type: 'u64' }), wordsOf('u64', 2n ** 60n + 1n), wordsOf('u64', 2n ** 60n));
    expect(above).toBe(1);
    const across = apart(check({ type: 'u64' }), wordsOf('u64', 2n ** 32n), wordsOf('u64', 2n ** 32n - 1n));
    expect(across).toBe(1);
  });

  test('that is no number is infinitely far from every other and from itself', () => {
    const check32 = check({ type: 'f32' });
    for (const other of [1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(apart(check32, wordsOf('f32', Number.NaN), wordsOf('f32', other))).toBe(
        Number.POSITIVE_INFINITY,
      );
    }
  });

  test('is no number only where its type has such values', () => {
    expect(isNumber(check({ type: 'f32' }), wordsOf('f32', Number.NaN))).toBe(false);
    expect(isNumber(check({ type: 'f64', words: 'little' }), Uint16Array.of(1, 0, 0, 0xfff0))).toBe(false);
    expect(isNumber(check({ type: 'f32' }), wordsOf('f32', Number.POSITIVE_INFINITY))).toBe(true);
    expect(isNumber(check({ type: 'u32' }), wordsOf('f32', Number.NaN))).toBe(true);
  });

  test('of 64 bits is never nearer than it is', () => {
    const any64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(any64, any64, (a, b) => {
        const exact = a > b ? a - b : b - a;
        const gap = apart(check({ type: 'u64' }), wordsOf('u64', a), wordsOf('u64', b));
        expect(BigInt(gap) >= exact).toBe(true);
        if (exact < 2n ** 53n) expect(BigInt(gap)).toBe(exact);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a mask write', () => {
  test('reaches 0x0005 to 0x00f7 in the example of MAP V1.1b3 §6.16', () => {
    expect(allowsMask(check({ min: 0x0005, max: 0x00f7 }), 0x00f2, 0x0025)).toBe(true);
    expect(allowsMask(check({ min: 0x0006 }), 0x00f2, 0x0025)).toBe(false);
    expect(allowsMask(check({ max: 0x00f6 }), 0x00f2, 0x0025)).toBe(false);
  });

  test('that moves the sign bit reaches both ends of s16', () => {
    expect(allowsMask(check({ type: 's16', min: -32767, max: 1 }), 0x8000, 0x0001)).toBe(true);
    expect(allowsMask(check({ type: 's16', min: -32766 }), 0x8000, 0x0001)).toBe(false);
    expect(allowsMask(check({ type: 's16', max: 0 }), 0x8000, 0x0001)).toBe(false);
    expect(allowsMask(check({ type: 's16', min: -2, max: -2 }), 0, 0xfffe)).toBe(true);
  });

  test('is judged by what it does to the bits of a field alone', () => {
    const field = check({ bits: { first: 4, last: 7 }, min: 2, max: 3 });
    expect(allowsMask(field, 0xff0f, 0x0020)).toBe(true);
    expect(allowsMask(field, 0xff1f, 0x0020)).toBe(true);
    expect(allowsMask(field, 0xff2f, 0x0020)).toBe(false);
  });

  test('passes exactly when everything it can leave passes by itself', () => {
    const bits = fc
      .tuple(fc.nat(15), fc.nat(15))
      .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
    const rules = fc.record({
      type: fc.constantFrom('u16' as const, 's16' as const),
      bytes: fc.constantFrom('big' as const, 'little' as const),
      bits: fc.option(bits, { nil: undefined }),
      min: fc.option(fc.integer({ min: -200, max: 200 }), { nil: undefined }),
      max: fc.option(fc.integer({ min: -200, max: 70_000 }), { nil: undefined }),
      allowed: fc.array(fc.integer({ min: -4, max: 40 }), { maxLength: 12 }),
    });
    // Few free bits are common, and all of the 16-bit space is gone through where there are many.
    const masks = fc.oneof(
      word,
      fc.subarray([1, 2, 4, 0x100, 0x8000]).map((some) => some.reduce((a, b) => a | b, 0)),
    );
    fc.assert(
      fc.property(rules, masks, word, (rest, and, or) => {
        const made = check(rest.type === 's16' ? { ...rest, bits: undefined } : rest);
        expect(allowsMask(made, and, or)).toBe(
          reachable(and, or).every((left) => allowsWords(made, Uint16Array.of(left))),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('goes at most as far as the furthest it can leave', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('u16' as const, 's16' as const),
        word,
        word,
        word,
        (type, and, or, last) => {
          const made = check({ type });
          const held = Uint16Array.of(last);
          const furthest = reachable(and, or).reduce(
            (most, left) => Math.max(most, apart(made, Uint16Array.of(left), held)),
            0,
          );
          expect(maskApart(made, and, or, held)).toBe(furthest);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** Every register a mask write can leave, each once, by trying what it can have held. */
function reachable(and: number, or: number): readonly number[] {
  const left = new Set<number>();
  for (let held = and; ; held = (held - 1) & and) {
    left.add((held & and) | (or & ~and & 0xffff));
    if (held === 0) return [...left];
  }
}

function apart(made: ReturnType<typeof check>, a: Uint16Array, b: Uint16Array): number {
  const into = { furthest: 0 };
  measure(made, a, b, into);
  return into.furthest;
}

function maskApart(made: ReturnType<typeof check>, and: number, or: number, last: Uint16Array): number {
  const into = { furthest: 0 };
  measureMask(made, and, or, last, into);
  return into.furthest;
}

function check(rest: Partial<ValueRule>) {
  return valueCheck(rule(rest), undefined);
}

/** Registers as a client would send a value, most significant first. */
function wordsOf(type: ValueType, value: number | bigint): Uint16Array {
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'u64') view.setBigUint64(0, BigInt(value));
  else if (type === 'f32') view.setFloat32(0, Number(value));
  else if (type === 'f64') view.setFloat64(0, Number(value));
  else view.setUint16(0, Number(value));
  return Uint16Array.from([0, 2, 4, 6], (at) => view.getUint16(at));
}
