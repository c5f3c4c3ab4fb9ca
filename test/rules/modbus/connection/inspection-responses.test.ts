import { describe, expect, test } from 'vitest';
import { UnsolicitedPerMinute } from '../../../../rules/modbus/connection/server-side.ts';
import { join, permit, profileOf } from '../builders.ts';
import {
  closeOf,
  connect,
  type Effect,
  idOf,
  quarantinedIn,
  reasonsOf,
  refusals,
  resetOf,
  toClient,
  toleratedIn,
  toServer,
} from '../recording-sink.ts';
import { adu, opaque, read, writeCoil, writeRegister } from '../request-builders.ts';

const operator = profileOf([permit([3, 4]), permit([5, 6])]);

function quarantineOf(effects: readonly Effect[]) {
  return effects.flatMap((effect) => (effect.kind === 'quarantined' ? [effect.refusal] : []));
}

describe('a response that nobody asked for', () => {
  test('is put aside and recorded, and the connection lives', () => {
    const connection = connect(operator);
    const effects = connection.server(adu(7, '01 03 02 0001'));
    expect(quarantineOf(effects)).toMatchObject([
      {
        reason: 'response-unsolicited',
        from: 'server',
        transactionId: 7,
        unit: 1,
        functionCode: 3,
        action: 'drop',
        bytes: adu(7, '01 03 02 0001'),
        offset: 0,
      },
    ]);
    expect(effects).toHaveLength(1);
    expect(toClient(connection.exchange(read(3, 0), '01 03 02 0001'))).toHaveLength(1);
  });

  test('under the identifier of the client instead of ours is one', () => {
    const connection = connect(operator);
    connection.ask(read(3, 0));
    expect(quarantinedIn(connection.server(adu(100, '01 03 02 0001')))).toEqual(['response-unsolicited']);
  });

  test('is put aside so often in a minute, and then ends the connection', () => {
    const connection = connect(operator);
    const one = adu(7, '01 03 02 0001');
    const many = connection.server(join(...Array.from({ length: UnsolicitedPerMinute }, () => one)));
    expect(quarantinedIn(many)).toHaveLength(UnsolicitedPerMinute);
    const last = connection.server(one);
    expect(reasonsOf(last)).toEqual(['response-unsolicited']);
    expect([closeOf(last), resetOf(last)]).toEqual(['response-unsolicited', true]);
  });

  test('is forgiven after a minute', () => {
    const connection = connect(operator);
    for (let count = 0; count < 3 * UnsolicitedPerMinute; count++) {
      expect(quarantinedIn(connection.server(adu(7, '01 03 02 0001')))).toHaveLength(1);
      connection.wait(1_100);
    }
  });
});

describe('the second response to a request', () => {
  test.for([
    ['a read', read(3, 0), '01 03 02 0001'],
    ['a write, whose echo looks like a request', writeRegister(1, 5), '01 06 0001 0005'],
  ] as const)('to %s is put aside, and names what was asked', ([, request, answer]) => {
    const connection = connect(operator);
    const [sent] = toServer(connection.ask(request));
    const response = adu(idOf(sent!), answer);
    const effects = connection.server(join(response, response));
    expect(toClient(effects)).toHaveLength(1);
    const { unit, functionCode } = request;
    const address = request.readAddress + request.writeAddress;
    expect(quarantineOf(effects)).toMatchObject([
      { reason: 'response-unsolicited', transactionId: 100, unit, functionCode, address, quantity: 1 },
    ]);
    expect(closeOf(effects)).toBeUndefined();
  });

  test('is never taken for the answer to the next request, whatever it says', () => {
    const connection = connect(operator);
    const [first] = toServer(connection.ask(read(3, 0)));
    connection.server(adu(idOf(first!), '01 03 02 0001'));
    const [second] = toServer(connection.client(adu(100, '01 03 0000 0001')));
    expect(toClient(connection.server(adu(idOf(first!), '01 03 02 dead')))).toEqual([]);
    expect(toClient(connection.server(adu(idOf(second!), '01 03 02 0002')))).toEqual([
      adu(100, '01 03 02 0002'),
    ]);
  });
});

describe('a server that asks', () => {
  test.for([
    ['a read', '01 03 0000 0001'],
    ['a write', '01 06 0001 ffff'],
    ['a write of several registers', '01 10 0000 0001 02 0001'],
    ['a vendor’s function', '01 5a 00 41'],
  ] as const)('for %s is cut', ([, bytes]) => {
    const effects = connect(operator).server(adu(1, bytes));
    expect(toClient(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ reason: 'server-asks', from: 'server', action: 'reset' }]);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['server-asks', true]);
  });

  test.for([
    ['an echo', '01 06 0001 ffff'],
    ['opaque data', '01 5a 00 41'],
    ['coils', '01 01 03 00 0001'],
  ] as const)('is not one that answers with %s what has been forgotten since', ([, bytes]) => {
    const connection = connect(operator);
    connection.exchange(read(3, 0), '01 03 02 0001');
    for (let turn = 0; turn < 16; turn++) connection.exchange(read(3, 0), '01 03 02 0001');
    const effects = connection.server(adu(1, bytes));
    expect(quarantinedIn(effects)).toEqual(['response-unsolicited']);
    expect(toClient(effects)).toEqual([]);
    expect(closeOf(connection.server(adu(1, '01 10 0000 0001 02 0001')))).toBe('server-asks');
  });

  test('is cut in the audit stage as well', () => {
    const connection = connect(operator, { auditUntil: 9_999, auditMalformed: true });
    expect(closeOf(connection.server(adu(1, '01 03 0000 0001')))).toBe('server-asks');
  });
});

