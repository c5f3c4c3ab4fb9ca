import { describe, expect, test } from 'vitest';
import type { Request } from '../../../../rules/modbus/message/request.ts';
import type { CoilAlias, ModbusPermission } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { Allow, between, judge, plantFor, rule, say, within } from '../judging.ts';
import { maskWrite, read, writeCoil, writeCoils, writeRegister } from '../request-builders.ts';

/** Two bits of the dose register, and one of another. */
const aliases: readonly CoilAlias[] = [
  { coil: 65, register: 40, bit: 0, name: 'dose fine' },
  { coil: 64, register: 40, bit: 15, name: 'dose inhibit' },
  { coil: 70, register: 41, bit: 3, name: 'other' },
];

describe('a coil that is a bit of a register', () => {
  test.for<[string, ModbusPermission[], Request, string]>([
    ['has no door of its own', [permit([5, 6])], writeCoil(64, true), 'alias-guarded 02'],
    ['… nor among other coils', [permit([15])], coils(60, 8), 'alias-guarded 02'],
    ['leaves its neighbours alone', [permit([5])], writeCoil(63, true), Allow],
    ['leaves its neighbours alone together', [permit([15])], coils(56, 8), Allow],
    ['… on the other side as well', [permit([15])], coils(66, 4), Allow],
    ['opens with the mask write', [permit([5, 22])], writeCoil(64, true), Allow],
    [
      '… for the register it is in',
      [permit([5]), permit([22], between(41, 50))],
      writeCoil(64, true),
      'alias-guarded 02',
    ],
    [
      '… in the values it may take',
      [permit([5]), permit([22], within(0, 35))],
      writeCoil(64, false),
      'alias-guarded 02',
    ],
    [
      '… for the same unit',
      [permit([5], { units: [1, 2] }), permit([22])],
      writeCoil(64, false, 2),
      'alias-guarded 02',
    ],
    [
      '… for every register of the write',
      [permit([15]), permit([22], between(40, 40))],
      coils(64, 7),
      'alias-guarded 02',
    ],
    ['… and for both', [permit([15, 22])], coils(64, 7), Allow],
    ['needs its own permission too', [permit([22])], writeCoil(64, true), 'fc-not-allowed 01'],
    ['may be read', [permit([1])], read(1, 64), Allow],
    [
      'is judged as the bit it is, when it is set',
      [permit([5]), permit([22], sign(1))],
      writeCoil(64, true),
      Allow,
    ],
    [
      '… and when it is cleared',
      [permit([5]), permit([22], sign(1))],
      writeCoil(64, false),
      'alias-guarded 02',
    ],
    [
      'is judged by the register alone: a rule for the coil adds to it',
      [permit([5], within(0, 0)), permit([22])],
      writeCoil(64, true),
      'value-out-of-range 03',
    ],
    [
      'does not guard its register',
      [permit([5], within(0, 0)), permit([6])],
      writeRegister(40, 0x8000),
      Allow,
    ],
    [
      '… by whatever function',
      [permit([5], within(0, 0)), permit([22])],
      maskWrite(40, 0x7fff, 0x8000),
      Allow,
    ],
  ])('%s', ([, permissions, request, expected]) => {
    expect(say(judge(profileOf(permissions, {}, aliases), request))).toBe(expected);
  });

  test('counts together with the other bits that one request writes', () => {
    const ends = [
      rule({ bits: { first: 0, last: 0 }, allowed: [1] }),
      rule({ bits: { first: 15, last: 15 }, allowed: [1] }),
    ];
    const profile = profileOf([permit([5, 15]), permit([22], { values: ends })], {}, aliases);
    expect(say(judge(profile, writeCoils(64, [true, true])))).toBe(Allow);
    expect(say(judge(profile, writeCoils(64, [true, false])))).toBe('alias-guarded 02');
    expect(say(judge(profile, writeCoil(64, true)))).toBe('alias-guarded 02');
    expect(say(judge(profile, writeCoils(63, [true, true])))).toBe('alias-guarded 02');
    expect(say(judge(profile, writeCoils(65, [true, true])))).toBe('alias-guarded 02');
  });

  test('is refused under the name and the rule of the permission that has the coil', () => {
    const refusal = { action: 'drop', exceptionCodes: [] } as const;
    const profile = profileOf([permit([5], { line: 9, refusal })], {}, aliases);
    expect(judge(profile, writeCoil(64, true))).toMatchObject({
      reason: 'alias-guarded',
      action: 'drop',
      permission: { line: 9 },
    });
  });

  test('keeps the interval and the budget of its register, whichever of the two is written', () => {
    const timed = { minInterval: 5_000, writesPerMinute: 2 };
    const plant = plantFor(profileOf([permit([5, 15]), permit([6, 22], timed)], {}, aliases));
    expect(plant.say(writeCoil(64, true))).toBe(Allow);
    plant.write(writeRegister(40, 1));
    expect(plant.say(writeCoil(64, true))).toBe('alias-guarded 02');
    expect(plant.say(writeCoil(70, true))).toBe(Allow);
    plant.wait(5_000);
    plant.write(coils(64, 2));
    expect(plant.say(writeRegister(40, 1))).toBe('too-soon 06');
    plant.wait(5_000);
    expect(plant.say(writeRegister(40, 1))).toBe('budget-spent 06');
    expect(plant.say(writeCoil(65, true))).toBe('alias-guarded 02');
    expect(plant.say(writeCoil(70, true))).toBe(Allow);
  });

  test('leaves the register unknown to its steps until it is read', () => {
    const step = { step: { max: 5, maxPerMinute: 100, noOlderThan: 0 } };
    const plant = plantFor(profileOf([permit([5, 22]), permit([6], step)], {}, aliases));
    plant.see(read(3, 40), [20]);
    const sent = plant.begin(writeCoil(64, true));
    expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
    plant.device.endWrite(sent, 'done');
    expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
    plant.see(read(3, 40), [20]);
    // How far the coil has moved the register is unknown for a minute.
    expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
    plant.wait(60_000);
    expect(plant.say(writeRegister(40, 20))).toBe(Allow);
  });

  test('holds for one register by several names', () => {
    const two = [
      { coil: 64, register: 40, bit: 15, name: '' },
      { coil: 64, register: 41, bit: 0, name: '' },
    ];
    const profile = profileOf([permit([5]), permit([22], between(40, 40))], {}, two);
    expect(say(judge(profile, writeCoil(64, true)))).toBe('alias-guarded 02');
  });
});

function coils(address: number, quantity: number): Request {
  return writeCoils(address, new Array<boolean>(quantity).fill(false));
}

/** The sign bit of a register may only become this. */
function sign(bit: number): Pick<ModbusPermission, 'values'> {
  return { values: [rule({ bits: { first: 15, last: 15 }, allowed: [bit] })] };
}
