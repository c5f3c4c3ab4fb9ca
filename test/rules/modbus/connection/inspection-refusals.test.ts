import { describe, expect, test } from 'vitest';
import type { RefusalRule } from '../../../../rules/modbus/profile.ts';
import { join, permit, profileOf } from '../builders.ts';
import {
  closeOf,
  connect,
  decisionsIn,
  idOf,
  reasonsOf,
  refusals,
  resetOf,
  toClient,
  toServer,
} from '../recording-sink.ts';
import { adu, diagnostics, hexOf, read, writeRegister } from '../request-builders.ts';

function answering(action: RefusalRule['action'], exceptionCodes: RefusalRule['exceptionCodes'] = []) {
  return profileOf([permit([3])], {}, [], { action, exceptionCodes });
}

describe('a refusal', () => {
  test('by exception keeps the connection', () => {
    const connection = connect(answering('exception'));
    const effects = connection.ask(writeRegister(0, 0));
    expect(toClient(effects)).toEqual([adu(100, '01 86 01')]);
    expect(toServer(connection.ask(read(3, 0)))).toHaveLength(1);
  });

  test('by exception has the code the profile gives its reason', () => {
    const connection = connect(answering('exception', [{ reason: 'fc-not-allowed', code: 2 }]));
    expect(toClient(connection.ask(writeRegister(0, 0)))).toEqual([adu(100, '01 86 02')]);
  });

  test('by drop says nothing and keeps the connection', () => {
    const connection = connect(answering('drop'));
    const effects = connection.ask(writeRegister(0, 0), read(3, 0));
    expect(toClient(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ action: 'drop', exceptionCode: 0 }]);
    expect(toServer(effects)).toHaveLength(1);
  });

  test('by reset ends the connection at once, and nothing behind it is looked at', () => {
    const effects = connect(answering('reset')).ask(read(3, 0), writeRegister(0, 0), read(3, 0));
    expect(effects.map(({ kind }) => kind)).toEqual(['to-server', 'decided', 'decided', 'refused', 'close']);
    expect(refusals(effects)).toMatchObject([{ action: 'reset', exceptionCode: 0 }]);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['fc-not-allowed', true]);
  });

  test('by exception and close ends the connection in order, behind its exception', () => {
    const effects = connect(answering('exception-close')).ask(writeRegister(0, 0), read(3, 0));
    expect(toServer(effects)).toEqual([]);
    expect(effects.map(({ kind }) => kind)).toEqual(['decided', 'refused', 'to-client', 'close']);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['fc-not-allowed', false]);
  });

  test('by exception and close waits for the answers in front of it, and takes nothing more', () => {
    const connection = connect(answering('exception-close'));
    const asked = connection.ask(read(3, 0), read(3, 1), writeRegister(0, 0), read(3, 2));
    const [one, two] = toServer(asked);
    expect(toServer(asked)).toHaveLength(2);
    expect(closeOf(asked)).toBeUndefined();
    expect(connection.inspection.readingClient()).toBe(false);
    expect(connection.ask(read(3, 3))).toEqual([]);
    expect(closeOf(connection.server(adu(idOf(two!), '01 03 02 0002')))).toBeUndefined();
    const last = connection.server(adu(idOf(one!), '01 03 02 0001'));
    expect(toClient(last).map(hexOf)).toEqual([
      '00 64 00 00 00 05 01 03 02 00 01',
      '00 66 00 00 00 03 01 86 01',
    ]);
    expect(closeOf(last)).toBe('fc-not-allowed');
  });

  test('by exception and close is not held up for ever by a server that does not answer', () => {
    const connection = connect(answering('exception-close'));
    connection.ask(read(3, 0), writeRegister(0, 0));
    connection.wait(1_000);
    const due = connection.tick();
    expect(toClient(due).map(hexOf)).toEqual(['00 64 00 00 00 03 01 83 0b', '00 65 00 00 00 03 01 86 01']);
    expect(closeOf(due)).toBe('fc-not-allowed');
  });

  test('follows the permission that came closest rather than the profile', () => {
    const refusal: RefusalRule = { action: 'drop', exceptionCodes: [] };
    const connection = connect(profileOf([permit([3]), permit([6], { refusal })]));
    const effects = connection.ask(writeRegister(500, 0), writeRegister(0, 0, 9), read(4, 0));
    expect(refusals(effects).map(({ action }) => action)).toEqual(['drop', 'drop', 'exception']);
  });

  test('in the audit stage says what would have been done and does not do it', () => {
    const connection = connect(answering('reset'), { auditUntil: 5_000 });
    const effects = connection.ask(writeRegister(0, 0));
    expect(refusals(effects)).toMatchObject([{ action: 'reset', exceptionCode: 0, audit: true }]);
    expect(closeOf(effects)).toBeUndefined();
    expect(toServer(effects)).toHaveLength(1);
  });
});

