import { describe, expect, test } from 'vitest';
import type { ModbusPermission } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { Allow, plantFor, range, rule } from '../judging.ts';
import { read, writeRegisters } from '../request-builders.ts';

const ten = [0x4120, 0] as const;
const elevenAndHalf = [0x4138, 0] as const;
const quiet = [0x7fc0, 0] as const;
const signalling = [0xff80, 1] as const;

/** A server says NaN where a sensor is broken or nothing was ever set: that is no value to measure from. */
describe('an f32 that was last no number', () => {
  const stepped: Partial<ModbusPermission> = {
    addresses: [range(20, 21)],
    values: [rule({ type: 'f32' })],
    step: { max: 1, maxPerMinute: undefined, noOlderThan: 0 },
  };
  const strict = profileOf([permit([16], stepped)]);
  const lenient = profileOf([permit([16], { ...stepped, unknown: 'allow' })]);

  test.for([
    ['quiet', quiet],
    ['signalling', signalling],
  ] as const)('is unknown to a step, %s or not, until it is read as one', ([, words]) => {
    const plant = plantFor(strict);
    plant.see(read(3, 20, 2), words);
    expect(plant.say(writeRegisters(20, ten))).toBe('state-unknown 03');
    plant.see(read(3, 20, 2), ten);
    expect(plant.say(writeRegisters(20, ten))).toBe(Allow);
    expect(plant.say(writeRegisters(20, elevenAndHalf))).toBe('step-too-large 03');
  });

  test('may be written over where what is unknown may', () => {
    const plant = plantFor(lenient);
    plant.see(read(3, 20, 2), quiet);
    expect(plant.say(writeRegisters(20, ten))).toBe(Allow);
    plant.write(writeRegisters(20, ten));
    expect(plant.say(writeRegisters(20, elevenAndHalf))).toBe('step-too-large 03');
  });

  test('is not judged while a write is under way that leaves it so', () => {
    const plant = plantFor(lenient);
    plant.see(read(3, 20, 2), ten);
    const sent = plant.begin(writeRegisters(20, quiet));
    expect(plant.say(writeRegisters(20, ten))).toBe('state-unknown 03');
    plant.device.endWrite(sent, 'unknown');
    expect(plant.say(writeRegisters(20, ten))).toBe(Allow);
  });

  test('leaves the sum of steps unknown for a minute, and not spent', () => {
    const step = { max: undefined, maxPerMinute: 1, noOlderThan: 0 };
    const plant = plantFor(profileOf([permit([16], { ...stepped, step })]));
    plant.see(read(3, 20, 2), ten);
    plant.write(writeRegisters(20, quiet));
    plant.see(read(3, 20, 2), ten);
    plant.wait(59_999);
    expect(plant.say(writeRegisters(20, ten))).toBe('state-unknown 03');
    plant.wait(1);
    expect(plant.say(writeRegisters(20, ten))).toBe(Allow);
    plant.see(read(3, 20, 2), quiet);
    plant.write(writeRegisters(20, ten));
    expect(plant.say(writeRegisters(20, ten))).toBe('state-unknown 03');
  });

  test('is never written where it is stepped, whatever is known', () => {
    for (const profile of [strict, lenient]) {
      const plant = plantFor(profile);
      expect(plant.say(writeRegisters(20, quiet))).toBe('step-too-large 03');
      plant.see(read(3, 20, 2), quiet);
      expect(plant.say(writeRegisters(20, quiet))).toBe('step-too-large 03');
      plant.see(read(3, 20, 2), ten);
      expect(plant.say(writeRegisters(20, signalling))).toBe('step-too-large 03');
    }
  });
});

test('an f64 that was last no number is unknown to a step, in any word order', () => {
  const plant = plantFor(
    profileOf([
      permit([16], {
        addresses: [range(20, 23)],
        values: [rule({ type: 'f64', words: 'little' })],
        step: { max: 1, maxPerMinute: undefined, noOlderThan: 0 },
      }),
    ]),
  );
  plant.see(read(3, 20, 4), [1, 0, 0, 0x7ff0]);
  expect(plant.say(writeRegisters(20, [0, 0, 0, 0x4024]))).toBe('state-unknown 03');
  plant.see(read(3, 20, 4), [0, 0, 0, 0x4024]);
  expect(plant.say(writeRegisters(20, [0, 0, 0, 0x4024]))).toBe(Allow);
});
