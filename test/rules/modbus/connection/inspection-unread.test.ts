import { describe, expect, test } from 'vitest';
import { LateTimeouts } from '../../../../rules/modbus/connection/transaction.ts';
import { createDeviceState, type DeviceState } from '../../../../rules/modbus/device/device-state.ts';
import type { ModbusDevice } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { connect, idOf, reasonsOf, toServer } from '../recording-sink.ts';
import { adu, read, writeRegister } from '../request-builders.ts';

const addresses = [{ first: 40, last: 41 }];
const step = { max: 5, maxPerMinute: undefined, noOlderThan: 0 };
const drift = { max: undefined, maxPerMinute: 5, noOlderThan: 0 };
const interlock = { functionCode: 3, unit: 1, address: 20, is: 1, noOlderThan: 60_000 };

/** Write Single Register 40 with one byte too many: some servers carry it out. */
const Unread = '01 06 0028 0063 00';

describe('what passes unread in the audit stage of another flow', () => {
  const stepper = profileOf([permit([3]), permit([6], { step, addresses })]);

  function two(profile = stepper, kind: ModbusDevice['kind'] = 'direct') {
    const device: DeviceState = createDeviceState(kind);
    device.watch(profile, Number.NEGATIVE_INFINITY);
    const audited = connect(profileOf([permit([3])]), { device, auditUntil: 99_999, auditMalformed: true });
    const enforced = connect(profile, { device });
    return { device, audited, enforced };
  }

  test('leaves nothing known to step from until it is read again', () => {
    const { audited, enforced } = two();
    enforced.exchange(read(3, 40), '01 03 02 0014');
    const [sent] = toServer(audited.client(adu(1, Unread)));
    expect(reasonsOf(enforced.ask(writeRegister(40, 21)))).toEqual(['state-unknown']);
    audited.server(adu(idOf(sent!), '01 86 03'));
    expect(reasonsOf(enforced.ask(writeRegister(40, 21)))).toEqual(['state-unknown']);
    enforced.exchange(read(3, 40), '01 03 02 0063');
    expect(reasonsOf(enforced.ask(writeRegister(40, 21)))).toEqual(['step-too-large']);
    expect(toServer(enforced.ask(writeRegister(40, 98)))).toHaveLength(1);
  });

  test('leaves nothing known that is read or written before it is answered', () => {
    const { device, audited, enforced } = two();
    enforced.exchange(read(3, 40), '01 03 02 0014');
    const [early] = toServer(enforced.ask(read(3, 40)));
    const [sent] = toServer(audited.client(adu(1, Unread)));
    enforced.server(adu(idOf(early!), '01 03 02 0014'));
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    const [between] = toServer(enforced.ask(read(3, 40)));
    audited.server(adu(idOf(sent!), '01 86 03'));
    enforced.server(adu(idOf(between!), '01 03 02 0014'));
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
  });

  test('breaks no write that was under way, and leaves its value unknown', () => {
    const { device, audited, enforced } = two();
    enforced.exchange(read(3, 40), '01 03 02 0014');
    const [write] = toServer(enforced.ask(writeRegister(40, 21)));
    const [sent] = toServer(audited.client(adu(1, Unread)));
    audited.server(adu(idOf(sent!), '01 86 03'));
    enforced.server(adu(idOf(write!), '01 06 0028 0015'));
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    enforced.exchange(read(3, 40), '01 03 02 0015');
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(21);
  });

  test('satisfies no interlock by what was read before it', () => {
    const { device, audited, enforced } = two(
      profileOf([permit([3]), permit([6], { interlocks: [interlock], addresses })]),
    );
    enforced.exchange(read(3, 20), '01 03 02 0001');
    enforced.exchange(writeRegister(40, 1), '01 06 0028 0001');
    expect(device.lastValue(1, 'holding-registers', 20)).toBe(1);
    const [sent] = toServer(audited.client(adu(1, Unread)));
    audited.server(adu(idOf(sent!), '01 86 03'));
    expect(reasonsOf(enforced.ask(writeRegister(40, 1)))).toEqual(['state-unknown']);
    enforced.exchange(read(3, 20), '01 03 02 0001');
    expect(toServer(enforced.ask(writeRegister(40, 1)))).toHaveLength(1);
  });

  test('takes no interlock away, even where what is unknown is excused', () => {
    const lenient = permit([6], { interlocks: [interlock], addresses, unknown: 'allow' });
    const { audited, enforced } = two(profileOf([permit([3]), lenient]));
    enforced.exchange(read(3, 20), '01 03 02 0000');
    expect(reasonsOf(enforced.ask(writeRegister(40, 1)))).toEqual(['interlock']);
    const [sent] = toServer(audited.client(adu(1, Unread)));
    audited.server(adu(idOf(sent!), '01 86 03'));
    expect(reasonsOf(enforced.ask(writeRegister(40, 1)))).toEqual(['state-unknown']);
  });

  test.for([
    ['an interval', { minInterval: 5_000 }, 5_000],
    ['a budget', { writesPerMinute: 2 }, 60_000],
    ['a sum of steps', { step: drift }, 60_000],
  ] as const)('leaves %s unknown until its time has passed', ([, limit, time]) => {
    const { audited, enforced } = two(profileOf([permit([3]), permit([6], { ...limit, addresses })]));
    const [sent] = toServer(audited.client(adu(1, Unread)));
    audited.server(adu(idOf(sent!), '01 86 03'));
    enforced.exchange(read(3, 40), '01 03 02 0014');
    enforced.wait(time - 1);
    expect(reasonsOf(enforced.ask(writeRegister(40, 21)))).toEqual(['state-unknown']);
    enforced.wait(1);
    expect(toServer(enforced.ask(writeRegister(40, 21)))).toHaveLength(1);
  });

  test('is waited for where its connection was lost or it was never answered', () => {
    const lost = two();
    lost.audited.client(adu(1, Unread));
    lost.audited.inspection.end();
    lost.enforced.exchange(read(3, 40), '01 03 02 0014');
    expect(lost.device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    lost.enforced.wait(1_000);
    lost.enforced.exchange(read(3, 40), '01 03 02 0014');
    expect(lost.device.lastValue(1, 'holding-registers', 40)).toBe(20);

    const unanswered = two();
    unanswered.audited.client(adu(1, Unread));
    unanswered.audited.wait(1_000);
    unanswered.audited.tick();
    unanswered.enforced.exchange(read(3, 40), '01 03 02 0014');
    expect(unanswered.device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    unanswered.audited.wait(LateTimeouts * 1_000);
    unanswered.audited.tick();
    unanswered.enforced.exchange(read(3, 40), '01 03 02 0014');
    expect(unanswered.device.lastValue(1, 'holding-registers', 40)).toBe(20);
  });

  test('concerns its own unit, and as a broadcast every unit', () => {
    const { device, audited, enforced } = two(stepper, 'serial-gateway');
    enforced.exchange(read(3, 40), '01 03 02 0014');
    audited.client(adu(1, '02 06 0028 0063 00'));
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(20);
    audited.client(adu(2, '00 06 0028 0063 00'));
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
    enforced.exchange(read(3, 40), '01 03 02 0014');
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(-1);
  });
});
