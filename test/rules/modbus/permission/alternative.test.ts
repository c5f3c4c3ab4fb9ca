import { describe, expect, test } from 'vitest';
import type { Request } from '../../../../rules/modbus/message/request.ts';
import { type Alternative, nearestPermitted } from '../../../../rules/modbus/permission/alternative.ts';
import type { ModbusDevice, ModbusPermission, ModbusProfile } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { between, type Plant, plantFor, range, rule, within } from '../judging.ts';
import {
  diagnostics,
  encapsulated,
  maskWrite,
  opaque,
  read,
  readDeviceId,
  readFile,
  readWrite,
  writeCoil,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

const head = { addresses: [range(20, 23)], values: [rule({ type: 'f32', min: 0, max: 12.5 })] };
const files = [
  { firstFile: 4, lastFile: 5, firstRecord: 10, lastRecord: 19 },
  { firstFile: 9, lastFile: 9, firstRecord: 0, lastRecord: 99 },
];

describe('the nearest permitted', () => {
  test.for<[string, ModbusPermission[], Request, Alternative | undefined]>([
    [
      'for a function',
      [permit([3, 4]), permit([6]), permit([5], { units: [2] })],
      read(1, 0),
      { kind: 'functions', functionCodes: [3, 4, 6] },
    ],
    ['for a unit without any', [], read(1, 0), { kind: 'functions', functionCodes: [] }],
    [
      'for a unit',
      [permit([3], { units: [7, 2] }), permit([3], { units: [2, 5] })],
      read(3, 0),
      { kind: 'units', units: [2, 5, 7] },
    ],
    [
      'for a sub-function',
      [permit([8], { subFunctions: [2, 0] })],
      diagnostics(4),
      { kind: 'sub-functions', subFunctions: [0, 2] },
    ],
    [
      'for a MEI type',
      [permit([43], { mei: [13], subFunctions: [1] })],
      readDeviceId(1),
      { kind: 'sub-functions', subFunctions: [13] },
    ],
    [
      'for an address',
      [permit([3], between(0, 9)), permit([3], between(30, 39))],
      read(3, 25, 4),
      { kind: 'addresses', half: 'read', range: range(30, 39) },
    ],
    [
      'for a range that ends outside',
      [permit([3], between(0, 9)), permit([3], between(30, 39))],
      read(3, 8, 4),
      { kind: 'addresses', half: 'read', range: range(0, 9) },
    ],
    [
      'for an address to write',
      [permit([6], between(0, 9))],
      writeRegister(10, 1),
      { kind: 'addresses', half: 'write', range: range(0, 9) },
    ],
    [
      'for the write half',
      [permit([23], { readAddresses: [range(0, 9)] })],
      readWrite(50, 1, 100, [1]),
      { kind: 'addresses', half: 'write', range: range(0, 99) },
    ],
    [
      'for the read half',
      [permit([23], { readAddresses: [range(0, 9)] })],
      readWrite(50, 1, 10, [1]),
      { kind: 'addresses', half: 'read', range: range(0, 9) },
    ],
    [
      'for a file',
      [permit([20], { files })],
      readFile([
        { file: 9, record: 0, length: 1 },
        { file: 6, record: 10, length: 1 },
      ]),
      { kind: 'records', range: files[0]! },
    ],
    [
      'for records',
      [permit([20], { files })],
      readFile([{ file: 9, record: 99, length: 2 }]),
      { kind: 'records', range: files[1]! },
    ],
    ['for a quantity', [permit([3], { maxQuantity: 60 })], read(3, 0, 61), { kind: 'quantity', max: 60 }],
    [
      'for a size',
      [permit([100], { maxBytes: 9 }), permit([100], { maxBytes: 10 })],
      opaque(100, [1, 2, 3]),
      { kind: 'bytes', max: 10 },
    ],
    [
      'for a function without a size',
      [permit([43], { mei: [13] })],
      encapsulated(13, [1]),
      { kind: 'bytes', max: 0 },
    ],
    [
      'for a value',
      [permit([16], within(0, 35))],
      writeRegisters(40, [1, 36]),
      { kind: 'value', address: 41, type: 'u16', bits: undefined, min: 0, max: 35, allowed: [] },
    ],
    [
      'for a field of a value',
      [
        permit([6], {
          values: [rule({ max: 0xff }), rule({ bits: { first: 0, last: 3 }, allowed: [1, 2] })],
        }),
      ],
      writeRegister(4, 3),
      {
        kind: 'value',
        address: 4,
        type: 'u16',
        bits: { first: 0, last: 3 },
        min: undefined,
        max: undefined,
        allowed: [1, 2],
      },
    ],
    [
      'for a mask write',
      [permit([22], within(0, 35))],
      maskWrite(4, 0xff, 0),
      { kind: 'value', address: 4, type: 'u16', bits: undefined, min: 0, max: 35, allowed: [] },
    ],
    [
      'for half a value',
      [permit([16], head)],
      writeRegisters(21, [0]),
      { kind: 'whole-values', first: 20, last: 23, width: 2 },
    ],
    ['for what is permitted', [permit([3])], read(3, 0), undefined],
  ])('%s', ([, permissions, request, expected]) => {
    const profile = profileOf(permissions);
    expect(nearest(plantFor(profile), profile, request)).toEqual(expected);
  });

  test('for a read by broadcast is another unit', () => {
    const profile = profileOf([permit([3], { units: [0, 7] })]);
    const of = (kind: ModbusDevice['kind']) =>
      nearest(plantFor(profile, { kind }), profile, read(3, 0, 1, 0));
    expect(of('serial-gateway')).toEqual({ kind: 'units', units: [7] });
    expect(of('direct')).toBeUndefined();
  });

  test('for a step is one from the last known value, which has to be read first', () => {
    const profile = profileOf([permit([6], { step: { max: 5, maxPerMinute: undefined, noOlderThan: 0 } })]);
    const plant = plantFor(profile);
    const first = { kind: 'read-first', functionCode: 3, unit: 1, address: 40, quantity: 1 };
    expect(nearest(plant, profile, writeRegister(40, 26))).toEqual(first);
    plant.see(read(3, 40), [20]);
    expect(nearest(plant, profile, writeRegister(40, 26))).toEqual({
      kind: 'step',
      address: 40,
      last: 20,
      max: 5,
    });
    plant.begin(writeRegister(40, 25));
    expect(nearest(plant, profile, writeRegister(40, 18))).toBeUndefined();
  });

  test('for a step of a value in two registers is in the value itself', () => {
    const profile = profileOf([
      permit([16], { ...head, step: { max: 0.5, maxPerMinute: undefined, noOlderThan: 0 } }),
    ]);
    const plant = plantFor(profile);
    plant.see(read(3, 20, 2), [0x4120, 0]);
    expect(nearest(plant, profile, writeRegisters(20, [0x4138, 0]))).toEqual({
      kind: 'step',
      address: 20,
      last: 10,
      max: 0.5,
    });
  });

  test('for a sum of steps is to wait, or a smaller step', () => {
    const profile = profileOf([permit([6], { step: { max: undefined, maxPerMinute: 10, noOlderThan: 0 } })]);
    const plant = plantFor(profile, { now: 1_000_500 });
    plant.see(read(3, 40), [20]);
    plant.write(writeRegister(40, 28));
    expect(nearest(plant, profile, writeRegister(40, 39))).toEqual({
      kind: 'step',
      address: 40,
      last: 28,
      max: 10,
    });
    passesAfter(plant, profile, writeRegister(40, 31), 60_500);
  });

  test.for<[string, Partial<ModbusPermission>, number]>([
    ['an interval', { minInterval: 5_000 }, 5_000],
    ['a budget', { writesPerMinute: 1 }, 60_500],
  ])('for %s is to wait', ([, limit, wait]) => {
    const profile = profileOf([permit([6], limit)]);
    const plant = plantFor(profile, { now: 1_000_500 });
    plant.write(writeRegister(40, 1));
    passesAfter(plant, profile, writeRegister(40, 1), wait);
  });

  test.for<[string, Partial<ModbusPermission>, number]>([
    ['an interval', { minInterval: 5_000 }, 5_000],
    ['a budget', { writesPerMinute: 1 }, 60_000],
  ])('for %s that is not known yet is to wait', ([, limit, wait]) => {
    const profile = profileOf([permit([6], limit)]);
    passesAfter(plantFor(profile, { since: 1_000_000 }), profile, writeRegister(40, 1), wait);
  });

  test('for a sum of steps that is not known yet is to wait', () => {
    const profile = profileOf([permit([6], { step: { max: undefined, maxPerMinute: 10, noOlderThan: 0 } })]);
    const plant = plantFor(profile, { since: 1_000_000 });
    plant.see(read(3, 40), [20]);
    passesAfter(plant, profile, writeRegister(40, 21), 60_000);
  });

  test('for an interlock is what it has to read, and what it last read', () => {
    const pump = { functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 10_000 };
    const profile = profileOf([permit([6], { interlocks: [pump] })]);
    const plant = plantFor(profile);
    const lock = { kind: 'interlock', functionCode: 2, unit: 1, address: 12, is: 1 };
    expect(nearest(plant, profile, writeRegister(40, 1))).toEqual({ ...lock, reads: undefined });
    plant.seeBits(read(2, 12), 0);
    expect(nearest(plant, profile, writeRegister(40, 1))).toEqual({ ...lock, reads: 0 });
    plant.wait(10_001);
    expect(nearest(plant, profile, writeRegister(40, 1))).toEqual({ ...lock, reads: undefined });
  });

  test('for a coil is what its register would have needed', () => {
    const aliases = [{ coil: 64, register: 40, bit: 15, name: '' }];
    const profile = profileOf([permit([5]), permit([22], within(0, 35))], {}, aliases);
    expect(nearest(plantFor(profile), profile, writeCoil(64, true))).toEqual({
      kind: 'register',
      register: 40,
      bit: 15,
      next: { kind: 'value', address: 40, type: 'u16', bits: undefined, min: 0, max: 35, allowed: [] },
    });
  });
});

function nearest(plant: Plant, profile: ModbusProfile, request: Request): Alternative | undefined {
  return nearestPermitted(profile, request, plant.verdict(request, profile), plant.device, plant.now);
}

function passesAfter(plant: Plant, profile: ModbusProfile, request: Request, milliseconds: number): void {
  expect(nearest(plant, profile, request)).toEqual({ kind: 'wait', milliseconds });
  plant.wait(milliseconds - 1);
  expect(plant.verdict(request).kind).toBe('refuse');
  plant.wait(1);
  expect(plant.verdict(request).kind).toBe('allow');
}
