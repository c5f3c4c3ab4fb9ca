import { describe, expect, test } from 'vitest';
import { createDeviceState } from '../../../rules/modbus/device-state.ts';
import { PartialTimeout } from '../../../rules/modbus/frame-stream.ts';
import { emitRequest } from '../../../rules/modbus/request.ts';
import { LateTimeouts } from '../../../rules/modbus/transaction.ts';
import {
  adu,
  closeOf,
  connect,
  hexOf,
  idOf,
  join,
  permit,
  profileOf,
  read,
  readWrite,
  reasonsOf,
  refusals,
  toClient,
  toServer,
  writeCoil,
  writeRegister,
} from './builders.ts';

const operator = profileOf([
  permit([1, 2, 3, 4]),
  permit([6], {
    line: 12,
    name: 'dose',
    value: { type: 'u16', words: 'big', min: 0, max: 35, allowed: [] },
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

  test('is counted once, with the time it came', () => {
    const effects = connect(operator).ask(read(3, 0));
    expect(effects.filter(({ kind }) => kind === 'transaction')).toEqual([
      {
        kind: 'transaction',
        functionCode: 3,
        unit: 1,
        verdict: 'allow',
        reason: undefined,
        receivedAt: 1_000,
      },
    ]);
    expect(effects.find(({ kind }) => kind === 'to-server')).toMatchObject({ receivedAt: 1_000 });
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
        address: 40,
        quantity: 1,
        values: [200],
        read: undefined,
        reason: 'value-out-of-range',
        permission: { index: 1, line: 12, name: 'dose' },
        exceptionCode: 3,
        audit: false,
      },
    ]);
    expect(effects.find(({ kind }) => kind === 'transaction')).toMatchObject({
      verdict: 'refuse',
      reason: 'value-out-of-range',
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

  test('of a function that cannot be inspected is refused whatever the policy says', () => {
    const effects = connect(profileOf([permit([8, 43], { mei: [14] })])).client(adu(9, '01 2b 0e 01 00'));
    expect(toClient(effects)).toEqual([adu(9, '01 ab 01')]);
    expect(reasonsOf(effects)).toEqual(['fc-not-supported']);
  });
});

describe('limits', () => {
  test('a request above the outstanding limit is refused as busy, and the next one passes after an answer', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 2 }));
    const effects = connection.ask(read(3, 0), read(3, 1), read(3, 2));
    expect(reasonsOf(effects)).toEqual(['too-many-outstanding']);
    const [one] = toServer(effects).map(idOf);
    connection.server(adu(one!, '01 03 02 0001'));
    expect(toServer(connection.ask(read(3, 3)))).toHaveLength(1);
  });

  test('reading from the client pauses while too much waits', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 2 }));
    const ids = toServer(connection.ask(read(3, 0), read(3, 1))).map(idOf);
    expect(connection.inspection.readingClient).toBe(true);
    connection.ask(read(3, 2), read(3, 3));
    expect(connection.inspection.readingClient).toBe(false);
    for (const id of ids) connection.server(adu(id, '01 03 02 0001'));
    expect(connection.inspection.readingClient).toBe(true);
  });

  test('requests above the rate are refused as busy until time has passed', () => {
    const connection = connect(profileOf([permit([3])], { aduPerSecond: 2 }));
    const effects = connection.ask(read(3, 0), read(3, 1), read(3, 2));
    expect(toServer(effects)).toHaveLength(2);
    expect(refusals(effects)).toMatchObject([{ reason: 'rate-exceeded', exceptionCode: 6 }]);
    connection.wait(500);
    expect(toServer(connection.ask(read(3, 3)))).toHaveLength(1);
  });

  test('refused requests count against the rate', () => {
    const connection = connect(profileOf([permit([3])], { aduPerSecond: 2 }));
    connection.ask(writeCoil(0, true), writeCoil(0, true));
    expect(reasonsOf(connection.ask(read(3, 0)))).toEqual(['rate-exceeded']);
  });
});

