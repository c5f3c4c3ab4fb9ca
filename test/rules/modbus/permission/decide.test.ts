import { describe, expect, test } from 'vitest';
import type { Request } from '../../../../rules/modbus/message/request.ts';
import type { ModbusPermission, RefusalRule } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { Allow, between, judge, range, rule, say, within } from '../judging.ts';
import {
  maskWrite,
  read,
  readFifo,
  readWrite,
  writeCoil,
  writeCoils,
  writeFile,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

/** Filter head in metres: one f32 in registers 20 and 21, another in 22 and 23. */
const head: Partial<ModbusPermission> = {
  addresses: [range(20, 23)],
  values: [rule({ type: 'f32', min: 0, max: 12.5 })],
};

const files: Partial<ModbusPermission> = {
  files: [{ firstFile: 4, lastFile: 4, firstRecord: 10, lastRecord: 10 }],
};

const fours: Partial<ModbusPermission> = { values: [rule({ type: 'u64', max: 2 ** 32 })] };
const twoFields: Partial<ModbusPermission> = {
  values: [
    rule({ bits: { first: 0, last: 3 }, max: 5 }),
    rule({ bits: { first: 8, last: 11 }, allowed: [0, 2] }),
  ],
};

type Row = [string, ModbusPermission[], Request, string];

describe('decide', () => {
  test.for<Row>([
    ['nothing is permitted by an empty profile', [], read(3, 0), 'fc-not-allowed 01'],
    ['a permitted read', [permit([3])], read(3, 0, 100), Allow],
    ['another function', [permit([3])], read(4, 0), 'fc-not-allowed 01'],
    ['another unit', [permit([3])], read(3, 0, 1, 2), 'unit-not-allowed 01'],
    ['unit 0 where it is not listed', [permit([6])], writeRegister(0, 0, 0), 'unit-not-allowed 01'],
    ['unit 0 where it is', [permit([6], { units: [0] })], writeRegister(0, 0, 0), Allow],
    ['unit 255 where it is not listed', [permit([6])], writeRegister(0, 0, 255), 'unit-not-allowed 01'],
    [
      'unit 255 is not unit 0',
      [permit([6], { units: [0] })],
      writeRegister(0, 0, 255),
      'unit-not-allowed 01',
    ],
    ['the first address', [permit([3], between(10, 20))], read(3, 10), Allow],
    ['an address in front', [permit([3], between(10, 20))], read(3, 9), 'address-out-of-range 02'],
    [
      'a range that begins in front',
      [permit([3], between(10, 20))],
      read(3, 9, 2),
      'address-out-of-range 02',
    ],
    ['the last address', [permit([3])], read(3, 99), Allow],
    ['one address too far', [permit([3])], read(3, 99, 2), 'address-out-of-range 02'],
    ['the whole space', [permit([3], between(0, 65535))], read(3, 65535), Allow],
    ['a range across two pages of the index', [permit([3], between(250, 260))], read(3, 254, 7), Allow],
    ['… and one too far', [permit([3], between(250, 260))], read(3, 254, 8), 'address-out-of-range 02'],
    [
      'the second of several ranges',
      [permit([3], { addresses: [range(0, 9), range(20, 29)] })],
      read(3, 25),
      Allow,
    ],
    [
      'between several ranges',
      [permit([3], { addresses: [range(0, 9), range(20, 29)] })],
      read(3, 9, 12),
      'address-out-of-range 02',
    ],
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
    ['a quantity at its limit', [permit([3], { maxQuantity: 60 })], read(3, 0, 60), Allow],
    ['a quantity above it', [permit([3], { maxQuantity: 60 })], read(3, 0, 61), 'quantity-out-of-range 02'],
    [
      'a written quantity above it',
      [permit([15], { maxQuantity: 2 })],
      coils(0, 3),
      'quantity-out-of-range 02',
    ],
    ['write permission does not permit reading', [permit([6])], read(3, 0), 'fc-not-allowed 01'],
    ['a function listed twice', [permit([3, 3])], read(3, 0), Allow],

    // function codes 5, 15 and 24
    ['a coil write', [permit([5])], writeCoil(99, true), Allow],
    ['a coil write outside', [permit([5])], writeCoil(100, true), 'address-out-of-range 02'],
    ['coils that end outside', [permit([15])], coils(92, 9), 'address-out-of-range 02'],
    ['a queue whose pointer is permitted', [permit([24])], readFifo(99), Allow],
    ['… and another', [permit([24])], readFifo(100), 'address-out-of-range 02'],
  ])('%s', expectVerdict);

  test.for<Row>([
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
      'the quantity written is judged',
      [permit([23], { readAddresses: [range(0, 9)], maxQuantity: 2 })],
      readWrite(0, 2, 20, [6, 6, 6]),
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
    ['3 and 16 do not permit 23', [permit([3, 16])], readWrite(0, 1, 20, [1]), 'fc-not-allowed 01'],
  ])('function code 23: %s', expectVerdict);

  test.for<Row>([
    ['a value in its range', [permit([6], within(0, 35))], writeRegister(40, 35), Allow],
    ['a value above it', [permit([6], within(0, 35))], writeRegister(40, 36), 'value-out-of-range 03'],
    ['a value below it', [permit([6], within(5, 35))], writeRegister(40, 4), 'value-out-of-range 03'],
    [
      'every register of a write is judged',
      [permit([16], within(0, 35))],
      writeRegisters(0, [1, 2, 36]),
      'value-out-of-range 03',
    ],
    ['a coil that may only be switched on', [permit([5], only(1))], writeCoil(1, true), Allow],
    ['… and not off', [permit([5], only(1))], writeCoil(1, false), 'value-out-of-range 03'],
    ['… nor in company', [permit([15], only(1))], writeCoils(0, [true, false]), 'value-out-of-range 03'],
    [
      'a coil has no bytes to be swapped',
      [permit([5], { values: [rule({ bytes: 'little', allowed: [1] })] })],
      writeCoil(1, true),
      Allow,
    ],
    ['all of several rules: both hold', [permit([6], twoFields)], writeRegister(0, 0x0203), Allow],
    ['… the first does not', [permit([6], twoFields)], writeRegister(0, 0x0206), 'value-out-of-range 03'],
    ['… the second does not', [permit([6], twoFields)], writeRegister(0, 0x0303), 'value-out-of-range 03'],
    ['bits that no rule names are free', [permit([6], twoFields)], writeRegister(0, 0xf2f3), Allow],

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
    [
      'half an f32 by function code 23',
      [permit([23], { ...head, readAddresses: [range(0, 9)] })],
      readWrite(0, 1, 21, [0]),
      'torn-write 03',
    ],
    ['a mask write into an f32', [permit([22], head)], maskWrite(20, 0, 0), 'torn-write 03'],
    [
      'a mask write into an f32 that is free',
      [permit([22], { ...head, values: [rule({ type: 'f32' })] })],
      maskWrite(20, 0, 0),
      'torn-write 03',
    ],
    [
      'coils with a value of two registers',
      [permit([15], { values: head.values! })],
      coils(0, 2),
      'torn-write 03',
    ],
    [
      'an f32 is whole by the range it is in',
      [permit([16], { ...head, addresses: [range(20, 22), range(21, 24)] })],
      writeRegisters(21, [0, 0]),
      Allow,
    ],
    [
      'words the other way round',
      [permit([16], { values: [rule({ type: 'u32', words: 'little', max: 9 })] })],
      writeRegisters(0, [9, 0]),
      Allow,
    ],
    [
      'bytes the other way round',
      [permit([6], { values: [rule({ bytes: 'little', max: 9 })] })],
      writeRegister(0, 0x0900),
      Allow,
    ],
    ['a u64 of four registers', [permit([16], fours)], writeRegisters(4, [0, 1, 0, 0]), Allow],
    ['… one above', [permit([16], fours)], writeRegisters(4, [0, 1, 0, 1]), 'value-out-of-range 03'],
    ['… three quarters of it', [permit([16], fours)], writeRegisters(4, [0, 0, 0]), 'torn-write 03'],
    ['… off by two', [permit([16], fours)], writeRegisters(2, [0, 0, 0, 0]), 'torn-write 03'],
  ])('values: %s', expectVerdict);

  test.for<Row>([
    ['within its reach', [permit([22], within(0x05, 0xf7))], maskWrite(4, 0xf2, 0x25), Allow],
    ['one below', [permit([22], within(0x06, 0xf7))], maskWrite(4, 0xf2, 0x25), 'value-out-of-range 03'],
    ['one above', [permit([22], within(0x05, 0xf6))], maskWrite(4, 0xf2, 0x25), 'value-out-of-range 03'],
    ['every reachable value listed', [permit([22], only(5, 7))], maskWrite(4, 2, 5), Allow],
    ['one of them not', [permit([22], only(5, 6, 8))], maskWrite(4, 2, 5), 'value-out-of-range 03'],
    ['nothing left open', [permit([22], only(5))], maskWrite(4, 0, 5), Allow],
    ['no rule for values', [permit([22])], maskWrite(4, 0xfffe, 1), Allow],
    [
      'a field it does not touch is any value',
      [permit([22], twoFields)],
      maskWrite(4, 0xff00, 3),
      'value-out-of-range 03',
    ],
    ['all fields it touches as they may be', [permit([22], twoFields)], maskWrite(4, 0xf0f0, 0x0203), Allow],
    ['6 does not permit 22', [permit([6])], maskWrite(4, 0xfffe, 1), 'fc-not-allowed 01'],
  ])('function code 22: %s', expectVerdict);

  test('an allow names the permission that allowed', () => {
    const permissions = [permit([3], between(0, 9)), permit([3], { id: 'hmi/2', line: 42, name: 'levels' })];
    expect(judge(profileOf(permissions), read(3, 50))).toEqual({
      kind: 'allow',
      permission: { index: 1, id: 'hmi/2', line: 42, name: 'levels' },
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

  test('of several permissions as close, the first is named', () => {
    const permissions = [
      permit([6], { line: 7, ...within(0, 1) }),
      permit([6], { line: 8, ...within(0, 2) }),
    ];
    expect(judge(profileOf(permissions), writeRegister(4, 3))).toMatchObject({ permission: { line: 7 } });
  });

  describe('a broadcast', () => {
    const everything = profileOf([
      permit([3, 5, 6, 15, 16, 21, 22, 23, 24], { units: [0], ...files, readAddresses: [range(0, 9)] }),
    ]);

    test.for<[string, Request]>([
      ['a coil', writeCoil(1, true, 0)],
      ['coils', coils(1, 2, 0)],
      ['a register', writeRegister(1, 1, 0)],
      ['registers', writeRegisters(1, [1], 0)],
      ['a mask', maskWrite(1, 1, 1, 0)],
      ['a file', writeFile([{ file: 4, record: 10, values: [1] }], 0)],
    ])('may write %s behind a serial gateway', ([, request]) => {
      expect(say(judge(everything, request, 'serial-gateway'))).toBe(Allow);
    });

    test.for<[string, Request]>([
      ['read', read(3, 0, 1, 0)],
      ['read and write', readWrite(0, 1, 0, [1], 0)],
      ['read a queue', readFifo(0, 0)],
    ])('may not %s there, whatever the policy says', ([, request]) => {
      expect(say(judge(everything, request, 'serial-gateway'))).toBe('unit-not-allowed 01');
      expect(say(judge(everything, request, 'direct'))).toBe(Allow);
    });
  });

  describe('a refusal', () => {
    const codes: RefusalRule['exceptionCodes'] = [{ reason: 'value-out-of-range', code: 2 }];

    test.for<[RefusalRule['action'], number]>([
      ['exception', 2],
      ['exception-close', 2],
      ['drop', 0],
      ['reset', 0],
    ])('is answered as the profile says: %s', ([action, exceptionCode]) => {
      const profile = profileOf([permit([6], within(0, 5))], {}, [], { action, exceptionCodes: codes });
      expect(judge(profile, writeRegister(1, 6))).toMatchObject({ action, exceptionCode });
    });

    test('is answered as the closest permission says, where that says something', () => {
      const refusal = { action: 'drop', exceptionCodes: [] } as const;
      const profile = profileOf([permit([6], { ...within(0, 5), refusal }), permit([3])]);
      expect(judge(profile, writeRegister(1, 6))).toMatchObject({ action: 'drop', exceptionCode: 0 });
      expect(judge(profile, writeRegister(100, 1))).toMatchObject({ action: 'drop' });
      expect(judge(profile, read(3, 100))).toMatchObject({ action: 'exception', exceptionCode: 2 });
      expect(judge(profile, read(4, 0))).toMatchObject({ action: 'exception', exceptionCode: 1 });
    });

    test('has the usual code for every reason but those that have another', () => {
      const profile = profileOf([permit([6], within(0, 5))], {}, [], {
        action: 'exception',
        exceptionCodes: codes,
      });
      expect(judge(profile, writeRegister(100, 1))).toMatchObject({ exceptionCode: 2 });
      expect(judge(profile, read(3, 0))).toMatchObject({ exceptionCode: 1 });
    });
  });
});

function expectVerdict([, permissions, request, expected]: Row): void {
  expect(say(judge(profileOf(permissions), request))).toBe(expected);
}

function only(...allowed: readonly number[]): Pick<ModbusPermission, 'values'> {
  return { values: [rule({ allowed })] };
}

function coils(address: number, quantity: number, unit = 1): Request {
  return writeCoils(address, new Array<boolean>(quantity).fill(false), unit);
}