describe('a request that breaks a rule of the protocol', () => {
  test.for([
    ['a quantity of nothing', '01 03 0000 0000', '01 83 03'],
    ['addresses beyond the last', '01 03 ffff 0002', '01 83 02'],
    ['a reserved sub-function', '01 08 0013 0000', '01 88 01'],
  ] as const)(
    '%s is answered with its own exception, whatever the profile does with refusals',
    ([, bytes, answer]) => {
      for (const action of ['exception', 'drop', 'exception-close', 'reset'] as const) {
        const connection = connect(answering(action));
        const effects = connection.client(adu(9, bytes));
        expect(toClient(effects)).toEqual([adu(9, answer)]);
        expect(reasonsOf(effects)).toEqual(['malformed-pdu']);
        expect(decisionsIn(effects)).toEqual(['refuse']);
        expect(closeOf(effects)).toBeUndefined();
      }
    },
  );

  test('is recorded with what could be read of it', () => {
    const effects = connect(answering('exception')).client(adu(9, '01 10 0005 007c 02 1234'));
    expect(refusals(effects)).toMatchObject([{ functionCode: 16, address: 5, quantity: 124, values: [] }]);
  });

  test('and has the wrong length ends the connection', () => {
    const effects = connect(answering('exception')).client(adu(9, '01 03 0000 0001 00'));
    expect(closeOf(effects)).toBe('malformed-pdu');
    expect(refusals(effects)).toMatchObject([
      { transactionId: 9, bytes: adu(9, '01 03 0000 0001 00'), action: 'reset' },
    ]);
  });

  test('in its header ends the connection with the bytes and their place on record', () => {
    const wrong = Uint8Array.from([0, 9, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1]);
    const effects = connect(answering('exception')).client(join(adu(8, '01 03 0000 0001'), wrong));
    expect(toServer(effects)).toHaveLength(1);
    expect(refusals(effects)).toMatchObject([
      { reason: 'malformed-adu', functionCode: 0, bytes: wrong, offset: 12 + 2, from: 'client' },
    ]);
    expect(decisionsIn(effects)).toEqual(['allow']);
  });
});