describe('time', () => {
  test('a request without an answer gets exception 0x0b, and its late answer goes nowhere', () => {
    const connection = connect(operator);
    const [sent] = toServer(connection.ask(read(3, 0)));
    expect(connection.inspection.nextDeadline()).toBe(2_000);
    connection.wait(999);
    expect(connection.tick()).toEqual([]);
    connection.wait(1);
    const due = connection.tick();
    expect(toClient(due)).toEqual([adu(100, '01 83 0b')]);
    expect(refusals(due)).toMatchObject([
      { reason: 'request-timeout', exceptionCode: 11, transactionId: 100 },
    ]);
    expect(connection.server(adu(idOf(sent!), '01 03 02 0001'))).toEqual([
      { kind: 'late-response', functionCode: 3, unit: 1 },
    ]);
  });

  test('a late answer is never taken for the answer to another request', () => {
    const connection = connect(operator);
    const [old] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    connection.tick();
    const [next] = toServer(connection.ask(read(3, 0)));
    expect(toClient(connection.server(adu(idOf(old!), '01 03 02 dead')))).toEqual([]);
    expect(toClient(connection.server(adu(idOf(next!), '01 03 02 0001')))).toEqual([
      adu(101, '01 03 02 0001'),
    ]);
  });

  test('a second late answer was asked for by nobody', () => {
    const connection = connect(operator);
    const [old] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    connection.tick();
    connection.server(adu(idOf(old!), '01 03 02 0001'));
    expect(closeOf(connection.server(adu(idOf(old!), '01 03 02 0001')))).toBe('response-unsolicited');
  });

  test('an answer is late no longer than it may be', () => {
    const connection = connect(operator);
    const [old] = toServer(connection.ask(read(3, 0)));
    connection.wait(LateTimeouts * 1_000);
    connection.tick();
    expect(connection.inspection.nextDeadline()).toBeUndefined();
    expect(closeOf(connection.server(adu(idOf(old!), '01 03 02 0001')))).toBe('response-unsolicited');
  });

  test.for(['client', 'server'] as const)(
    'an ADU that the %s began and does not finish ends the connection',
    (side) => {
      const connection = connect(operator);
      connection[side](adu(1, '01 03 0000 0001').slice(0, 7));
      expect(connection.inspection.nextDeadline()).toBe(1_000 + PartialTimeout);
      connection.wait(PartialTimeout - 1);
      connection[side](Uint8Array.of(3));
      expect(connection.tick()).toEqual([]);
      connection.wait(1);
      expect(closeOf(connection.tick())).toBe('partial-timeout');
    },
  );

  test('each ADU has its own time to be finished', () => {
    const connection = connect(operator);
    const bytes = adu(1, '01 03 0000 0001');
    connection.client(bytes.slice(0, 7));
    connection.wait(PartialTimeout - 1);
    connection.client(join(bytes.slice(7), bytes.slice(0, 7)));
    connection.wait(PartialTimeout - 1);
    expect(closeOf(connection.tick())).toBeUndefined();
    connection.wait(1);
    expect(closeOf(connection.tick())).toBe('partial-timeout');
  });

  test('the pause while we do not read is not held against the client', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 1, requestTimeout: 60_000 }));
    const bytes = join(...[0, 1, 2].map((id) => adu(id, '01 03 0000 0001')));
    const [sent] = toServer(connection.client(bytes.slice(0, -2)));
    expect(connection.inspection.readingClient).toBe(false);
    connection.wait(10 * PartialTimeout);
    expect(connection.tick()).toEqual([]);
    connection.server(adu(idOf(sent!), '01 03 02 0001'));
    expect(connection.inspection.readingClient).toBe(true);
    expect(connection.tick()).toEqual([]);
    expect(toServer(connection.client(bytes.slice(-2)))).toHaveLength(1);
  });

  test('an idle connection has no deadline', () => {
    const connection = connect(operator);
    connection.exchange(read(3, 0), '01 03 02 0001');
    expect(connection.inspection.nextDeadline()).toBeUndefined();
  });
});

