import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsOf } from '../../../policy/prove/requests/example-request.ts';
import { writtenUnder } from '../../../policy/prove/requests/value-set.ts';
import { valueSetText } from '../../../policy/prove/requests/value-set-text.ts';
import { has } from '../../../policy/prove/sets/spans.ts';
import { allowsWords, valueCheck } from '../../../rules/modbus/permission/value.ts';
import { ValueTypes } from '../../../rules/modbus/profile.ts';
import { rule } from '../../rules/modbus/judging.ts';

const limit = fc.oneof(
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  fc.constantFrom(
    0,
    -0,
    0.1,
    -0.1,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
    2 ** 53,
    2 ** 64,
    1e-45,
    3.5e38,
    1e308,
    -1e308,
  ),
);
const optional = fc.option(limit, { nil: undefined });
const order = fc.constantFrom('big' as const, 'little' as const);
const anyRule = fc
  .record({
    type: fc.constantFrom(...ValueTypes),
    words: order,
    bytes: order,
    bits: fc.option(fc.constantFrom({ first: 0, last: 3 }, { first: 4, last: 11 }), {
      nil: undefined,
      freq: 5,
    }),
    min: optional,
    max: optional,
    allowed: fc.array(limit, { maxLength: 3 }),
  })
  .map((each) => ({ ...each, bits: each.type === 'u16' ? each.bits : undefined }));

describe('the values a rule permits', () => {
  test('are written as the patterns that the inspection lets pass, at every edge of theirs', () => {
    fc.assert(
      fc.property(anyRule, fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (one, more) => {
        const written = writtenUnder([one], 'holding-registers');
        if (written?.values === undefined) return;
        const { values } = written;
        expect(values.doubt).toBe('');
        const size = 1n << BigInt(16 * values.width);
        const edges = values.patterns.flatMap(({ first, end }) => [first - 1n, first, end - 1n, end]);
        const zeroes = [0n, size / 2n, size - 1n, size / 2n - 1n];
        for (const pattern of [...edges, ...zeroes, ...more.map((each) => each % size)]) {
          if (pattern < 0n || pattern >= size) continue;
          const words = Uint16Array.from(wordsOf(values, pattern));
          expect(has(values.patterns, pattern), `${pattern}`).toBe(
            allowsWords(valueCheck(one, undefined), words),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test.for([
    [rule({ min: 0, max: 12.5, type: 'f32' }), '0 to 12.5'],
    [rule({ min: -5, max: 10, type: 's16' }), '-5 to 10'],
    [rule({ min: -2, max: 3, allowed: [-2, -1, 3], type: 's32' }), '-2 to -1, 3'],
    [rule({ min: 1, max: 1 }), '1'],
    [rule({ allowed: [1, 2, 7] }), '1-2, 7'],
    [rule({ max: 5, bits: { first: 0, last: 3 } }), 'bits 0-3 at most 5'],
  ] as const)('are told as %s', ([one, text]) => {
    const values = writtenUnder([one], 'holding-registers')?.values;
    expect(values && valueSetText(values, [one])).toBe(text);
  });

  test('are doubtful where a rule is no stretch of patterns, and hold at least what passes', () => {
    const one = rule({ type: 'u32', bits: { first: 0, last: 7 }, max: 5 });
    const values = writtenUnder([one], 'holding-registers')?.values;
    expect(values?.doubt).not.toBe('');
    expect(values && has(values.patterns, 0x1234_0005n)).toBe(true);
  });

  test('of a coil are those whose bit passes, and none where a value takes several registers', () => {
    expect(writtenUnder([rule({ min: 1 })], 'coils')?.values?.patterns).toEqual([{ first: 1n, end: 2n }]);
    expect(writtenUnder([rule({ type: 'f32' })], 'coils')).toBeUndefined();
  });
});
