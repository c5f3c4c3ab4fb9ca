import { describe, expect, test } from 'vitest';
import { MaxCells } from '../../../../rules/modbus/device/cell.ts';
import { createSentWrite } from '../../../../rules/modbus/device/sent-write.ts';
import type { ModbusPermission } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { between, type Plant, plantFor } from '../judging.ts';
import {
  maskWrite,
  read,
  readFifo,
  readWrite,
  writeCoil,
  writeCoils,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

const Holding = 'holding-registers';
const step: Partial<ModbusPermission> = { step: { max: 1, maxPerMinute: undefined, noOlderThan: 0 } };
const everyRegister = profileOf([permit([6], { ...step, units: [0, 1, 2, 255] })]);

describe('what is known of a server', () => {
  test('is only what some permission needs', () => {
    const plant = plantFor(profileOf([permit([3, 6]), permit([6], { ...step, ...between(40, 41) })]));
    plant.see(read(3, 39, 4), [7, 8, 9, 10]);
    expect(values(plant, 39, 40, 41, 42)).toEqual([-1, 8, 9, -1]);
    expect(plant.device.known(1, Holding, 39)).toBeUndefined();
    expect(plant.device.known(1, Holding, 40)?.writtenAt).toBe(Number.NEGATIVE_INFINITY);
  });

  test('keeps units and tables apart', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 0), [7]);
    expect(plant.device.lastValue(1, Holding, 0)).toBe(7);
    expect(plant.device.lastValue(2, Holding, 0)).toBe(-1);
    expect(plant.device.lastValue(1, 'coils', 0)).toBe(-1);
    expect(plant.device.lastValue(1, 'input-registers', 0)).toBe(-1);
  });

  test('joins what several profiles need', () => {
    const plant = plantFor(everyRegister);
    plant.device.watch(profileOf([permit([16], { minInterval: 1, ...between(90, 120) })]), plant.now);
    plant.see(read(3, 89, 2), [1, 2]);
    plant.see(read(3, 120, 2), [3, 4]);
    expect(values(plant, 89, 90, 120, 121)).toEqual([1, 2, 3, -1]);
  });

  test('is watched since its address first was, whatever is watched later around it', () => {
    const plant = plantFor(profileOf([permit([6], { ...step, ...between(10, 20) })]), { since: 5 });
    plant.device.watch(profileOf([permit([6], { ...step, ...between(0, 30) })]), 9);
    expect([9, 10, 20, 21].map((at) => plant.device.known(1, Holding, at)?.since)).toEqual([9, 5, 5, 9]);
  });

  test('is a confirmed write, which is no reading', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 5), [1]);
    plant.wait(10);
    plant.write(writeRegister(5, 9));
    expect(plant.device.known(1, Holding, 5)).toMatchObject({
      value: 9,
      knownAt: plant.now,
      readAt: Number.NEGATIVE_INFINITY,
    });
  });

  test('is what it was after a write that the server refused', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 5), [1]);
    plant.device.endWrite(plant.begin(writeRegister(5, 9)), 'unchanged');
    expect(plant.device.known(1, Holding, 5)).toMatchObject({ value: 1, readAt: plant.now });
  });

  test('is nothing after a write of which nobody knows what became', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 5), [1]);
    plant.device.endWrite(plant.begin(writeRegister(5, 9)), 'unknown');
    expect(values(plant, 5)).toEqual([-1]);
  });

  test('is not what is read while a write is under way', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 5), [1]);
    plant.begin(writeRegister(5, 9));
    plant.see(read(3, 5), [9]);
    expect(values(plant, 5)).toEqual([1]);
    expect(plant.device.known(1, Holding, 5)?.writing).toBe(1);
  });

  test('is not what a read says that was sent before a write', () => {
    const plant = plantFor(everyRegister);
    const early = plant.device.moment();
    plant.write(writeRegister(5, 9));
    plant.device.observe(read(3, 5), Uint8Array.of(0, 1), 0, plant.now, early);
    expect(values(plant, 5)).toEqual([9]);
  });

  test('is not what a read says that a later one has overtaken', () => {
    const plant = plantFor(everyRegister);
    const early = plant.device.moment();
    plant.see(read(3, 5), [2]);
    plant.device.observe(read(3, 5), Uint8Array.of(0, 1), 0, plant.now, early);
    expect(values(plant, 5)).toEqual([2]);
  });

  test('is nothing after two writes that overlapped, until it is read', () => {
    const plant = plantFor(everyRegister);
    const one = plant.begin(writeRegister(5, 1));
    const two = plant.begin(writeRegister(5, 2));
    plant.device.endWrite(one, 'done');
    plant.device.endWrite(two, 'done');
    expect(values(plant, 5)).toEqual([-1]);
    plant.see(read(3, 5), [2]);
    expect(values(plant, 5)).toEqual([2]);
    plant.write(writeRegister(5, 3));
    expect(values(plant, 5)).toEqual([3]);
  });

  test('is what function code 23 read, but for what it wrote itself', () => {
    const plant = plantFor(everyRegister);
    const request = readWrite(4, 3, 5, [9]);
    const sent = plant.begin(request);
    const moment = plant.device.moment();
    plant.device.endWrite(sent, 'done');
    plant.device.observe(request, Uint8Array.of(0, 1, 0, 2, 0, 3), 0, plant.now, moment);
    expect(values(plant, 4, 5, 6)).toEqual([1, 9, 3]);
  });

  test('is nothing that a queue holds', () => {
    const plant = plantFor(everyRegister);
    plant.seeBits(readFifo(5), 0, 4, 0, 1, 0, 7);
    expect(values(plant, 5)).toEqual([-1]);
  });

  test('is nothing after a mask write', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 5), [1]);
    plant.write(maskWrite(5, 0xff, 0));
    expect(values(plant, 5)).toEqual([-1]);
  });

  test('counts a write that was sent before its address was watched', () => {
    const plant = plantFor(profileOf([]));
    const sent = plant.begin(writeRegister(5, 9));
    plant.device.watch(everyRegister, plant.now);
    plant.see(read(3, 5), [1]);
    expect(values(plant, 5)).toEqual([-1]);
    expect(plant.device.known(1, Holding, 5)?.writing).toBe(1);
    plant.device.endWrite(sent, 'done');
    expect(plant.device.known(1, Holding, 5)?.writing).toBe(0);
    expect(values(plant, 5)).toEqual([-1]);
  });

  test('uses a record of a write again, and only when it has ended', () => {
    const plant = plantFor(everyRegister);
    const sent = createSentWrite();
    plant.device.beginWrite(writeRegisters(5, [1, 2]), 1, sent);
    expect(() => plant.device.beginWrite(writeRegister(5, 1), 1, sent)).toThrow('still under way');
    plant.device.endWrite(sent, 'done');
    plant.device.endWrite(sent, 'unknown');
    plant.device.beginWrite(writeRegister(9, 3), 1, sent);
    plant.device.endWrite(sent, 'done');
    expect(values(plant, 5, 6, 9)).toEqual([1, 2, 3]);
  });

  test('is no more than its limit, and nothing beyond', () => {
    const all = permit([6], { ...step, minInterval: 1, units: [1, 2], ...between(0, 65535) });
    const plant = plantFor(profileOf([all]));
    for (let address = 0; address < MaxCells; address += 64) {
      plant.see(read(3, address, 64), new Array<number>(64).fill(3));
    }
    expect(values(plant, 65535)).toEqual([3]);
    plant.see(read(3, 0, 1, 2), [4]);
    plant.begin(writeRegister(0, 1, 2));
    expect(plant.device.known(2, Holding, 0)).toBeUndefined();
    expect(plant.say(writeRegister(0, 4, 2))).toBe('state-unknown 03');
  });

  test('beyond its limit passes no write either where what is unknown may pass: it would know no limit', () => {
    const limits = { minInterval: 1, writesPerMinute: 1, ...step, unknown: 'allow' } as const;
    const switches = profileOf([permit([6], { ...limits, units: [1, 2], ...between(0, 65535) })]);
    const plant = plantFor(switches);
    expect(plant.say(writeRegister(0, 4, 2))).toBe('allow');
    const other = plantFor(switches);
    for (let address = 0; address < MaxCells; address += 64) {
      other.see(read(3, address, 64), new Array<number>(64).fill(3));
    }
    expect(other.say(writeRegister(0, 4, 2))).toBe('state-unknown 03');
  });
});