describe('a broadcast behind a serial gateway', () => {
  const kind = 'serial-gateway';
  const broadcaster = profileOf([permit([6, 3], { units: [0, 1] })], { outstanding: 2 });

  test('waits for no answer and gets none of ours', () => {
    const connection = connect(broadcaster, { kind });
    expect(toServer(connection.ask(writeRegister(1, 1, 0)))).toHaveLength(1);
    connection.wait(1_000);
    expect(connection.tick()).toEqual([]);
  });

  test('that is refused is not answered either', () => {
    const connection = connect(profileOf([permit([3])]), { kind });
    const effects = connection.ask(writeRegister(1, 1, 0));
    expect(toClient(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ action: 'drop', exceptionCode: 0 }]);
    expect(connection.client(adu(7, '00 03 0000 0000')).map(({ kind }) => kind)).toEqual([
      'decided',
      'refused',
    ]);
  });

  test('that is refused still ends the connection where the rule says so', () => {
    const connection = connect(answering('exception-close'), { kind });
    const effects = connection.ask(writeRegister(1, 1, 0));
    expect(toClient(effects)).toEqual([]);
    expect(closeOf(effects)).toBe('fc-not-allowed');
  });

  test('may only write', () => {
    expect(decisionsIn(connect(broadcaster, { kind }).ask(read(3, 0, 1, 0)))).toEqual(['refuse']);
  });

  test('that a device does answer is answered', () => {
    const effects = connect(broadcaster, { kind }).exchange(writeRegister(1, 1, 0), '00 06 0001 0001');
    expect(toClient(effects)).toEqual([adu(100, '00 06 0001 0001')]);
  });

  test('holds up neither reads nor exceptions', () => {
    const connection = connect(broadcaster, { kind });
    const effects = connection.ask(writeRegister(1, 1, 0), read(3, 0), read(4, 0));
    expect(toServer(effects)).toHaveLength(2);
    connection.server(adu(idOf(toServer(effects)[1]!), '01 03 02 0001'));
    expect(toClient(connection.ask(read(4, 0))).map(idOf)).toEqual([103]);
  });

  test('leaves room for the next request, where there is to be one at a time', () => {
    const single = profileOf([permit([6, 3], { units: [0, 1] })], { outstanding: 1 });
    expect(toServer(connect(single, { kind }).ask(writeRegister(1, 1, 0), read(3, 0)))).toHaveLength(2);
  });

  test('too many of them wait until the table has forgotten the first', () => {
    const connection = connect(broadcaster, { kind });
    const effects = connection.ask(...Array.from({ length: 17 }, (_, value) => writeRegister(1, value, 0)));
    expect(toServer(effects)).toHaveLength(16);
    connection.wait(1_000);
    expect(toServer(connection.tick())).toHaveLength(1);
  });
});

test('unit 0 of a direct device is answered like any other', () => {
  const connection = connect(profileOf([permit([6], { units: [0] })]));
  const effects = connection.ask(writeRegister(1, 1, 0), writeRegister(500, 1, 0));
  expect(toServer(effects)).toHaveLength(1);
  connection.wait(1_000);
  expect(toClient(connection.tick()).map(hexOf)).toEqual([
    '00 64 00 00 00 03 00 86 0b',
    '00 65 00 00 00 03 00 86 02',
  ]);
});

describe('a function that a server may leave without answer', () => {
  const diagnoser = profileOf([permit([3, 8], { subFunctions: [0, 1, 4] })]);

  test.for([1, 4])('diagnostics %i has no time-out exception, and what follows goes on', (subFunction) => {
    const connection = connect(diagnoser);
    const asked = connection.ask(diagnostics(subFunction), writeRegister(0, 0));
    expect(toServer(asked)).toHaveLength(1);
    connection.wait(1_000);
    const due = connection.tick();
    expect(reasonsOf(due)).toEqual([]);
    const answers = [...toClient(asked), ...toClient(due)];
    expect(answers.map(hexOf)).toEqual(['00 65 00 00 00 03 01 86 01']);
    connection.wait(20_000);
    expect(connection.tick()).toEqual([]);
  });

  test('Restart Communications that is answered is answered', () => {
    const effects = connect(diagnoser).exchange(diagnostics(1, [0xff00]), '01 08 0001 ff00');
    expect(toClient(effects)).toEqual([adu(100, '01 08 0001 ff00')]);
  });

  test('Force Listen Only Mode that a server does not know is answered with its exception', () => {
    const effects = connect(diagnoser).exchange(diagnostics(4), '01 88 01');
    expect(toClient(effects)).toEqual([adu(100, '01 88 01')]);
  });
});