describe('unit 0', () => {
  const broadcaster = profileOf([permit([6, 3], { units: [0] })], { outstanding: 2 });

  test('a broadcast write waits for no answer and gets none of ours', () => {
    const connection = connect(broadcaster);
    expect(toServer(connection.ask(writeRegister(1, 1, 0)))).toHaveLength(1);
    connection.wait(1_000);
    expect(connection.tick()).toEqual([]);
  });

  test('a broadcast write that a device does answer is answered', () => {
    const effects = connect(broadcaster).exchange(writeRegister(1, 1, 0), '00 06 0001 0001');
    expect(toClient(effects)).toEqual([adu(100, '00 06 0001 0001')]);
  });

  test('broadcast writes hold up neither reads nor exceptions, and are limited by themselves', () => {
    const connection = connect(broadcaster);
    const writes = [1, 2, 3].map((value) => writeRegister(1, value, 0));
    const effects = connection.ask(...writes, read(3, 0, 1, 0), read(4, 0, 1, 0));
    expect(toServer(effects)).toHaveLength(3);
    expect(reasonsOf(effects)).toEqual(['too-many-outstanding', 'fc-not-allowed']);
    expect(toClient(effects).map(hexOf)).toEqual(['00 66 00 00 00 03 00 86 06']);
  });
});

describe('the audit stage', () => {
  test('passes what policy refuses, and says so', () => {
    const connection = connect(operator, { auditUntil: 5_000 });
    const effects = connection.ask(writeRegister(40, 200));
    expect(toServer(effects)).toHaveLength(1);
    expect(toClient(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([
      { reason: 'value-out-of-range', audit: true, exceptionCode: 0 },
    ]);
    expect(effects.find(({ kind }) => kind === 'transaction')).toMatchObject({ verdict: 'would-refuse' });
  });

  test('ends by itself', () => {
    const connection = connect(operator, { auditUntil: 5_000 });
    connection.wait(4_000);
    const effects = connection.ask(writeRegister(40, 200));
    expect(toServer(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ audit: false, exceptionCode: 3 }]);
  });

  test.for([
    ['malformed bytes', adu(1, '01 03 0000 0001 00')],
    ['a function that cannot be inspected', adu(1, '01 08 0004 0000')],
    ['a quantity the protocol forbids', adu(1, '01 03 0000 007e')],
  ] as const)('never passes %s', ([, bytes]) => {
    const effects = connect(operator, { auditUntil: 5_000 }).client(bytes);
    expect(toServer(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ audit: false }]);
  });

  test('lifts the rate and not the limit of outstanding requests', () => {
    const profile = profileOf([permit([3])], { aduPerSecond: 1, outstanding: 2 });
    const effects = connect(profile, { auditUntil: 5_000 }).ask(read(3, 0), read(3, 1), read(3, 2));
    expect(toServer(effects)).toHaveLength(2);
    expect(reasonsOf(effects)).toEqual(['rate-exceeded', 'too-many-outstanding']);
  });
});

describe('a new policy', () => {
  test('judges the next request, keeps the connection and what is under way', () => {
    const connection = connect(operator);
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.inspection.adopt(profileOf([permit([6])]), 0);
    expect(reasonsOf(connection.ask(read(3, 0)))).toEqual(['fc-not-allowed']);
    expect(toClient(connection.server(adu(idOf(sent!), '01 03 02 0001'))).map(idOf)).toEqual([100, 101]);
    expect(toServer(connection.ask(writeRegister(40, 200)))).toHaveLength(1);
  });

  test('has what it needs remembered from then on', () => {
    const connection = connect(profileOf([permit([3])]));
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.inspection.adopt(profileOf([permit([3]), permit([6], { maxStep: 5 })]), 0);
    expect(reasonsOf(connection.ask(writeRegister(40, 21)))).toEqual(['state-unknown']);
    connection.exchange(read(3, 40), '01 03 02 0014');
    expect(toServer(connection.ask(writeRegister(40, 21)))).toHaveLength(1);
  });

  test('ends an audit stage at once', () => {
    const connection = connect(operator, { auditUntil: 5_000 });
    connection.inspection.adopt(operator, 0);
    expect(toServer(connection.ask(writeRegister(40, 200)))).toEqual([]);
  });
});