describe('units', () => {
  test('0 and 255 of a direct device are one', () => {
    const plant = plantFor(everyRegister);
    plant.see(read(3, 5, 1, 0), [7]);
    expect(plant.device.lastValue(255, Holding, 5)).toBe(7);
    plant.write(writeRegister(5, 8, 255));
    expect(plant.device.lastValue(0, Holding, 5)).toBe(8);
    expect(plant.device.known(1, Holding, 5)?.writtenAt).toBe(Number.NEGATIVE_INFINITY);
  });

  test('0 and 255 behind a serial gateway are two', () => {
    const plant = plantFor(everyRegister, { kind: 'serial-gateway' });
    plant.see(read(3, 5, 1, 255), [7]);
    expect(plant.device.lastValue(0, Holding, 5)).toBe(-1);
  });

  test('are all reached by a broadcast, which leaves nothing known', () => {
    const plant = plantFor(everyRegister, { kind: 'serial-gateway' });
    plant.see(read(3, 5), [1]);
    const sent = plant.begin(writeRegister(5, 9, 0));
    for (const unit of [1, 2, 255]) {
      expect(plant.device.known(unit, Holding, 5)).toMatchObject({ writing: 1, writtenAt: plant.now });
    }
    plant.device.endWrite(sent, 'done');
    expect(values(plant, 5)).toEqual([-1]);
    expect(plant.device.known(1, Holding, 6)?.writtenAt).toBe(Number.NEGATIVE_INFINITY);
  });

  test('all count as a write to unit 0 behind a serial gateway, so that a broadcast keeps its distance', () => {
    const timed = permit([6], { units: [0, 7], minInterval: 5_000, writesPerMinute: 2 });
    const plant = plantFor(profileOf([timed]), { kind: 'serial-gateway' });
    plant.write(writeRegister(5, 1, 7));
    plant.wait(4_999);
    expect(plant.say(writeRegister(5, 1, 0))).toBe('too-soon 06');
    plant.wait(1);
    plant.write(writeRegister(5, 1, 7));
    plant.wait(5_000);
    expect(plant.say(writeRegister(5, 1, 0))).toBe('budget-spent 06');
    expect(plant.say(writeRegister(5, 1, 7))).toBe('budget-spent 06');
  });

  test('lend places up to a limit each, to one after the other in a line', () => {
    const { device } = plantFor(everyRegister);
    const woken: string[] = [];
    const [first, second, third] = ['first', 'second', 'third'].map((name) => () => void woken.push(name));
    const take = (unit: number, wake = first!): boolean => device.takePlace(unit, 2, wake);
    expect([take(7), take(7), take(8)]).toEqual([true, true, true]);
    expect([take(7, second), take(7, third), take(7, second), take(8, third)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    device.freePlace(8);
    expect(woken).toEqual([]);
    device.freePlace(7);
    expect(woken).toEqual(['second']);
    // There is room, and others stand in line for it.
    expect([take(7), take(7, third), take(7, second)]).toEqual([false, false, true]);
    expect(woken).toEqual(['second', 'third']);
    device.stopWaiting(third!);
    expect(woken).toEqual(['second', 'third', 'first']);
    device.freePlace(7);
    expect([take(7), take(7)]).toEqual([true, false]);
    expect(() => device.freePlace(9)).toThrow('unit 9 has no place taken');
  });

  test('have no line for whoever has no limit', () => {
    const { device } = plantFor(everyRegister);
    const [one, other] = [() => undefined, () => undefined];
    expect([device.takePlace(7, 1, one), device.takePlace(7, 1, other)]).toEqual([true, false]);
    expect(device.takePlace(7, 0, one)).toBe(true);
  });

  test('0 and 255 of a direct device share their places', () => {
    const { device } = plantFor(everyRegister);
    const wake = (): void => undefined;
    expect([device.takePlace(0, 1, wake), device.takePlace(255, 1, wake)]).toEqual([true, false]);
  });
});

describe('coils that are bits of registers', () => {
  const aliases = [
    { coil: 64, register: 40, bit: 15, name: '' },
    { coil: 65, register: 40, bit: 14, name: '' },
  ];

  test('are the register written, and the reverse', () => {
    const plant = plantFor(profileOf([permit([5, 6], step)], {}, aliases));
    plant.see(read(3, 40, 2), [1, 2]);
    plant.write(writeCoil(64, true));
    expect(values(plant, 40, 41)).toEqual([-1, 2]);
    expect(plant.device.known(1, Holding, 40)?.writtenAt).toBe(plant.now);
    expect(plant.device.lastValue(1, 'coils', 64)).toBe(1);
    plant.write(writeRegisters(39, [0, 0]));
    expect(plant.device.lastValue(1, 'coils', 64)).toBe(-1);
  });

  test('are one write to their register when they are written together', () => {
    const plant = plantFor(profileOf([permit([6, 15], { writesPerMinute: 9, ...step })], {}, aliases));
    const sent = plant.begin(writeCoils(60, new Array<boolean>(8).fill(true)));
    expect(plant.device.known(1, Holding, 40)?.writing).toBe(1);
    expect(plant.device.writesOf(1, Holding, 40)?.slots.reduce((sum, each) => sum + each)).toBe(1);
    plant.device.endWrite(sent, 'done');
    expect(plant.device.known(1, Holding, 40)?.writing).toBe(0);
  });

  test('are the register written also where the first of its coils is not', () => {
    const plant = plantFor(profileOf([permit([5, 6], { writesPerMinute: 9, ...step })], {}, aliases));
    plant.see(read(3, 40), [1]);
    plant.write(writeCoil(65, true));
    expect(values(plant, 40)).toEqual([-1]);
    expect(plant.device.known(1, Holding, 40)?.writtenAt).toBe(plant.now);
    expect(plant.device.writesOf(1, Holding, 40)?.slots.reduce((sum, each) => sum + each)).toBe(1);
  });

  test('are known from any profile, not only from that of the flow that writes them', () => {
    const plant = plantFor(profileOf([permit([6], step)]));
    plant.device.watch(profileOf([permit([5])], {}, aliases), plant.now);
    plant.see(read(3, 40), [1]);
    plant.write(writeCoil(64, true));
    expect(values(plant, 40)).toEqual([-1]);
  });
});

function values(plant: Plant, ...addresses: readonly number[]): readonly number[] {
  return addresses.map((address) => plant.device.lastValue(1, Holding, address));
}
