import fc from 'fast-check';
import { expect, test } from 'vitest';
import { has, include, Strict, toleranceSet } from '../../../../rules/modbus/message/tolerance-set.ts';
import { Tolerances } from '../../../../rules/modbus/profile.ts';

test('a set has exactly the tolerances it was made of', () => {
  fc.assert(
    fc.property(fc.subarray([...Tolerances]), (some) => {
      const set = toleranceSet(some);
      for (const tolerance of Tolerances) expect(has(set, tolerance)).toBe(some.includes(tolerance));
    }),
  );
});

test('strict is without any, and one more leaves the others as they are', () => {
  for (const tolerance of Tolerances) {
    expect(has(Strict, tolerance)).toBe(false);
    expect(include(toleranceSet(Tolerances), tolerance)).toBe(toleranceSet(Tolerances));
    expect(include(Strict, tolerance)).toBe(toleranceSet([tolerance]));
  }
});