describe('a response that does not fit its request', () => {
  test.for([
    ['another unit', read(3, 0), '02 03 02 0001'],
    ['another function', read(3, 0), '01 04 02 0001'],
    ['an exception of another function', read(3, 0), '01 84 02'],
    ['more registers', read(3, 0), '01 03 04 0001 0002'],
    ['a byte count that lies', read(3, 0), '01 03 04 0001'],
    ['another address echoed', writeRegister(1, 5), '01 06 0002 0005'],
    ['another value echoed', writeRegister(1, 5), '01 06 0001 0006'],
    ['an exception without a code', read(3, 0), '01 83 00'],
  ] as const)('%s: recorded with what was asked, and the end of the connection', ([, request, answer]) => {
    const effects = connect(operator).exchange(request, answer);
    expect(toClient(effects)).toEqual([]);
    const { unit, functionCode } = request;
    expect(refusals(effects)).toMatchObject([
      {
        reason: 'response-mismatch',
        from: 'server',
        transactionId: 100,
        unit,
        functionCode,
        action: 'reset',
      },
    ]);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['response-mismatch', true]);
  });

  test('also when it is late', () => {
    const connection = connect(operator);
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    connection.tick();
    expect(closeOf(connection.server(adu(idOf(sent!), '01 04 02 0001')))).toBe('response-mismatch');
  });

  test('names the permission that let the request pass', () => {
    const effects = connect(operator).exchange(writeRegister(1, 5), '01 06 0001 0006');
    expect(refusals(effects)).toMatchObject([{ permission: { index: 1 } }]);
  });
});

describe('a tolerance', () => {
  test.for([
    ['coil-echo-0001', writeCoil(3, true), '01 05 0003 0001', '01 05 0003 ff00'],
    ['unit-echo', read(3, 0), 'ff 03 02 0001', '01 03 02 0001'],
  ] as const)(
    '%s is counted when used, corrected for the client, and off unless named',
    ([name, request, answer, seen]) => {
      const effects = connect(operator, { tolerances: [name] }).exchange(request, answer);
      expect(toClient(effects)).toEqual([adu(100, seen)]);
      expect(toleratedIn(effects)).toEqual([name]);
      expect(closeOf(connect(operator).exchange(request, answer))).toBe('response-mismatch');
    },
  );

  test('is not counted when it was not needed', () => {
    const connection = connect(operator, { tolerances: ['coil-echo-0001', 'late-response', 'unit-echo'] });
    expect(toleratedIn(connection.exchange(writeCoil(3, true), '01 05 0003 ff00'))).toEqual([]);
  });

  const umas = profileOf([permit([90], { subFunctions: [0x24], maxBytes: 300 })]);
  const long = opaque(90, [0, 0x24, ...new Array<number>(280).fill(7)]);

  test('long-adu lets a function with a size of its own exceed the usual one, in both directions', () => {
    const connection = connect(umas, { tolerances: ['long-adu'] });
    const asked = connection.ask(long);
    expect(toServer(asked).map((each) => each.length)).toEqual([290]);
    expect(toleratedIn(asked)).toEqual(['long-adu']);
    const answered = connection.server(adu(idOf(toServer(asked)[0]!), `01 5a 00 fe ${'07'.repeat(288)}`));
    expect(toClient(answered).map((each) => each.length)).toEqual([298]);
    expect(toleratedIn(answered)).toEqual(['long-adu']);
  });

  test('long-adu is off unless named, and no function without a size of its own gets it', () => {
    expect(closeOf(connect(umas).ask(long))).toBe('malformed-adu');
    const mixed = profileOf([permit([16, 90], { subFunctions: [0x24], maxBytes: 300 })]);
    const connection = connect(mixed, { tolerances: ['long-adu'] });
    expect(closeOf(connection.client(adu(1, `01 10 ${'00'.repeat(270)}`)))).toBe('malformed-adu');
  });
});

describe('the tolerance for late responses', () => {
  const tolerances = ['late-response'] as const;

  test('delivers one, instead of an exception before it', () => {
    const connection = connect(operator, { tolerances });
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    const due = connection.tick();
    expect(toClient(due)).toEqual([]);
    expect(refusals(due)).toMatchObject([{ reason: 'request-timeout', exceptionCode: 0, action: 'drop' }]);
    const late = connection.server(adu(idOf(sent!), '01 03 02 0001'));
    expect(toClient(late)).toEqual([adu(100, '01 03 02 0001')]);
    expect(toleratedIn(late)).toEqual(['late-response']);
  });

  test.for([
    ['forwarded', '01 03 0000 0001'],
    ['refused', '01 0f 0000 0001 01 01'],
  ] as const)('not where the client has used the identifier again for a request that was %s', ([, again]) => {
    const connection = connect(operator, { tolerances });
    const [sent] = toServer(connection.client(adu(5, '01 03 0000 0001')));
    connection.wait(1_000);
    connection.tick();
    connection.client(adu(5, again));
    const late = connection.server(adu(idOf(sent!), '01 03 02 dead'));
    expect(toClient(late)).toEqual([]);
    expect(quarantinedIn(late)).toEqual(['response-late']);
  });

  test('delivers it once', () => {
    const connection = connect(operator, { tolerances });
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    connection.tick();
    const answer = adu(idOf(sent!), '01 03 02 0001');
    expect(toClient(connection.server(join(answer, answer)))).toHaveLength(1);
  });
});
