import { describe, expect, test } from 'vitest';
import type { WritingRequest } from '../../../rules/modbus/access.ts';
import { createDeviceState, type DeviceState, MaxCells } from '../../../rules/modbus/device-state.ts';
import { permit, profileOf, read, readWrite, writeCoil, writeRegister, writeRegisters } from './builders.ts';

const Holding = 'holding-registers';
const everyRegister = profileOf([permit([6], { maxStep: 1, units: [1, 2] })]);

describe('device state', () => {
  test('keeps only what some permission needs', () => {
    const device = createDeviceState();
    device.watch(
      profileOf([permit([3, 6]), permit([6], { maxStep: 5, addresses: [{ first: 40, last: 41 }] })]),
    );
    see(device, 39, [7, 8, 9, 10]);
    expect([39, 40, 41, 42].map((at) => device.lastValue(1, Holding, at))).toEqual([
      undefined,
      8,
      9,
      undefined,
    ]);
    expect(device.lastWrite(1, Holding, 39)).toBeUndefined();
    expect(device.lastWrite(1, Holding, 40)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('keeps units and tables apart', () => {
    const device = watching(everyRegister);
    see(device, 0, [7]);
    expect(device.lastValue(2, Holding, 0)).toBeUndefined();
    expect(device.lastValue(1, 'coils', 0)).toBeUndefined();
    expect(device.lastValue(1, 'input-registers', 0)).toBeUndefined();
  });

  test('joins what several profiles need', () => {
    const device = watching(everyRegister);
    device.watch(profileOf([permit([16], { minInterval: 1, addresses: [{ first: 90, last: 120 }] })]));
    see(device, 89, [1, 2]);
    see(device, 120, [3, 4]);
    expect([89, 90, 120, 121].map((at) => device.lastValue(1, Holding, at))).toEqual([1, 2, 3, undefined]);
  });

  test('a range inside another takes nothing away from it', () => {
    const device = watching(everyRegister);
    device.watch(profileOf([permit([6], { maxStep: 1, addresses: [{ first: 10, last: 20 }] })]));
    see(device, 50, [7]);
    expect(device.lastValue(1, Holding, 50)).toBe(7);
  });

  test('a confirmed write is the last value, and no reading', () => {
    const device = watching(everyRegister);
    see(device, 5, [1]);
    device.endWrite(begin(device, writeRegister(5, 9)), 'done');
    expect(device.lastValue(1, Holding, 5)).toBe(9);
    expect(device.lastReading(1, Holding, 5)).toBeUndefined();
  });

  test('a write that the server refused leaves what was known', () => {
    const device = watching(everyRegister);
    see(device, 5, [1]);
    device.endWrite(begin(device, writeRegister(5, 9)), 'unchanged');
    expect(device.lastValue(1, Holding, 5)).toBe(1);
    expect(device.lastReading(1, Holding, 5)?.value).toBe(1);
  });

  test('a write of which nobody knows what became leaves nothing known', () => {
    const device = watching(everyRegister);
    see(device, 5, [1]);
    device.endWrite(begin(device, writeRegister(5, 9)), 'unknown');
    expect(device.lastValue(1, Holding, 5)).toBeUndefined();
  });

  test('nothing is known while a write is under way', () => {
    const device = watching(everyRegister);
    see(device, 5, [1]);
    begin(device, writeRegister(5, 9));
    see(device, 5, [1]);
    expect(device.lastValue(1, Holding, 5)).toBeUndefined();
    expect(device.lastReading(1, Holding, 5)).toBeUndefined();
  });

  test('a read that was sent before a write tells nothing after it', () => {
    const device = watching(everyRegister);
    const early = device.moment();
    device.endWrite(begin(device, writeRegister(5, 9)), 'done');
    device.observe(read(3, 5), Uint8Array.of(0, 1), 0, early);
    expect(device.lastValue(1, Holding, 5)).toBe(9);
  });

  test('a read that was overtaken by a later one tells nothing', () => {
    const device = watching(everyRegister);
    const early = device.moment();
    see(device, 5, [2]);
    device.observe(read(3, 5), Uint8Array.of(0, 1), 0, early);
    expect(device.lastValue(1, Holding, 5)).toBe(2);
  });

  test('of two writes that overlap nobody knows which was last', () => {
    const device = watching(everyRegister);
    const one = begin(device, writeRegister(5, 1));
    const two = begin(device, writeRegister(5, 2));
    device.endWrite(one, 'done');
    device.endWrite(two, 'done');
    expect(device.lastValue(1, Holding, 5)).toBeUndefined();
    see(device, 5, [2]);
    expect(device.lastValue(1, Holding, 5)).toBe(2);
  });

  test('the read half of function code 23 tells nothing of what its write half touched', () => {
    const device = watching(everyRegister);
    const request = readWrite(4, 3, 5, [9]);
    const sent = begin(device, request);
    const moment = device.moment();
    device.endWrite(sent, 'done');
    device.observe(request, Uint8Array.of(0, 1, 0, 2, 0, 3), 0, moment);
    expect([4, 5, 6].map((at) => device.lastValue(1, Holding, at))).toEqual([1, 9, 3]);
  });

  test('a broadcast write reaches every unit and leaves nothing known', () => {
    const device = watching(everyRegister);
    see(device, 5, [1]);
    device.endWrite(begin(device, writeRegister(5, 9, 0), 77), 'done');
    for (const unit of [1, 2]) {
      expect(device.lastValue(unit, Holding, 5)).toBeUndefined();
      expect(device.lastWrite(unit, Holding, 5)).toBe(77);
    }
    expect(device.lastWrite(1, Holding, 6)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('a coil written is its register touched, and the reverse', () => {
    const alias = { coil: 64, register: 40, bit: 15, name: '' };
    const device = watching(profileOf([permit([5, 6], { maxStep: 1 })], {}, [alias]));
    see(device, 40, [1, 2]);
    device.endWrite(begin(device, writeCoil(64, true), 77), 'done');
    expect(device.lastValue(1, Holding, 40)).toBeUndefined();
    expect(device.lastValue(1, Holding, 41)).toBe(2);
    expect(device.lastWrite(1, Holding, 40)).toBe(77);
    expect(device.lastValue(1, 'coils', 64)).toBe(1);
    device.endWrite(begin(device, writeRegisters(39, [0, 0])), 'done');
    expect(device.lastValue(1, 'coils', 64)).toBeUndefined();
  });

  test('holds no more than its limit, and knows nothing beyond', () => {
    const device = watching(
      profileOf([
        permit([6], { minInterval: 1, maxStep: 1, units: [1, 2], addresses: [{ first: 0, last: 65535 }] }),
      ]),
    );
    for (let address = 0; address < MaxCells; address += 64) {
      see(
        device,
        address,
        Array.from({ length: 64 }, () => 3),
      );
    }
    expect(device.lastValue(1, Holding, 65535)).toBe(3);
    see(device, 0, [4], 2);
    begin(device, writeRegister(0, 1, 2));
    expect(device.lastValue(2, Holding, 0)).toBeUndefined();
    expect(device.lastWrite(2, Holding, 0)).toBeUndefined();
  });
});

function watching(profile: ReturnType<typeof profileOf>): DeviceState {
  const device = createDeviceState();
  device.watch(profile);
  return device;
}

function see(device: DeviceState, address: number, words: readonly number[], unit = 1): void {
  const data = Uint8Array.from(words.flatMap((word) => [word >> 8, word]));
  device.observe(read(3, address, words.length, unit), data, 0, device.moment());
}

function begin(device: DeviceState, request: ReturnType<typeof read>, now = 0) {
  return device.beginWrite(request as WritingRequest, now);
}
