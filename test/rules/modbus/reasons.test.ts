import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PartialTimeout } from '../../../rules/modbus/frame-stream.ts';
import type { CoilAlias, ModbusLimits, ModbusPermission } from '../../../rules/policy.ts';
import { type Reason, Reasons } from '../../../rules/reason.ts';
import {
  adu,
  type Connection,
  closeOf,
  connect,
  permit,
  profileOf,
  read,
  reasonsOf,
  writeCoil,
  writeRegister,
} from './builders.ts';

/** One way to each reason that inspection gives; the last call's effects must carry it. */
const scenes: Partial<Record<Reason, Scene>> = {
  'fc-not-allowed': { play: ({ ask }) => ask(writeRegister(1, 1)) },
  'fc-not-supported': { play: ({ client }) => client(adu(1, '01 11')) },
  'unit-not-allowed': { play: ({ ask }) => ask(read(3, 0, 1, 2)) },
  'address-out-of-range': { play: ({ ask }) => ask(read(3, 100)) },
  'quantity-out-of-range': {
    permissions: [permit([3], { maxQuantity: 1 })],
    play: ({ ask }) => ask(read(3, 0, 2)),
  },
  'value-out-of-range': { permissions: [typed('u16')], play: ({ ask }) => ask(writeRegister(0, 36)) },
  'torn-write': { permissions: [typed('u32')], play: ({ ask }) => ask(writeRegister(0, 0)) },
  'state-unknown': {
    permissions: [permit([6], { maxStep: 1 })],
    play: ({ ask }) => ask(writeRegister(0, 1)),
  },
  'step-too-large': {
    permissions: [permit([3]), permit([6], { maxStep: 1 })],
    play({ exchange, ask }) {
      exchange(read(3, 0), '01 03 02 0000');
      return ask(writeRegister(0, 2));
    },
  },
  'too-soon': {
    permissions: [permit([6], { minInterval: 1_000 })],
    play: ({ ask }) => ask(writeRegister(0, 2), writeRegister(0, 2)),
  },
  interlock: {
    permissions: [
      permit([2]),
      permit([6], { interlock: { functionCode: 2, unit: 1, address: 0, is: 1, noOlderThan: 1 } }),
    ],
    play({ exchange, ask }) {
      exchange(read(2, 0), '01 02 01 00');
      return ask(writeRegister(0, 2));
    },
  },
  'alias-guarded': {
    permissions: [permit([5])],
    aliases: [{ coil: 0, register: 40, bit: 15, name: '' }],
    play: ({ ask }) => ask(writeCoil(0, true)),
  },
  'rate-exceeded': { limits: { aduPerSecond: 1 }, play: ({ ask }) => ask(read(3, 0), read(3, 0)) },
  'too-many-outstanding': { limits: { outstanding: 1 }, play: ({ ask }) => ask(read(3, 0), read(3, 0)) },
  'malformed-adu': { play: ({ client }) => client(Uint8Array.of(0, 1, 0, 1, 0, 2)) },
  'malformed-pdu': { play: ({ client }) => client(adu(1, '01 03')) },
  'response-mismatch': { play: ({ exchange }) => exchange(read(3, 0), '01 03 04 0000 0000') },
  'response-unsolicited': { play: ({ server }) => server(adu(1, '01 03 02 0000')) },
  'request-timeout': {
    play({ ask, wait, tick }) {
      ask(read(3, 0));
      wait(1_000);
      return tick();
    },
  },
  'partial-timeout': {
    play({ client, wait, tick }) {
      client(Uint8Array.of(0));
      wait(PartialTimeout);
      return tick();
    },
  },
};

test.for(Object.entries(scenes))('%s is given', ([reason, scene]) => {
  const effects = scene.play(
    connect(profileOf(scene.permissions ?? [permit([3])], scene.limits, scene.aliases)),
  );
  expect([...reasonsOf(effects), closeOf(effects)]).toContain(reason);
});

test('every reason that the code of the inspection names has its scene', () => {
  const room = new URL('../../../rules/modbus/', import.meta.url);
  const code = readdirSync(room).map((file) => readFileSync(new URL(file, room), 'utf8'));
  const named = Object.keys(Reasons).filter((reason) => code.some((text) => text.includes(`'${reason}'`)));
  expect(Object.keys(scenes).toSorted()).toEqual(named.toSorted());
});

interface Scene {
  readonly permissions?: readonly ModbusPermission[];
  readonly limits?: Partial<ModbusLimits>;
  readonly aliases?: readonly CoilAlias[];
  play(connection: Connection): ReturnType<Connection['tick']>;
}

function typed(type: 'u16' | 'u32'): ModbusPermission {
  return permit([6, 16], { value: { type, words: 'big', min: 0, max: 35, allowed: [] } });
}
