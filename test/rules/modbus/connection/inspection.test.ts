import { describe, expect, test } from 'vitest';
import { RefusalBytes } from '../../../../rules/modbus/connection/effect.ts';
import { join, permit, profileOf } from '../builders.ts';
import { closeOf, connect, idOf, refusals, toClient, toleratedIn, toServer } from '../recording-sink.ts';
import {
  adu,
  aduOf,
  diagnostics,
  hexOf,
  read,
  readFile,
  readWrite,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

const operator = profileOf([
  permit([1, 2, 3, 4]),
  permit([6], {
    line: 12,
    name: 'dose',
    values: [{ type: 'u16', words: 'big', bytes: 'big', bits: undefined, min: 0, max: 35, allowed: [] }],
  }),
]);

describe('a permitted request', () => {
  test('goes to the server under an identifier of ours and comes back under the client’s', () => {
    const connection = connect(operator);
    const [request] = toServer(connection.client(adu(0x8001, '01 03 0000 0001')));
    expect(request).toEqual(adu(idOf(request!), '01 03 0000 0001'));
    const [response] = toClient(connection.server(adu(idOf(request!), '01 03 02 002a')));
    expect(response).toEqual(adu(0x8001, '01 03 02 002a'));
  });

  test('is told of once, with the permission that allowed it', () => {
    const effects = connect(operator).ask(writeRegister(40, 20));
    expect(effects.filter(({ kind }) => kind !== 'to-server')).toEqual([
      { kind: 'decided', functionCode: 6, unit: 1, outcome: 'allow', reason: undefined, permission: 1 },
    ]);
  });

  test('with bits behind its last coil goes on without them, and that is told', () => {
    const connection = connect(profileOf([permit([15, 1])]));
    const effects = connection.client(adu(9, '01 0f 0000 000a 02 cd ff'));
    const [sent] = toServer(effects);
    expect(hexOf(sent!.subarray(6))).toBe('01 0f 00 00 00 0a 02 cd 03');
    expect(toleratedIn(effects)).toEqual(['coil-padding']);
    const answered = connection.exchange(read(1, 0, 10), '01 01 02 cd ff');
    expect(toClient(answered)).toEqual([adu(100, '01 01 02 cd 03')]);
    expect(toleratedIn(answered)).toEqual(['coil-padding']);
  });

  test('may use an identifier again before its first use is answered', () => {
    const connection = connect(operator);
    const asked = connection.client(join(adu(5, '01 03 0001 0001'), adu(5, '01 03 0002 0001')));
    const [one, two] = toServer(asked).map(idOf);
    expect(one).not.toBe(two);
    const second = toClient(connection.server(adu(two!, '01 03 02 0002')));
    const first = toClient(connection.server(adu(one!, '01 03 02 0001')));
    expect([...second, ...first].map(hexOf)).toEqual([
      '00 05 00 00 00 05 01 03 02 00 02',
      '00 05 00 00 00 05 01 03 02 00 01',
    ]);
  });

  test('is answered in whatever order the server answers', () => {
    const connection = connect(operator);
    const ids = toServer(connection.ask(read(3, 0), read(3, 1), read(3, 2))).map(idOf);
    const answers = ids.toReversed().map((id, index) => adu(id, `01 03 02 000${index}`));
    expect(toClient(connection.server(join(...answers))).map(idOf)).toEqual([102, 101, 100]);
  });

  test('passes the exception of the server on', () => {
    const effects = connect(operator).exchange(read(3, 0), '01 83 02');
    expect(toClient(effects)).toEqual([adu(100, '01 83 02')]);
    expect(refusals(effects)).toEqual([]);
  });
});

describe('a refused request', () => {
  test('is answered with an exception, recorded in full, and forwarded in no byte', () => {
    const effects = connect(operator).ask(writeRegister(40, 200));
    expect(toServer(effects)).toEqual([]);
    expect(toClient(effects)).toEqual([adu(100, '01 86 03')]);
    expect(refusals(effects)).toEqual([
      {
        at: 1_000,
        from: 'client',
        transactionId: 100,
        unit: 1,
        functionCode: 6,
        subFunction: undefined,
        address: 40,
        quantity: 1,
        values: [200],
        read: undefined,
        file: undefined,
        before: [],
        reason: 'value-out-of-range',
        permission: { index: 1, id: 'test/6', line: 12, name: 'dose' },
        exceptionCode: 3,
        action: 'exception',
        audit: false,
        bytes: adu(100, '01 06 0028 00c8'),
        offset: 0,
      },
    ]);
    expect(effects.find(({ kind }) => kind === 'decided')).toMatchObject({
      outcome: 'refuse',
      reason: 'value-out-of-range',
      permission: 1,
    });
  });

  test('between two permitted ones in one segment leaves both and the connection alive', () => {
    const connection = connect(operator);
    const effects = connection.ask(read(3, 0), writeRegister(40, 200), read(4, 1));
    const ids = toServer(effects).map(idOf);
    expect(ids).toHaveLength(2);
    expect(closeOf(effects)).toBeUndefined();
    const answers = join(adu(ids[0]!, '01 03 02 0001'), adu(ids[1]!, '01 04 02 0002'));
    expect(toClient(connection.server(answers)).map(hexOf)).toEqual([
      '00 64 00 00 00 05 01 03 02 00 01',
      '00 65 00 00 00 03 01 86 03',
      '00 66 00 00 00 05 01 04 02 00 02',
    ]);
  });

  test('is not answered before the requests in front of it', () => {
    const connection = connect(operator);
    const effects = connection.ask(read(3, 0), read(3, 1), writeRegister(40, 200));
    expect(toClient(effects)).toEqual([]);
    const [one, two] = toServer(effects).map(idOf);
    expect(toClient(connection.server(adu(two!, '01 03 02 0002'))).map(idOf)).toEqual([101]);
    expect(toClient(connection.server(adu(one!, '01 03 02 0001'))).map(idOf)).toEqual([100, 102]);
  });

  test('never holds the answer of the server to a later request', () => {
    const connection = connect(operator);
    const ids = toServer(connection.ask(read(3, 0), writeRegister(40, 200), read(3, 2))).map(idOf);
    expect(toClient(connection.server(adu(ids[1]!, '01 03 02 0002'))).map(idOf)).toEqual([102]);
  });

  test('behind a request that times out is answered behind its exception', () => {
    const connection = connect(operator);
    connection.ask(read(3, 0), writeRegister(40, 200));
    connection.wait(1_000);
    expect(toClient(connection.tick()).map(hexOf)).toEqual([
      '00 64 00 00 00 03 01 83 0b',
      '00 65 00 00 00 03 01 86 03',
    ]);
  });

  test('records both halves of function code 23', () => {
    const effects = connect(operator).ask(readWrite(3, 2, 7, [1, 2, 3]));
    expect(refusals(effects)).toMatchObject([
      { address: 7, quantity: 3, values: [1, 2, 3], read: { address: 3, quantity: 2 } },
    ]);
  });

  test('records the sub-function, and the file record that was too much', () => {
    const files = [{ firstFile: 1, lastFile: 1, firstRecord: 0, lastRecord: 9 }];
    const connection = connect(profileOf([permit([20], { files })]));
    expect(refusals(connection.ask(diagnostics(4)))).toMatchObject([{ functionCode: 8, subFunction: 4 }]);
    const within = { file: 1, record: 2, length: 3 };
    const beyond = { file: 1, record: 8, length: 3 };
    expect(refusals(connection.ask(readFile([within, beyond])))).toMatchObject([
      { reason: 'file-out-of-range', file: beyond },
    ]);
  });

  test('records what was there before, as far as it is known', () => {
    const step = { max: 5, maxPerMinute: undefined, noOlderThan: 0 };
    const connection = connect(profileOf([permit([3]), permit([16], { step })]));
    connection.exchange(read(3, 40, 2), '01 03 04 0014 0015');
    expect(refusals(connection.ask(writeRegisters(40, [90, 91, 92])))).toMatchObject([{ before: [20, 21] }]);
  });

  test('records its place in the stream and no more than its first bytes', () => {
    const connection = connect(operator);
    connection.ask(read(3, 0));
    const big = aduOf(writeRegisters(0, new Array<number>(100).fill(7)), 9);
    expect(refusals(connection.client(big))).toMatchObject([
      { bytes: big.slice(0, RefusalBytes), offset: 12, transactionId: 9 },
    ]);
  });
});

test('after a close nothing comes any more', () => {
  const connection = connect(operator);
  const [sent] = toServer(connection.ask(read(3, 0)));
  expect(closeOf(connection.client(adu(0, '01 03')))).toBe('malformed-pdu');
  expect(connection.client(aduOf(read(3, 0), 1))).toEqual([]);
  expect(connection.server(adu(idOf(sent!), '01 03 02 0001'))).toEqual([]);
  expect(connection.tick()).toEqual([]);
  expect(connection.inspection.nextDeadline()).toBeUndefined();
  expect(connection.inspection.readingClient()).toBe(false);
});

test('requests in front of a malformed one are forwarded, and nothing behind it', () => {
  const connection = connect(operator);
  const effects = connection.client(
    join(adu(1, '01 03 0000 0001'), adu(2, '01 03'), adu(3, '01 03 0000 0001')),
  );
  expect(effects.map(({ kind }) => kind)).toEqual(['to-server', 'decided', 'decided', 'refused', 'close']);
});
