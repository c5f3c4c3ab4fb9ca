import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PartialTimeout } from '../../../rules/modbus/connection/frame-stream.ts';
import type { CoilAlias, ModbusLimits, ModbusPermission } from '../../../rules/modbus/profile.ts';
import { type Reason, Reasons } from '../../../rules/reason.ts';
import { permit, profileOf } from './builders.ts';
import { type Connection, closeOf, connect, quarantinedIn, reasonsOf } from './recording-sink.ts';
import { adu, diagnostics, opaque, read, readFile, writeCoil, writeRegister } from './request-builders.ts';

const Step = { max: undefined, maxPerMinute: undefined, noOlderThan: 0 };

/** One way to each reason that inspection gives; the last call's effects must carry it. */
const scenes: Partial<Record<Reason, Scene>> = {
  'fc-not-allowed': { play: ({ ask }) => ask(writeRegister(1, 1)) },
  'sub-function-not-allowed': {
    permissions: [permit([8], { subFunctions: [0] })],
    play: ({ ask }) => ask(diagnostics(2)),
  },
  'unit-not-allowed': { play: ({ ask }) => ask(read(3, 0, 1, 2)) },
  'address-out-of-range': { play: ({ ask }) => ask(read(3, 100)) },
  'quantity-out-of-range': {
    permissions: [permit([3], { maxQuantity: 1 })],
    play: ({ ask }) => ask(read(3, 0, 2)),
  },
  'size-out-of-range': {
    permissions: [permit([100], { maxBytes: 10 })],
    play: ({ ask }) => ask(opaque(100, [1, 2, 3])),
  },
  'file-out-of-range': {
    permissions: [permit([20], { files: [{ firstFile: 1, lastFile: 1, firstRecord: 0, lastRecord: 9 }] })],
    play: ({ ask }) => ask(readFile([{ file: 2, record: 0, length: 1 }])),
  },
  'value-out-of-range': { permissions: [typed('u16')], play: ({ ask }) => ask(writeRegister(0, 36)) },
  'torn-write': { permissions: [typed('u32')], play: ({ ask }) => ask(writeRegister(0, 0)) },
  'state-unknown': {
    permissions: [permit([6], { step: { ...Step, max: 1 } })],
    play: ({ ask }) => ask(writeRegister(0, 1)),
  },
  'step-too-large': {
    permissions: [permit([3]), permit([6], { step: { ...Step, max: 1 } })],
    play({ exchange, ask }) {
      exchange(read(3, 0), '01 03 02 0000');
      return ask(writeRegister(0, 2));
    },
  },
  'drift-too-large': {
    permissions: [permit([3]), permit([6], { step: { ...Step, maxPerMinute: 3 } })],
    play({ exchange, ask, wait }) {
      // Before a minute has passed nobody knows what was written in it.
      exchange(read(3, 0), '01 03 02 0000');
      wait(60_000);
      exchange(read(3, 0), '01 03 02 0000');
      exchange(writeRegister(0, 2), '01 06 0000 0002');
      return ask(writeRegister(0, 4));
    },
  },
  'too-soon': {
    permissions: [permit([3]), permit([6], { minInterval: 1_000 })],
    play({ exchange, ask, wait }) {
      exchange(read(3, 0), '01 03 02 0000');
      wait(1_000);
      return ask(writeRegister(0, 2), writeRegister(0, 2));
    },
  },
  'budget-spent': {
    permissions: [permit([3]), permit([6], { writesPerMinute: 1 })],
    play({ exchange, ask, wait }) {
      exchange(read(3, 0), '01 03 02 0000');
      wait(60_000);
      return ask(writeRegister(0, 2), writeRegister(0, 2));
    },
  },
  interlock: {
    permissions: [
      permit([2]),
      permit([6], { interlocks: [{ functionCode: 2, unit: 1, address: 0, is: 1, noOlderThan: 1 }] }),
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
  'read-budget-spent': {
    limits: { readWordsPerMinute: 1 },
    play: ({ ask }) => ask(read(3, 0), read(3, 0)),
  },
  'too-many-exceptions': {
    limits: { exceptionsPerMinute: 1 },
    play: ({ ask }) => ask(read(4, 0), read(4, 0)),
  },
  'server-asks': { play: ({ server }) => server(adu(1, '01 03 0000 0001')) },
  'response-late': {
    play({ ask, wait, tick, server }) {
      ask(read(3, 0));
      wait(1_000);
      tick();
      return server(adu(1, '01 03 02 0000'));
    },
  },
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
  expect([...reasonsOf(effects), ...quarantinedIn(effects), closeOf(effects)]).toContain(reason);
});

test('every reason that the code of the inspection names has its scene', () => {
  const room = new URL('../../../rules/modbus/', import.meta.url);
  const files = readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => !OnlyTell.some((quiet) => file.startsWith(quiet)));
  const code = files.map((file) => readFileSync(new URL(file, room), 'utf8'));
  const named = Object.keys(Reasons).filter((reason) => code.some((text) => text.includes(`'${reason}'`)));
  expect(Object.keys(scenes).toSorted()).toEqual(named.toSorted());
});

/** These have words and exception codes for reasons, and give none. */
const OnlyTell = ['permission/refuse.ts', 'text/'];

interface Scene {
  readonly permissions?: readonly ModbusPermission[];
  readonly limits?: Partial<ModbusLimits>;
  readonly aliases?: readonly CoilAlias[];
  play(connection: Connection): ReturnType<Connection['tick']>;
}

function typed(type: 'u16' | 'u32'): ModbusPermission {
  return permit([6, 16], {
    values: [{ type, words: 'big', bytes: 'big', bits: undefined, min: 0, max: 35, allowed: [] }],
  });
}
