import fc from 'fast-check';
import { expect, describe as group, test } from 'vitest';
import { allowsWords, registersPerValue, valueCheck } from '../../../../rules/modbus/permission/value.ts';
import { ValueTypes } from '../../../../rules/modbus/profile.ts';
import { type DescribeContext, type Described, describe } from '../../../../rules/modbus/text/describe.ts';
import { typedValues } from '../../../../rules/modbus/text/value-text.ts';
import { asked, closest, refused, rule } from '../described.ts';

group('a request that passed, or of which no more is known', () => {
  test.for<[Described, string]>([
    [asked(1, { address: 3, quantity: 1 }), 'READ coil 3 (00004), unit 1'],
    [asked(2, { address: 0, quantity: 16 }), 'READ discrete inputs 0-15 (10001-10016), unit 1'],
    [
      asked(3, { unit: 7, address: 100, quantity: 20 }),
      'READ holding registers 100-119 (40101-40120), unit 7',
    ],
    [asked(3, { address: 9998, quantity: 1 }), 'READ holding register 9998 (49999), unit 1'],
    [asked(3, { address: 9999, quantity: 1 }), 'READ holding register 9999 (410000), unit 1'],
    [asked(3, { address: 9990, quantity: 20 }), 'READ holding registers 9990-10009 (409991-410010), unit 1'],
    [asked(4, { address: 65535, quantity: 1 }), 'READ input register 65535 (365536), unit 1'],
    [asked(5, { address: 64, quantity: 1, values: [1] }), 'WRITE coil 64 (00065) = on, unit 1'],
    [
      asked(6, { address: 140, quantity: 1, values: [200] }),
      'WRITE holding register 140 (40141) = 200, unit 1',
    ],
    [
      asked(6, { address: 140, quantity: 1, values: [200], before: [20] }),
      'WRITE holding register 140 (40141): 20 → 200, unit 1',
    ],
    [
      asked(15, { address: 0, quantity: 3, values: [1, 0, 1] }),
      'WRITE coils 0-2 (00001-00003) = on, off, on, unit 1',
    ],
    [
      asked(16, { address: 0, quantity: 9, values: [1, 2, 3, 4, 5, 6, 7, 8] }),
      'WRITE holding registers 0-8 (40001-40009) = 1, 2, 3, 4, 5, 6, 7, 8, …, unit 1',
    ],
    [
      asked(16, { address: 0, quantity: 2, values: [1, 2], before: [7] }),
      'WRITE holding registers 0-1 (40001-40002): 7, ? → 1, 2, unit 1',
    ],
    [
      asked(22, { address: 4, quantity: 1, values: [0xf2, 0x25] }),
      'MASK WRITE holding register 4 (40005) and 0x00f2 or 0x0025, leaving 5 to 247, unit 1',
    ],
    [
      asked(23, { address: 20, quantity: 1, values: [5], read: { address: 0, quantity: 10 } }),
      'READ holding registers 0-9 (40001-40010) and WRITE holding register 20 (40021) = 5, unit 1',
    ],
    [asked(24, { address: 1246, quantity: 1 }), 'READ FIFO queue at holding register 1246 (41247), unit 1'],
    [asked(20, { file: { file: 4, record: 1, length: 2 } }), 'READ file 4, records 1-2, unit 1'],
    [asked(21, { file: { file: 4, record: 7, length: 1 } }), 'WRITE file 4, record 7, unit 1'],
    [asked(7), 'Read Exception Status (function code 7), unit 1'],
    [asked(8, { subFunction: 4 }), 'DIAGNOSTICS sub-function 4 Force Listen Only Mode, unit 1'],
    [asked(8, { subFunction: 21 }), 'DIAGNOSTICS sub-function 21 (reserved), unit 1'],
    [asked(8), 'Diagnostics (function code 8), unit 1'],
    [asked(43, { subFunction: 14 }), 'MEI type 14 Read Device Identification, unit 1'],
    [
      asked(43, { subFunction: 3, bytes: Uint8Array.of(0, 1, 0, 0, 0, 5, 1, 43, 3, 0, 0) }),
      'MEI type 3 (reserved), 11 bytes, unit 1',
    ],
    [
      asked(90, { unit: 0, subFunction: 0x41, bytes: Uint8Array.of(0, 1, 0, 0, 0x01, 0x04, 0, 90, 1, 0x41) }),
      'UMAS function 0x41, 266 bytes, unit 0',
    ],
    [asked(100, { bytes: Uint8Array.of(0, 1, 0, 0, 0, 2, 1, 100) }), 'function code 100, 8 bytes, unit 1'],
    [asked(0), 'bytes that are no Modbus message'],
    [asked(0x83), 'exception response to function code 3, unit 1'],
    [asked(3, { address: 65535, quantity: 2 }), 'READ holding registers 65535-65536 (465536-465537), unit 1'],
  ])('%j is "%s"', ([request, line]) => {
    expect(describe(request)).toBe(line);
  });

  test('reaches everybody where unit 0 is a broadcast', () => {
    const write = asked(6, { unit: 0, address: 1, quantity: 1, values: [2] });
    expect(describe(write, { device: 'serial-gateway' })).toMatch(/, every unit \(broadcast\)$/);
    expect(describe(write, { device: 'direct' })).toMatch(/, unit 0$/);
  });
});

