import { describe, expect, test } from 'vitest';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { decide } from '../../../../rules/modbus/permission/decide.ts';
import type { ModbusPermission } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { Allow, plantFor, range, rule, say, within } from '../judging.ts';
import {
  diagnostics,
  maskWrite,
  read,
  readWrite,
  writeCoil,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

/** Of one f32 in registers 20 and 21, another in 22 and 23. */
const head: Partial<ModbusPermission> = {
  addresses: [range(20, 23)],
  values: [rule({ type: 'f32', min: 0, max: 100 })],
};

const steps = (
  max: number | undefined,
  maxPerMinute?: number,
  noOlderThan = 0,
): Partial<ModbusPermission> => ({
  step: { max, maxPerMinute, noOlderThan },
});

describe('a step', () => {
  const profile = profileOf([permit([6, 16, 22, 23], { ...steps(5), readAddresses: [range(0, 99)] })]);

  test('is measured from the last value read, both ways and up to its end', () => {
    const plant = plantFor(profile);
    expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
    plant.see(read(3, 40), [20]);
    expect(plant.say(writeRegister(40, 25))).toBe(Allow);
    expect(plant.say(writeRegister(40, 15))).toBe(Allow);
    expect(plant.say(writeRegister(40, 26))).toBe('step-too-large 03');
    expect(plant.say(writeRegister(40, 14))).toBe('step-too-large 03');
  });

  test('is measured from what another client has written, once the server has confirmed it', () => {
    const plant = plantFor(profile);
    plant.see(read(3, 40), [20]);
    plant.write(writeRegister(40, 25));
    expect(plant.say(writeRegister(40, 30))).toBe(Allow);
    expect(plant.say(writeRegister(40, 31))).toBe('step-too-large 03');
    expect(plant.say(writeRegister(40, 19))).toBe('step-too-large 03');
  });

  test('is measured from the known value and from every write under way', () => {
    const plant = plantFor(profile);
    plant.see(read(3, 40), [20]);
    const one = plant.begin(writeRegister(40, 24));
    const two = plant.begin(writeRegisters(39, [0, 18]));
    expect(plant.say(writeRegister(40, 20))).toBe(Allow);
    expect(plant.say(writeRegister(40, 23))).toBe(Allow);
    expect(plant.say(writeRegister(40, 24))).toBe('step-too-large 03');
    expect(plant.say(writeRegister(40, 18))).toBe('step-too-large 03');
    plant.device.endWrite(two, 'unchanged');
    expect(plant.say(writeRegister(40, 19))).toBe(Allow);
    plant.device.endWrite(one, 'unchanged');
    expect(plant.say(writeRegister(40, 15))).toBe(Allow);
  });

  test('is not judged while a write is under way that may leave anything', () => {
    for (const unknown of ['refuse', 'allow'] as const) {
      const lenient = profileOf([permit([6], { ...steps(5), unknown })]);
      const plant = plantFor(lenient);
      plant.see(read(3, 40), [20]);
      const sent = plant.begin(maskWrite(40, 0xfffe, 1));
      expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
      plant.device.endWrite(sent, 'unchanged');
      expect(plant.say(writeRegister(40, 20))).toBe(Allow);
    }
  });

  test('of every register of a write is judged, and one unknown refuses all', () => {
    const plant = plantFor(profile);
    plant.see(read(3, 40, 2), [20, 100]);
    expect(plant.say(writeRegisters(40, [25, 95]))).toBe(Allow);
    expect(plant.say(writeRegisters(40, [25, 94]))).toBe('step-too-large 03');
    expect(plant.say(writeRegisters(40, [25, 95, 0]))).toBe('state-unknown 03');
    expect(plant.say(readWrite(0, 1, 40, [25, 94]))).toBe('step-too-large 03');
  });

  test('of a mask write is the furthest it can reach', () => {
    const plant = plantFor(profile);
    plant.see(read(3, 40), [8]);
    expect(plant.say(maskWrite(40, 0, 13))).toBe(Allow);
    expect(plant.say(maskWrite(40, 0x0003, 0x0008))).toBe(Allow);
    expect(plant.say(maskWrite(40, 0x0007, 0x0008))).toBe('step-too-large 03');
    expect(plant.say(maskWrite(40, 0, 2))).toBe('step-too-large 03');
  });

  test('of a value in several registers is measured between whole values', () => {
    const plant = plantFor(profileOf([permit([16], { ...head, ...steps(0.5) })]));
    plant.see(read(3, 20), [0x4120]);
    expect(plant.say(writeRegisters(20, [0x4120, 0]))).toBe('state-unknown 03');
    // Two halves read one by one may never have been there together.
    plant.see(read(3, 21), [0]);
    expect(plant.say(writeRegisters(20, [0x4120, 0]))).toBe('state-unknown 03');
    plant.see(read(3, 20, 2), [0x4120, 0]);
    expect(plant.say(writeRegisters(20, [0x4128, 0]))).toBe(Allow);
    expect(plant.say(writeRegisters(20, [0x4129, 0]))).toBe('step-too-large 03');
    const whole = plant.begin(writeRegisters(20, [0x4128, 0]));
    expect(plant.say(writeRegisters(20, [0x4120, 0]))).toBe(Allow);
    expect(plant.say(writeRegisters(20, [0x4118, 0]))).toBe('step-too-large 03');
    plant.device.endWrite(whole, 'done');
    const half = plant.begin(writeRegister(21, 0));
    expect(plant.say(writeRegisters(20, [0x4128, 0]))).toBe('state-unknown 03');
    plant.device.endWrite(half, 'unchanged');
    expect(plant.say(writeRegisters(20, [0x4128, 0]))).toBe(Allow);
    plant.write(writeRegister(21, 0));
    expect(plant.say(writeRegisters(20, [0x4128, 0]))).toBe('state-unknown 03');
  });

  test('is one of every field that has a rule', () => {
    const fields = [rule({ bits: { first: 0, last: 7 } }), rule({ bits: { first: 8, last: 15 } })];
    const plant = plantFor(profileOf([permit([6], { values: fields, ...steps(5) })]));
    plant.see(read(3, 40), [0x1010]);
    expect(plant.say(writeRegister(40, 0x1515))).toBe(Allow);
    expect(plant.say(writeRegister(40, 0x1610))).toBe('step-too-large 03');
    expect(plant.say(writeRegister(40, 0x1016))).toBe('step-too-large 03');
  });

  test('needs a value as fresh as the model says, from when its read was sent', () => {
    const plant = plantFor(profileOf([permit([6], steps(5, undefined, 10_000))]));
    const asked = { at: plant.now, moment: plant.device.moment() };
    plant.wait(4_000);
    plant.device.observe(read(3, 40), Uint8Array.of(0, 20), 0, asked.at, asked.moment);
    plant.wait(6_000);
    expect(plant.say(writeRegister(40, 20))).toBe(Allow);
    plant.wait(1);
    expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
    plant.see(read(3, 40), [20]);
    plant.write(writeRegister(40, 22));
    plant.wait(10_000);
    expect(plant.say(writeRegister(40, 27))).toBe(Allow);
    plant.wait(1);
    expect(plant.say(writeRegister(40, 22))).toBe('state-unknown 03');
  });

  test('may be unknown where the permission says so, and is judged all the same when it is known', () => {
    const plant = plantFor(profileOf([permit([6], { ...steps(5), unknown: 'allow' })]));
    expect(plant.say(writeRegister(40, 9999))).toBe(Allow);
    const sent = plant.begin(writeRegister(40, 20));
    expect(plant.say(writeRegister(40, 26))).toBe('step-too-large 03');
    plant.device.endWrite(sent, 'done');
    expect(plant.say(writeRegister(40, 26))).toBe('step-too-large 03');
    expect(plant.say(writeRegister(40, 25))).toBe(Allow);
  });

  test('that may be unknown is still judged by what was last sent: two writes at once open no way to a third', () => {
    const plant = plantFor(profileOf([permit([6], { ...steps(5, undefined, 10_000), unknown: 'allow' })]));
    plant.see(read(3, 40), [20]);
    const both = [plant.begin(writeRegister(40, 20)), plant.begin(writeRegister(40, 21))];
    for (const sent of both) plant.device.endWrite(sent, 'done');
    expect(plant.device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    expect(plant.say(writeRegister(40, 9999))).toBe('step-too-large 03');
    expect(plant.say(writeRegister(40, 26))).toBe(Allow);
    plant.wait(10_001);
    expect(plant.say(writeRegister(40, 9999))).toBe(Allow);
  });

  test('waits for the end of some when very many writes of a value are under way', () => {
    const plant = plantFor(profileOf([permit([6], steps(5))]));
    plant.see(read(3, 40), [20]);
    const all = Array.from({ length: 33 }, () => plant.begin(writeRegister(40, 20)));
    expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
    plant.device.endWrite(all[0]!, 'unchanged');
    expect(plant.say(writeRegister(40, 20))).toBe(Allow);
  });
});

describe('a sum of steps', () => {
  const drifting = profileOf([permit([6, 16], steps(5, 12))]);

  test('counts what every client adds, in both directions, for a minute', () => {
    const plant = plantFor(drifting);
    plant.see(read(3, 40), [20]);
    plant.write(writeRegister(40, 25));
    plant.write(writeRegister(40, 20));
    expect(plant.say(writeRegister(40, 22))).toBe(Allow);
    expect(plant.say(writeRegister(40, 23))).toBe('drift-too-large 06');
    plant.wait(60_000);
    expect(plant.say(writeRegister(40, 23))).toBe('drift-too-large 06');
    plant.wait(1_000);
    expect(plant.say(writeRegister(40, 25))).toBe(Allow);
  });

  test('counts a write under way, and one that the server refused', () => {
    const plant = plantFor(drifting);
    plant.see(read(3, 40), [20]);
    const sent = plant.begin(writeRegister(40, 25));
    plant.device.endWrite(sent, 'unchanged');
    plant.begin(writeRegister(40, 25));
    expect(plant.say(writeRegister(40, 22))).toBe('drift-too-large 06');
  });

  test('counts writes under permissions that have no such limit', () => {
    const plant = plantFor(profileOf([permit([6], steps(undefined, 12)), permit([16])]));
    plant.see(read(3, 40), [20]);
    plant.write(writeRegisters(40, [30]));
    expect(plant.say(writeRegister(40, 32))).toBe(Allow);
    expect(plant.say(writeRegister(40, 33))).toBe('drift-too-large 06');
  });

  test('is unknown for a minute after a write whose step is not known', () => {
    const plant = plantFor(profileOf([permit([6], steps(5, 12)), permit([22])]));
    plant.write(maskWrite(40, 0xfffe, 1));
    plant.see(read(3, 40), [20]);
    plant.wait(59_999);
    expect(plant.say(writeRegister(40, 21))).toBe('state-unknown 03');
    plant.wait(1);
    expect(plant.say(writeRegister(40, 21))).toBe(Allow);
  });

  test('of a value in several registers is one sum, and half a write leaves it unknown', () => {
    const plant = plantFor(profileOf([permit([16], { ...head, ...steps(undefined, 1) }), permit([6])]));
    plant.see(read(3, 20, 4), [0x4120, 0, 0x4120, 0]);
    plant.write(writeRegisters(20, [0x4128, 0, 0x4124, 0]));
    expect(plant.say(writeRegisters(20, [0x4130, 0]))).toBe(Allow);
    expect(plant.say(writeRegisters(20, [0x4131, 0]))).toBe('drift-too-large 06');
    expect(plant.say(writeRegisters(22, [0x4130, 0]))).toBe(Allow);
    plant.write(writeRegister(23, 0));
    expect(plant.say(writeRegisters(20, [0x4130, 0]))).toBe(Allow);
    expect(plant.say(writeRegisters(22, [0x4124, 0]))).toBe('state-unknown 03');
  });
});

describe('an interval', () => {
  const spaced = profileOf([permit([6, 16], { minInterval: 5_000 }), permit([5, 22])]);

  test('is measured from when the last write was sent, whatever became of it', () => {
    const plant = plantFor(spaced);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.device.endWrite(plant.begin(writeRegister(40, 1)), 'unchanged');
    plant.wait(4_999);
    expect(plant.say(writeRegister(40, 1))).toBe('too-soon 06');
    expect(plant.say(writeRegisters(39, [1, 1]))).toBe('too-soon 06');
    expect(plant.say(writeRegister(41, 1))).toBe(Allow);
    plant.wait(1);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('counts writes by other functions, and keeps tables apart', () => {
    const plant = plantFor(spaced);
    plant.write(writeCoil(40, true));
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.write(maskWrite(40, 0, 1));
    expect(plant.say(writeRegister(40, 1))).toBe('too-soon 06');
  });

  test('is unknown until it has passed once since somebody watches', () => {
    const plant = plantFor(spaced, { since: 1_000_000, now: 1_000_000 });
    plant.wait(4_999);
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
    plant.wait(1);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('that is unknown may be excused; one that is known may not', () => {
    const lenient = profileOf([permit([6], { minInterval: 5_000, unknown: 'allow' })]);
    const plant = plantFor(lenient, { since: 1_000_000, now: 1_000_000 });
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.begin(writeRegister(40, 1));
    expect(plant.say(writeRegister(40, 1))).toBe('too-soon 06');
  });
});

describe('a budget', () => {
  const budgeted = profileOf([permit([6], { writesPerMinute: 2 }), permit([16])]);

  test('is spent by all clients and functions together, until a minute has passed', () => {
    const plant = plantFor(budgeted);
    plant.write(writeRegister(40, 1));
    plant.wait(30_000);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.begin(writeRegisters(38, [1, 1, 1, 1]));
    expect(plant.say(writeRegister(40, 1))).toBe('budget-spent 06');
    expect(plant.say(writeRegister(41, 1))).toBe(Allow);
    plant.wait(30_000);
    expect(plant.say(writeRegister(40, 1))).toBe('budget-spent 06');
    plant.wait(1_000);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('is unknown until a minute has passed since somebody counts', () => {
    const plant = plantFor(budgeted, { since: 1_000_000, now: 1_000_000 });
    plant.wait(59_999);
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
    plant.wait(1);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('that is unknown may be excused; what was counted may not', () => {
    const lenient = profileOf([permit([6], { writesPerMinute: 1, unknown: 'allow' })]);
    const plant = plantFor(lenient, { since: 1_000_000, now: 1_000_000 });
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.write(writeRegister(40, 1));
    expect(plant.say(writeRegister(40, 1))).toBe('budget-spent 06');
  });
});

describe('an interlock', () => {
  const pump = { functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 10_000 };
  const profile = profileOf([permit([6], { interlocks: [pump] })]);

  test('refuses until its reading is known', () => {
    const plant = plantFor(profile);
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
    plant.seeBits(read(2, 8, 8), 0b0001_0000);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('refuses while the reading is another', () => {
    const plant = plantFor(profile);
    plant.seeBits(read(2, 8, 8), 0b1110_1111);
    expect(plant.say(writeRegister(40, 1))).toBe('interlock 03');
  });

  test('refuses when the read was sent too long ago', () => {
    const plant = plantFor(profile);
    const asked = { at: plant.now, moment: plant.device.moment() };
    plant.wait(9_000);
    plant.device.observe(read(2, 12), Uint8Array.of(1), 0, asked.at, asked.moment);
    plant.wait(1_000);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.wait(1);
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
  });

  test('takes no other table, unit or address for its own', () => {
    const plant = plantFor(profile);
    plant.seeBits(read(1, 12), 1);
    plant.seeBits(read(2, 12, 1, 2), 1);
    plant.seeBits(read(2, 13), 1);
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
  });

  test('is not made unknown by a write, where what is unknown may pass', () => {
    const run = { functionCode: 1, unit: 1, address: 12, is: 1, noOlderThan: 10_000 };
    const lenient = profileOf([permit([6], { interlocks: [run], unknown: 'allow' }), permit([5])]);
    const plant = plantFor(lenient);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    plant.seeBits(read(1, 12), 0);
    plant.device.endWrite(plant.begin(writeCoil(12, false)), 'unknown');
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
    plant.wait(10_001);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('of several, each must hold', () => {
    const valve = { functionCode: 4, unit: 1, address: 3, is: 7, noOlderThan: 10_000 };
    const plant = plantFor(profileOf([permit([6], { interlocks: [pump, valve] })]));
    plant.seeBits(read(2, 12), 1);
    expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
    plant.see(read(4, 3), [8]);
    expect(plant.say(writeRegister(40, 1))).toBe('interlock 03');
    plant.see(read(4, 3), [7]);
    expect(plant.say(writeRegister(40, 1))).toBe(Allow);
  });

  test('guards whatever else may change something, and no read', () => {
    const guarded = permit([3, 8], { subFunctions: [1], interlocks: [pump] });
    const plant = plantFor(profileOf([guarded]));
    expect(plant.say(read(3, 0))).toBe(Allow);
    expect(plant.say(diagnostics(1))).toBe('state-unknown 03');
    plant.seeBits(read(2, 12), 1);
    expect(plant.say(diagnostics(1))).toBe(Allow);
  });

  describe('on a coil that clients write', () => {
    const coil = { ...pump, functionCode: 1 };
    const on = (unknown: 'refuse' | 'allow') =>
      profileOf([permit([6], { interlocks: [coil], unknown }), permit([5])]);

    test('is not satisfied by a written value', () => {
      const plant = plantFor(on('refuse'));
      plant.write(writeCoil(12, true));
      expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
      plant.seeBits(read(1, 12), 1);
      expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    });

    test('is broken by one, even where the unknown is excused', () => {
      const plant = plantFor(on('allow'));
      expect(plant.say(writeRegister(40, 1))).toBe(Allow);
      plant.write(writeCoil(12, false));
      expect(plant.say(writeRegister(40, 1))).toBe('interlock 03');
      plant.wait(10_001);
      expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    });

    test('is not judged while one is under way', () => {
      for (const unknown of ['refuse', 'allow'] as const) {
        const plant = plantFor(on(unknown));
        plant.seeBits(read(1, 12), 1);
        const sent = plant.begin(writeCoil(12, true));
        expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
        plant.device.endWrite(sent, 'unchanged');
        expect(plant.say(writeRegister(40, 1))).toBe(Allow);
      }
    });
  });
});

test('a device that does not watch the profile refuses what needs it', () => {
  const pump = { functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 10_000 };
  const limits = [steps(5), { minInterval: 1 }, { writesPerMinute: 1 }, { interlocks: [pump] }];
  for (const limit of limits) {
    const profile = profileOf([permit([6], limit)]);
    expect(say(decide(profile, writeRegister(1, 1), createDeviceState('direct'), 0))).toBe(
      'state-unknown 03',
    );
  }
});

test('of several reasons in one permission the value comes before what is known of the server', () => {
  const plant = plantFor(profileOf([permit([6], { ...within(0, 35), ...steps(5), minInterval: 1_000 })]));
  plant.see(read(3, 40), [20]);
  plant.begin(writeRegister(40, 20));
  expect(plant.say(writeRegister(40, 36))).toBe('value-out-of-range 03');
  expect(plant.say(writeRegister(40, 30))).toBe('step-too-large 03');
  expect(plant.say(writeRegister(40, 21))).toBe('too-soon 06');
});
