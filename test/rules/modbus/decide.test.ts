import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../rules/modbus/decide.ts';
import { createDeviceState } from '../../../rules/modbus/device-state.ts';
import type { Request } from '../../../rules/modbus/request.ts';
import type { CoilAlias, ModbusPermission, ModbusProfile, ValueRule } from '../../../rules/policy.ts';
import type { Verdict } from '../../../rules/verdict.ts';
import { anyPermission, smallRequest } from './arbitraries.ts';
import {
  maskWrite,
  permit,
  profileOf,
  read,
  readWrite,
  writeCoil,
  writeRegister,
  writeRegisters,
} from './builders.ts';

const Allow = 'allow';

/** Filter head in metres: one f32 in registers 20 and 21, another in 22 and 23. */
const head: Partial<ModbusPermission> & { readonly value: ValueRule } = {
  addresses: [{ first: 20, last: 23 }],
  value: { type: 'f32', words: 'big', min: 0, max: 12.5, allowed: [] },
};

const Interlocked = { functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 10_000 };

describe('decide', () => {
  test.for<[string, ModbusPermission[], Request, string]>([
    // function, unit, address, quantity
    ['nothing is permitted by an empty profile', [], read(3, 0), 'fc-not-allowed 01'],
    ['a permitted read', [permit([3])], read(3, 0, 100), Allow],
    ['another function', [permit([3])], read(4, 0), 'fc-not-allowed 01'],
    ['another unit', [permit([3])], read(3, 0, 1, 2), 'unit-not-allowed 01'],
    ['unit 0 where it is not listed', [permit([6])], writeRegister(0, 0, 0), 'unit-not-allowed 01'],
    ['unit 0 where it is', [permit([6], { units: [0] })], writeRegister(0, 0, 0), Allow],
    ['unit 255 where it is not listed', [permit([6])], writeRegister(0, 0, 255), 'unit-not-allowed 01'],
    ['the last address', [permit([3])], read(3, 99), Allow],
    ['one address too far', [permit([3])], read(3, 99, 2), 'address-out-of-range 02'],
    ['an address in front', [permit([3], between(10, 20))], read(3, 9, 2), 'address-out-of-range 02'],
    ['the whole space', [permit([3], between(0, 65535))], read(3, 65535), Allow],
    ['a quantity at its limit', [permit([3], { maxQuantity: 60 })], read(3, 0, 60), Allow],
    ['a quantity above it', [permit([3], { maxQuantity: 60 })], read(3, 0, 61), 'quantity-out-of-range 02'],
    [
      'two ranges that touch are not one',
      [permit([3], { addresses: [range(0, 9), range(10, 19)] })],
      read(3, 9, 2),
      'address-out-of-range 02',
    ],
    [
      'two permissions that touch are not one',
      [permit([3], between(0, 9)), permit([3], between(10, 19))],
      read(3, 9, 2),
      'address-out-of-range 02',
    ],
    ['the second permission may allow', [permit([3], between(0, 9)), permit([3])], read(3, 9, 2), Allow],
    ['write permission does not permit reading', [permit([6])], read(3, 0), 'fc-not-allowed 01'],

    // values
    ['a value in its range', [permit([6], within(0, 35))], writeRegister(40, 35), Allow],
    ['a value above it', [permit([6], within(0, 35))], writeRegister(40, 36), 'value-out-of-range 03'],
    [
      'every register of a write is judged',
      [permit([16], within(0, 35))],
      writeRegisters(0, [1, 2, 36]),
      'value-out-of-range 03',
    ],
    [
      'a coil that may only be switched on',
      [permit([5], { value: rule({ allowed: [1] }) })],
      writeCoil(1, true),
      Allow,
    ],
    [
      '… and not off',
      [permit([5], { value: rule({ allowed: [1] }) })],
      writeCoil(1, false),
      'value-out-of-range 03',
    ],
    [
      '… nor in company',
      [permit([15], { value: rule({ allowed: [1] }) })],
      coils(0, 2, 0b01),
      'value-out-of-range 03',
    ],

    // values that span registers
    ['an f32 in its range', [permit([16], head)], writeRegisters(20, [0x4148, 0]), Allow],
    ['an f32 above it', [permit([16], head)], writeRegisters(20, [0x4148, 1]), 'value-out-of-range 03'],
    ['NaN', [permit([16], head)], writeRegisters(20, [0x7fc0, 0]), 'value-out-of-range 03'],
    ['negative Infinity', [permit([16], head)], writeRegisters(20, [0xff80, 0]), 'value-out-of-range 03'],
    ['two f32 in one write', [permit([16], head)], writeRegisters(20, [0, 0, 0x4148, 0]), Allow],
    [
      'the second of two f32 above',
      [permit([16], head)],
      writeRegisters(20, [0, 0, 0x4149, 0]),
      'value-out-of-range 03',
    ],
    ['the first half of an f32', [permit([6, 16], head)], writeRegister(20, 0), 'torn-write 03'],
    ['the second half of an f32', [permit([16], head)], writeRegisters(21, [0]), 'torn-write 03'],
    ['halves of two f32', [permit([16], head)], writeRegisters(21, [0, 0]), 'torn-write 03'],
    ['one and a half f32', [permit([16], head)], writeRegisters(20, [0, 0, 0]), 'torn-write 03'],
    ['a mask write into an f32', [permit([22], head)], maskWrite(20, 0, 0), 'torn-write 03'],
    [
      'a coil with a value of two registers',
      [permit([5, 15], { value: head.value })],
      coils(0, 2, 0),
      'torn-write 03',
    ],
    [
      'words the other way round',
      [permit([16], { value: rule({ type: 'u32', words: 'little', max: 9 }) })],
      writeRegisters(0, [9, 0]),
      Allow,
    ],

    // function code 22
    ['a mask write within its reach', [permit([22], within(0x05, 0xf7))], maskWrite(4, 0xf2, 0x25), Allow],
    ['… one below', [permit([22], within(0x06, 0xf7))], maskWrite(4, 0xf2, 0x25), 'value-out-of-range 03'],
    ['… one above', [permit([22], within(0x05, 0xf6))], maskWrite(4, 0xf2, 0x25), 'value-out-of-range 03'],
    [
      'a mask write against a list',
      [permit([22], { value: rule({ allowed: [5, 247] }) })],
      maskWrite(4, 0xf2, 0x25),
      'value-out-of-range 03',
    ],
    [
      'a mask write that leaves nothing open',
      [permit([22], { value: rule({ allowed: [5] }) })],
      maskWrite(4, 0, 5),
      Allow,
    ],
    ['a mask write with no value rule', [permit([22])], maskWrite(4, 0xfffe, 1), Allow],
    ['permission for 6 does not permit 22', [permit([6])], maskWrite(4, 0xfffe, 1), 'fc-not-allowed 01'],

    // function code 23
    [
      'both halves permitted',
      [permit([23], { readAddresses: [range(0, 9)] })],
      readWrite(0, 10, 20, [1]),
      Allow,
    ],
    [
      'the read half outside',
      [permit([23], { readAddresses: [range(0, 9)] })],
      readWrite(0, 11, 20, [1]),
      'address-out-of-range 02',
    ],
    [
      'the write half outside',
      [permit([23], { readAddresses: [range(0, 9)] })],
      readWrite(0, 1, 99, [1, 2]),
      'address-out-of-range 02',
    ],
    [
      'addresses do not permit the read half',
      [permit([23])],
      readWrite(0, 1, 20, [1]),
      'address-out-of-range 02',
    ],
    [
      'the written value is judged',
      [permit([23], { readAddresses: [range(0, 9)], ...within(0, 5) })],
      readWrite(0, 1, 20, [6]),
      'value-out-of-range 03',
    ],
    [
      'the quantity read is judged',
      [permit([23], { readAddresses: [range(0, 9)], maxQuantity: 2 })],
      readWrite(0, 3, 20, [6]),
      'quantity-out-of-range 02',
    ],
    [
      'two permissions do not share the halves',
      [
        permit([23], { readAddresses: [range(0, 9)], ...between(50, 59) }),
        permit([23], { readAddresses: [range(50, 59)] }),
      ],
      readWrite(0, 1, 20, [1]),
      'address-out-of-range 02',
    ],
    [
      'permission for 3 and 16 does not permit 23',
      [permit([3, 16])],
      readWrite(0, 1, 20, [1]),
      'fc-not-allowed 01',
    ],
  ])('%s', ([, permissions, request, expected]) => {
    expect(say(judge(profileOf(permissions), request))).toBe(expected);
  });

  test('an allow names the permission that allowed', () => {
    const permissions = [permit([3], between(0, 9)), permit([3], { line: 42, name: 'levels' })];
    expect(judge(profileOf(permissions), read(3, 50))).toEqual({
      kind: 'allow',
      permission: { index: 1, line: 42, name: 'levels' },
    });
  });

  test('a refusal names the permission that came closest, wherever it stands', () => {
    const close = permit([6], { line: 7, name: 'dose', ...within(0, 35) });
    const far = [permit([6], { units: [9] }), permit([6], between(200, 210))];
    for (const permissions of [
      [close, ...far],
      [...far, close],
    ]) {
      expect(judge(profileOf(permissions), writeRegister(40, 36))).toMatchObject({
        reason: 'value-out-of-range',
        permission: { line: 7, name: 'dose' },
      });
    }
  });

  describe('on what is known of the device', () => {
    const step = permit([6, 16], { maxStep: 5 });

    test('a step is measured from the last value read', () => {
      const plant = deviceFor(profileOf([step]));
      expect(plant.say(writeRegister(40, 20))).toBe('state-unknown 03');
      plant.observe(read(3, 40), [20]);
      expect(plant.say(writeRegister(40, 25))).toBe(Allow);
      expect(plant.say(writeRegister(40, 15))).toBe(Allow);
      expect(plant.say(writeRegister(40, 26))).toBe('step-too-large 03');
    });

    test('a step is measured from the last value written, once the server has confirmed it', () => {
      const plant = deviceFor(profileOf([step]));
      plant.observe(read(3, 40), [20]);
      const sent = plant.begin(writeRegister(40, 25));
      expect(plant.say(writeRegister(40, 25))).toBe('state-unknown 03');
      plant.device.endWrite(sent, 'done');
      expect(plant.say(writeRegister(40, 30))).toBe(Allow);
      expect(plant.say(writeRegister(40, 31))).toBe('step-too-large 03');
    });

    test('every register of a write has its own step, and one unknown refuses all', () => {
      const plant = deviceFor(profileOf([step]));
      plant.observe(read(3, 40, 2), [20, 100]);
      expect(plant.say(writeRegisters(40, [25, 95]))).toBe(Allow);
      expect(plant.say(writeRegisters(40, [25, 94]))).toBe('step-too-large 03');
      expect(plant.say(writeRegisters(40, [25, 95, 0]))).toBe('state-unknown 03');
    });

    test('a step of an f32 is measured between whole values', () => {
      const plant = deviceFor(profileOf([permit([16], { ...head, maxStep: 0.5 })]));
      expect(plant.say(writeRegisters(20, [0x4120, 0]))).toBe('state-unknown 03');
      plant.observe(read(3, 20), [0x4120]);
      expect(plant.say(writeRegisters(20, [0x4120, 0]))).toBe('state-unknown 03');
      plant.observe(read(3, 20, 2), [0x4120, 0]);
      expect(plant.say(writeRegisters(20, [0x4128, 0]))).toBe(Allow);
      expect(plant.say(writeRegisters(20, [0x4129, 0]))).toBe('step-too-large 03');
    });

    test('a mask write passes a step only with all it can reach', () => {
      const plant = deviceFor(profileOf([permit([22], { maxStep: 5 })]));
      plant.observe(read(3, 40), [8]);
      expect(plant.say(maskWrite(40, 0, 13))).toBe(Allow);
      expect(plant.say(maskWrite(40, 0x0003, 0x0008))).toBe(Allow);
      expect(plant.say(maskWrite(40, 0x0007, 0x0008))).toBe('step-too-large 03');
    });

    test('an interval is measured from when the last write was sent, whatever became of it', () => {
      const plant = deviceFor(profileOf([permit([6, 16], { minInterval: 5_000 }), permit([5])]));
      expect(plant.say(writeRegister(40, 1))).toBe(Allow);
      plant.device.endWrite(plant.begin(writeRegister(40, 1)), 'unchanged');
      plant.wait(4_999);
      expect(plant.say(writeRegister(40, 1))).toBe('too-soon 06');
      expect(plant.say(writeRegisters(39, [1, 1]))).toBe('too-soon 06');
      expect(plant.say(writeRegister(41, 1))).toBe(Allow);
      plant.wait(1);
      expect(plant.say(writeRegister(40, 1))).toBe(Allow);
    });

    test('an interval counts writes by other functions and to other tables by their own', () => {
      const plant = deviceFor(profileOf([permit([6], { minInterval: 5_000 }), permit([22]), permit([5])]));
      plant.device.endWrite(plant.begin(writeCoil(40, true)), 'done');
      expect(plant.say(writeRegister(40, 1))).toBe(Allow);
      plant.device.endWrite(plant.begin(maskWrite(40, 0, 1)), 'done');
      expect(plant.say(writeRegister(40, 1))).toBe('too-soon 06');
    });

    describe('an interlock', () => {
      const profile = profileOf([permit([6], { interlock: Interlocked })]);

      test('refuses until its reading is known', () => {
        const plant = deviceFor(profile);
        expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
        plant.observeBits(read(2, 8, 8), 0b0001_0000);
        expect(plant.say(writeRegister(40, 1))).toBe(Allow);
      });

      test('refuses while the reading is another', () => {
        const plant = deviceFor(profile);
        plant.observeBits(read(2, 8, 8), 0b1110_1111);
        expect(plant.say(writeRegister(40, 1))).toBe('interlock 03');
      });

      test('refuses when the reading is too old', () => {
        const plant = deviceFor(profile);
        plant.observeBits(read(2, 12), 1);
        plant.wait(10_000);
        expect(plant.say(writeRegister(40, 1))).toBe(Allow);
        plant.wait(1);
        expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
      });

      test('takes no other table, unit or address for its own', () => {
        const plant = deviceFor(profile);
        plant.observeBits(read(1, 12), 1);
        plant.observeBits(read(2, 12, 1, 2), 1);
        plant.observeBits(read(2, 13), 1);
        expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
      });

      test('takes a written value for no reading', () => {
        const coil = { ...Interlocked, functionCode: 1 };
        const plant = deviceFor(profileOf([permit([6], { interlock: coil }), permit([5])]));
        plant.device.endWrite(plant.begin(writeCoil(12, true)), 'done');
        expect(plant.say(writeRegister(40, 1))).toBe('state-unknown 03');
        plant.observeBits(read(1, 12), 1);
        expect(plant.say(writeRegister(40, 1))).toBe(Allow);
      });
    });

    test('a device that does not watch the profile refuses what needs it', () => {
      const limits = [{ maxStep: 5 }, { minInterval: 1 }, { interlock: Interlocked }];
      for (const limit of limits) {
        const profile = profileOf([permit([6], limit)]);
        expect(say(decide(profile, writeRegister(1, 1), createDeviceState(), 0))).toBe('state-unknown 03');
      }
    });
  });

  describe('a coil that is a bit of a register', () => {
    const alias: CoilAlias = { coil: 64, register: 40, bit: 15, name: 'dose inhibit' };

    test.for<[string, ModbusPermission[], Request, string]>([
      ['has no door of its own', [permit([5, 6])], writeCoil(64, true), 'alias-guarded 02'],
      ['… nor among other coils', [permit([15])], coils(60, 8, 0), 'alias-guarded 02'],
      ['leaves its neighbours alone', [permit([5])], writeCoil(63, true), Allow],
      ['leaves its neighbours alone together', [permit([15])], coils(56, 8, 0xff), Allow],
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
      ['needs its own permission too', [permit([22])], writeCoil(64, true), 'fc-not-allowed 01'],
      ['may be read', [permit([1])], read(1, 64), Allow],
    ])('%s', ([, permissions, request, expected]) => {
      expect(say(judge(profileOf(permissions, {}, [alias]), request))).toBe(expected);
    });
  });

  test('one more permission never refuses what was allowed', () => {
    const permissions = fc.array(anyPermission, { maxLength: 4 });
    fc.assert(
      fc.property(permissions, anyPermission, fc.nat(4), smallRequest, (some, one, place, request) => {
        if (judge(profileOf(some), request).kind === 'refuse') return;
        const more = some.toSpliced(Math.min(place, some.length), 0, one);
        expect(judge(profileOf(more), request).kind).toBe('allow');
      }),
      { numRuns: 3000 },
    );
  });

  test('the order of permissions never decides', () => {
    fc.assert(
      fc.property(fc.array(anyPermission, { maxLength: 4 }), smallRequest, (permissions, request) => {
        const verdict = judge(profileOf(permissions), request);
        const reversed = judge(profileOf(permissions.toReversed()), request);
        expect(say(reversed)).toBe(say(verdict));
      }),
      { numRuns: 3000 },
    );
  });

  test('whatever is allowed, one permission covers it in every part', () => {
    fc.assert(
      fc.property(fc.array(anyPermission, { maxLength: 4 }), smallRequest, (permissions, request) => {
        const verdict = judge(profileOf(permissions), request);
        if (verdict.kind === 'refuse') return;
        const permission = permissions[verdict.permission.index]!;
        expect(permission.functions).toContain(request.functionCode);
        expect(permission.units).toContain(request.unit);
        expect(isInside(permission, request)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Written the slow way round, address by address, to check the quick one. */
function isInside(permission: ModbusPermission, request: Request): boolean {
  const has = (ranges: ModbusPermission['addresses'], first: number, count: number): boolean =>
    ranges.some((each) =>
      Array.from({ length: count }, (_, index) => first + index).every(
        (at) => at >= each.first && at <= each.last,
      ),
    );
  switch (request.functionCode) {
    case 5:
    case 6:
    case 22:
      return has(permission.addresses, request.address, 1);
    case 16:
      return has(permission.addresses, request.address, request.registers.length);
    case 23:
      return (
        has(permission.readAddresses, request.readAddress, request.readQuantity) &&
        has(permission.addresses, request.address, request.registers.length)
      );
    default:
      return has(permission.addresses, request.address, request.quantity);
  }
}

function judge(profile: ModbusProfile, request: Request): Verdict {
  const device = createDeviceState();
  device.watch(profile);
  return decide(profile, request, device, 0);
}

function say(verdict: Verdict): string {
  return verdict.kind === 'allow' ? Allow : `${verdict.reason} 0${verdict.exceptionCode}`;
}

function deviceFor(profile: ModbusProfile) {
  const device = createDeviceState();
  device.watch(profile);
  let now = 1_000_000;
  return {
    device,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    say: (request: Request) => say(decide(profile, request, device, now)),
    observe: (request: Request, words: readonly number[]) =>
      device.observe(
        request,
        Uint8Array.from(words.flatMap((word) => [word >> 8, word])),
        now,
        device.moment(),
      ),
    observeBits: (request: Request, bits: number) =>
      device.observe(request, Uint8Array.of(bits), now, device.moment()),
    begin(request: Request) {
      if (request.functionCode <= 4) throw new Error('not a write');
      return device.beginWrite(request as Parameters<typeof device.beginWrite>[0], now);
    },
  };
}

function rule(rest: Partial<ValueRule>): ValueRule {
  return { type: 'u16', words: 'big', min: undefined, max: undefined, allowed: [], ...rest };
}

function within(min: number, max: number): Partial<ModbusPermission> {
  return { value: rule({ min, max }) };
}

function between(first: number, last: number): Partial<ModbusPermission> {
  return { addresses: [range(first, last)] };
}

function range(first: number, last: number) {
  return { first, last };
}

function coils(address: number, quantity: number, bits: number): Request {
  return { functionCode: 15, unit: 1, address, quantity, bits: Uint8Array.of(bits) };
}