group('a refused request', () => {
  const dose = { address: 140, quantity: 1, values: [200], before: [20] };
  const at = 'holding register 140 (40141)';
  test.for<[Described, DescribeContext, string]>([
    [
      refused(6, 'value-out-of-range', dose),
      closest({ values: [rule('u16', { min: 0, max: 35 })] }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (limit 35), unit 1`,
    ],
    [refused(6, 'value-out-of-range', dose), {}, `WRITE ${at} "Cl2 dose": 20 → 200, unit 1`],
    [
      refused(6, 'value-out-of-range', { ...dose, values: [1] }),
      closest({ values: [rule('u16', { min: 5 })] }),
      `WRITE ${at} "Cl2 dose": 20 → 1 (at least 5), unit 1`,
    ],
    [
      refused(6, 'value-out-of-range', dose),
      closest({ values: [rule('u16', { allowed: [0, 1, 2] })] }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (only 0, 1, 2), unit 1`,
    ],
    [
      refused(6, 'value-out-of-range', { ...dose, values: [0x37] }),
      closest({ values: [rule('u16', { bits: { first: 4, last: 5 }, max: 2 })] }),
      `WRITE ${at} "Cl2 dose": 20 → 55 (bits 4-5 limit 2), unit 1`,
    ],
    [
      refused(6, 'value-out-of-range', { ...dose, values: [0xffff], before: [0xfffe] }),
      closest({ values: [rule('s16', { min: 0 })] }),
      `WRITE ${at} "Cl2 dose": -2 → -1 (at least 0), unit 1`,
    ],
    [
      refused(22, 'value-out-of-range', { ...dose, values: [0xf2, 0x25] }),
      closest({ values: [rule('u16', { min: 0, max: 35 })] }),
      `MASK WRITE ${at} "Cl2 dose": 20 and 0x00f2 or 0x0025, leaving 5 to 247 (0 to 35), unit 1`,
    ],
    [
      refused(6, 'step-too-large', dose),
      closest({ step: { max: 5, maxPerMinute: undefined, noOlderThan: 0 } }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (step at most 5), unit 1`,
    ],
    [
      refused(6, 'drift-too-large', dose),
      closest({ step: { max: 5, maxPerMinute: 20, noOlderThan: 0 } }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (steps of at most 20 a minute), unit 1`,
    ],
    [
      refused(6, 'too-soon', dose),
      closest({ minInterval: 5000 }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (once in 5 s), unit 1`,
    ],
    [
      refused(6, 'budget-spent', dose),
      closest({ writesPerMinute: 6 }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (at most 6 a minute), unit 1`,
    ],
    [
      refused(6, 'interlock', dose),
      closest({ interlocks: [{ functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 1 }] }),
      `WRITE ${at} "Cl2 dose": 20 → 200 (only while discrete input 12 (10013) of unit 1 is 1), unit 1`,
    ],
    [
      refused(3, 'quantity-out-of-range', { address: 140, quantity: 9 }),
      closest({ maxQuantity: 4 }),
      'READ holding registers 140-148 (40141-40149) "Cl2 dose" (at most 4), unit 1',
    ],
    [
      refused(90, 'size-out-of-range', { subFunction: 1 }),
      closest({ maxBytes: 64 }),
      'UMAS function 0x01, unit 1',
    ],
  ])('%j is told with its limit', ([request, context, line]) => {
    expect(describe(request, context)).toBe(line);
  });

  test('does not carry the name of a permission for another place', () => {
    expect(describe(refused(6, 'address-out-of-range', { ...dose, address: 500 }))).not.toContain('Cl2');
  });

  test('shows a value that spans registers, in its order of words and bytes', () => {
    const float = { address: 200, quantity: 2, values: [0x4148, 0x0000], before: [0x4120, 0x0000] };
    const line = (values: Partial<Described>, words: 'big' | 'little', bytes: 'big' | 'little') =>
      describe(
        refused(16, 'value-out-of-range', { ...float, before: [], ...values }),
        closest({ values: [rule('f32', { words, bytes, max: 12.1 })] }),
      );
    const after = 'WRITE holding registers 200-201 (40201-40202) "Cl2 dose" = 12.5 (limit 12.1), unit 1';
    expect(line({}, 'big', 'big')).toBe(after);
    expect(line({ values: [0x0000, 0x4148] }, 'little', 'big')).toBe(after);
    expect(line({ values: [0x4841, 0x0000] }, 'big', 'little')).toBe(after);
    expect(line(float, 'big', 'big')).toContain('"Cl2 dose": 10 → 12.5 (limit 12.1)');
  });

  test('shows the words of a torn write, not half a value', () => {
    const torn = refused(6, 'torn-write', { address: 200, quantity: 1, values: [0x4148] });
    expect(describe(torn, closest({ values: [rule('f32')] }))).toContain('"Cl2 dose" = 16712, unit 1');
  });

  test('shows 32-bit fractions as people write them, and 64-bit integers whole', () => {
    const show = (values: number[], type: 'f32' | 'u64') =>
      describe(asked(16, { address: 0, quantity: values.length, values }), closest({ values: [rule(type)] }));
    expect(show([0x3dcc, 0xcccd], 'f32')).toContain(' = 0.1,');
    expect(show([0x7fc0, 0], 'f32')).toContain(' = NaN,');
    expect(show([0xffff, 0xffff, 0xffff, 0xffff], 'u64')).toContain(' = 18446744073709551615,');
  });
});

test('a value is shown as the decision reads it, whatever its type and order', () => {
  const order = fc.constantFrom('big' as const, 'little' as const);
  const word = fc.integer({ min: 0, max: 0xffff });
  const words = fc.array(word, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...ValueTypes), order, order, words, (type, inWords, inBytes, four) => {
      const sent = four.slice(0, registersPerValue(type));
      const [value] = typedValues(sent, rule(type, { words: inWords, bytes: inBytes }));
      const number = Number(value);
      fc.pre(Number.isFinite(number) && Number.isSafeInteger(number) === Number.isInteger(number));
      const exactly = rule(type, { words: inWords, bytes: inBytes, allowed: [number] });
      expect(allowsWords(valueCheck(exactly, undefined), Uint16Array.from(sent))).toBe(true);
    }),
  );
});