describe('two connections to one device', () => {
  const stepper = profileOf([
    permit([3]),
    permit([6], { maxStep: 5, minInterval: 5_000, addresses: [{ first: 40, last: 40 }] }),
  ]);

  test('share what is known of it', () => {
    const device = createDeviceState();
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
    ['a write that failed', '01 86 04', undefined],
    ['a write that is being carried out', '01 86 05', undefined],
    ['a write that a gateway lost', '01 86 0b', undefined],
  ] as const)('know after %s what the device holds', ([, answer, value]) => {
    const device = createDeviceState();
    const connection = connect(stepper, { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.exchange(writeRegister(40, 25), answer);
    expect(device.lastValue(1, 'holding-registers', 40)).toBe(value);
  });

  test('know nothing after an exception to function code 23, which writes before it reads', () => {
    const device = createDeviceState();
    const both = permit([23], { maxStep: 5, readAddresses: [{ first: 0, last: 99 }] });
    const connection = connect(profileOf([permit([3]), both]), { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.exchange(readWrite(0, 1, 40, [25]), '01 97 02');
    expect(device.lastValue(1, 'holding-registers', 40)).toBeUndefined();
  });

  test('know nothing of a value whose write was lost with its connection', () => {
    const device = createDeviceState();
    const poller = connect(stepper, { device });
    const writer = connect(stepper, { device });
    poller.exchange(read(3, 40), '01 03 02 0014');
    writer.ask(writeRegister(40, 25));
    writer.inspection.end();
    poller.wait(5_000);
    expect(reasonsOf(poller.ask(writeRegister(40, 25)))).toEqual(['state-unknown']);
    poller.exchange(read(3, 40), '01 03 02 0019');
    expect(toServer(poller.ask(writeRegister(40, 30)))).toHaveLength(1);
  });

  test('know nothing of a value while a write without an answer may still be carried out', () => {
    const device = createDeviceState();
    const connection = connect(stepper, { device });
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.ask(writeRegister(40, 25));
    connection.wait(1_000);
    connection.tick();
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.wait(5_000);
    expect(reasonsOf(connection.ask(writeRegister(40, 15)))).toEqual(['state-unknown']);
    connection.wait(LateTimeouts * 1_000);
    connection.tick();
    connection.exchange(read(3, 40), '01 03 02 0019');
    expect(toServer(connection.ask(writeRegister(40, 30)))).toHaveLength(1);
  });
});

test('after a close nothing comes any more', () => {
  const connection = connect(operator);
  const [sent] = toServer(connection.ask(read(3, 0)));
  expect(closeOf(connection.client(adu(0, '01 03')))).toBe('malformed-pdu');
  expect(connection.client(emitRequest(read(3, 0), 1))).toEqual([]);
  expect(connection.server(adu(idOf(sent!), '01 03 02 0001'))).toEqual([]);
  expect(connection.tick()).toEqual([]);
  expect(connection.inspection.nextDeadline()).toBeUndefined();
  expect(connection.inspection.readingClient).toBe(false);
});

test('requests in front of a malformed one are forwarded, and nothing behind it', () => {
  const connection = connect(operator);
  const effects = connection.client(
    join(adu(1, '01 03 0000 0001'), adu(2, '01 03'), adu(3, '01 03 0000 0001')),
  );
  expect(effects.map(({ kind }) => kind)).toEqual([
    'to-server',
    'transaction',
    'transaction',
    'refusal',
    'close',
  ]);
});
