import { describe, expect, test } from 'vitest';
import { LateTimeouts } from '../../../../rules/modbus/connection/transaction.ts';
import { createDeviceState, type DeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { permit, profileOf } from '../builders.ts';
import { connect, reasonsOf, toClient, toServer } from '../recording-sink.ts';
import { read, readWrite, writeRegister } from '../request-builders.ts';

const step = { max: 5, maxPerMinute: undefined, noOlderThan: 0 };

describe('two connections to one device', () => {
  const stepper = profileOf([
    permit([3]),
    permit([6], { step, minInterval: 5_000, addresses: [{ first: 40, last: 40 }] }),
  ]);

  /** A device whose writes of the last minutes are known to be none. */
  function longWatched(): DeviceState {
    const device = createDeviceState('direct');
    device.watch(stepper, Number.NEGATIVE_INFINITY);
    return device;
  }

  test('share what is known of it', () => {
    const device = longWatched();
    const poller = connect(stepper, { device });
    const writer = connect(stepper, { device });
    expect(reasonsOf(writer.ask(writeRegister(40, 20)))).toEqual(['state-unknown']);
    poller.exchange(read(3, 40), '01 03 02 0014');
    expect(reasonsOf(writer.ask(writeRegister(40, 26)))).toEqual(['step-too-large']);
    expect(toClient(writer.exchange(writeRegister(40, 25), '01 06 0028 0019'))).toHaveLength(1);
    expect(reasonsOf(poller.ask(writeRegister(40, 25)))).toEqual(['too-soon']);
  });

  test.for([
    ['a confirmed write', '01 06 0028 0019', 25],
    ['a write refused for its function', '01 86 01', 20],
    ['a write refused for its address', '01 86 02', 20],
    ['a write refused for its value', '01 86 03', 20],
    ['a write refused as busy', '01 86 06', 20],
    ['a write that failed', '01 86 04', -1],
    ['a write that is being carried out', '01 86 05', -1],
    ['a write that a gateway lost', '01 86 0b', -1],
  ] as const)('know after %s what the device holds', ([, answer, value]) => {
    const device = longWatched();
    const connection = connect(stepper, { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.exchange(writeRegister(40, 25), answer);
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(value);
  });

  test('know nothing after an exception to function code 23, which writes before it reads', () => {
    const device = longWatched();
    const both = permit([23], { step, readAddresses: [{ first: 0, last: 99 }] });
    const connection = connect(profileOf([permit([3]), both]), { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.exchange(readWrite(0, 1, 40, [25]), '01 97 02');
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
  });

  test('know nothing of a value whose write was lost with its connection', () => {
    const device = longWatched();
    const poller = connect(stepper, { device });
    const writer = connect(stepper, { device });
    poller.exchange(read(3, 40), '01 03 02 0014');
    writer.ask(writeRegister(40, 25));
    writer.inspection.end();
    expect(reasonsOf(poller.ask(writeRegister(40, 25)))).toEqual(['state-unknown']);
    // The server may still carry it out, behind this read.
    poller.exchange(read(3, 40), '01 03 02 0014');
    expect(reasonsOf(poller.ask(writeRegister(40, 15)))).toEqual(['state-unknown']);
    poller.wait(1_000);
    expect(reasonsOf(poller.ask(writeRegister(40, 25)))).toEqual(['state-unknown']);
    poller.exchange(read(3, 40), '01 03 02 0019');
    poller.wait(4_000);
    expect(toServer(poller.ask(writeRegister(40, 30)))).toHaveLength(1);
  });

  test('know nothing of a value whose write was acknowledged and is still to be carried out', () => {
    const device = longWatched();
    const connection = connect(stepper, { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.exchange(writeRegister(40, 25), '01 86 05');
    connection.exchange(read(3, 40), '01 03 02 0014');
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    connection.wait(1_000);
    connection.exchange(read(3, 40), '01 03 02 0019');
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(25);
  });

  test('know nothing of a value while a write without an answer may still be carried out', () => {
    const device = longWatched();
    const connection = connect(stepper, { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.ask(writeRegister(40, 25));
    connection.wait(1_000);
    connection.tick();
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.wait(5_000);
    expect(reasonsOf(connection.ask(writeRegister(40, 15)))).toEqual(['step-too-large']);
    connection.wait(LateTimeouts * 1_000);
    connection.tick();
    connection.exchange(read(3, 40), '01 03 02 0019');
    expect(toServer(connection.ask(writeRegister(40, 30)))).toHaveLength(1);
  });
});
