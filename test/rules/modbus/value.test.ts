import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allows, decodeValue, exactly, isWithinStep, maskReach } from '../../../rules/modbus/value.ts';
import type { ValueRule, ValueType } from '../../../rules/policy.ts';

describe('value', () => {
  test.for<[ValueType, ValueRule['words'], number[], number | bigint]>([
    ['u16', 'big', [0xfffe], 65534],
    ['s16', 'big', [0xfffe], -2],
    ['s16', 'little', [0x8000], -32768],
    ['u32', 'big', [0x0001, 0x0002], 0x0001_0002],
    ['u32', 'little', [0x0001, 0x0002], 0x0002_0001],
    ['s32', 'big', [0xffff, 0xffff], -1],
    ['s32', 'little', [0x0000, 0x8000], -2147483648],
    ['f32', 'big', [0x4148, 0x0000], 12.5],
    ['f32', 'little', [0x0000, 0x4148], 12.5],
    ['f32', 'big', [0x7f80, 0x0000], Number.POSITIVE_INFINITY],
    ['u64', 'big', [0x0001, 0x0002, 0x0003, 0x0004], 0x0001_0002_0003_0004n],
    ['u64', 'little', [0x0004, 0x0003, 0x0002, 0x0001], 0x0001_0002_0003_0004n],
    ['f64', 'big', [0x4029, 0x0000, 0x0000, 0x0000], 12.5],
    ['f64', 'little', [0x0000, 0x0000, 0x0000, 0x4029], 12.5],
  ])('%s with words %s from %j is %s', ([type, words, registers, value]) => {
    expect(decodeValue(type, words, registers, 0)).toBe(value);
  });

  test.for<[string, Partial<ValueRule>, number | bigint, boolean]>([
    ['the ends belong to the range', { min: 0, max: 35 }, 35, true],
    ['above the range', { min: 0, max: 35 }, 36, false],
    ['below the range', { min: 1 }, 0, false],
    ['no bounds', {}, 65535, true],
    ['one of the allowed', { allowed: [1, 3] }, 3, true],
    ['none of the allowed', { allowed: [1, 3] }, 2, false],
    ['allowed and outside the range', { allowed: [1, 50], max: 35 }, 50, false],
    ['the f32 nearest to a decimal bound', { type: 'f32', max: 0.1 }, Math.fround(0.1), true],
    ['the next f32 above it', { type: 'f32', max: 0.1 }, 0.10000000894069672, false],
    ['an allowed f32', { type: 'f32', allowed: [0.1] }, Math.fround(0.1), true],
    ['NaN under a minimum', { type: 'f32', min: 0 }, Number.NaN, false],
    ['NaN under a maximum', { type: 'f64', max: 0 }, Number.NaN, false],
    ['Infinity under a minimum alone', { type: 'f32', min: 0 }, Number.POSITIVE_INFINITY, false],
    ['-Infinity under a maximum alone', { type: 'f32', max: 0 }, Number.NEGATIVE_INFINITY, false],
    ['NaN among the allowed', { type: 'f32', allowed: [1] }, Number.NaN, false],
    ['NaN where nothing is bounded', { type: 'f32' }, Number.NaN, true],
    ['a u64 one above what a double can tell', { type: 'u64', max: 2 ** 53 }, 2n ** 53n + 1n, false],
    ['a u64 at the bound', { type: 'u64', max: 2 ** 53 }, 2n ** 53n, true],
    ['a u64 next to an allowed one', { type: 'u64', allowed: [2 ** 53] }, 2n ** 53n + 1n, false],
  ])('%s', ([, rule, value, expected]) => {
    expect(allows(ruleOf(rule), exactly(value))).toBe(expected);
  });

  test('a range of values passes only as a whole, and never against a list', () => {
    const reach = { lowest: 5, highest: 247 };
    expect(allows(ruleOf({ min: 5, max: 247 }), reach)).toBe(true);
    expect(allows(ruleOf({ min: 6, max: 247 }), reach)).toBe(false);
    expect(allows(ruleOf({ min: 5, max: 246 }), reach)).toBe(false);
    expect(allows(ruleOf({ allowed: [5, 247] }), reach)).toBe(false);
  });

  test('a step counts both ways and up to its end', () => {
    expect(isWithinStep('u16', exactly(25), 20, 5)).toBe(true);
    expect(isWithinStep('u16', exactly(15), 20, 5)).toBe(true);
    expect(isWithinStep('u16', exactly(26), 20, 5)).toBe(false);
    expect(isWithinStep('u16', { lowest: 10, highest: 20 }, 20, 5)).toBe(false);
    expect(isWithinStep('f32', exactly(Math.fround(0.2)), Math.fround(0.1), 0.1)).toBe(true);
    expect(isWithinStep('f32', exactly(Number.NaN), 1, 5)).toBe(false);
    expect(isWithinStep('f32', exactly(1), Number.NaN, 5)).toBe(false);
    expect(isWithinStep('u64', exactly(2n ** 53n + 1n), 2n ** 53n, 1)).toBe(true);
    expect(isWithinStep('u64', exactly(2n ** 53n + 2n), 2n ** 53n, 1)).toBe(false);
  });

  test('the reach of the mask write in MAP V1.1b3 §6.16 is 0x0005 to 0x00f7', () => {
    expect(maskReach('u16', 0x00f2, 0x0025)).toEqual({ lowest: 0x0005, highest: 0x00f7 });
  });

  test('a mask write that moves the sign bit reaches both ends of s16', () => {
    expect(maskReach('s16', 0x8000, 0x0001)).toEqual({ lowest: -32767, highest: 1 });
    expect(maskReach('s16', 0xffff, 0)).toEqual({ lowest: -32768, highest: 32767 });
    expect(maskReach('s16', 0, 0xfffe)).toEqual({ lowest: -2, highest: -2 });
  });

  test('no mask write leaves the reach, whatever the register held, and both ends occur', () => {
    const word = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        fc.constantFrom('u16' as const, 's16' as const),
        word,
        word,
        word,
        (type, and, or, held) => {
          const leaves = (current: number): number | bigint =>
            decodeValue(type, 'big', [(current & and) | (or & ~and & 0xffff)], 0);
          const { lowest, highest } = maskReach(type, and, or);
          expect(leaves(held) >= lowest && leaves(held) <= highest).toBe(true);
          expect([leaves(0), leaves(0x8000)]).toContain(lowest);
          expect([leaves(0xffff), leaves(0x7fff)]).toContain(highest);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function ruleOf(rest: Partial<ValueRule>): ValueRule {
  return { type: 'u16', words: 'big', min: undefined, max: undefined, allowed: [], ...rest };
}
