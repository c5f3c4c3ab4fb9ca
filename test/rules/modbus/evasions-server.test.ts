import { describe, expect, test } from 'vitest';
import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { Reason } from '../../../rules/reason.ts';
import { join, permit, profileOf } from './builders.ts';
import { inPieces } from './pieces.ts';
import {
  type Connection,
  closeOf,
  connect,
  decisionsIn,
  idOf,
  quarantinedIn,
  reasonsOf,
  refusals,
  toClient,
  toServer,
} from './recording-sink.ts';
import {
  adu,
  aduOf,
  hexOf,
  maskWrite,
  read,
  writeCoil,
  writeRegister,
  writeRegisters,
} from './request-builders.ts';

/** What servers, floods and changes of policy try, E28 to E35; what clients do is in `evasions.test.ts`. */
const everything = profileOf([permit([1, 2, 3, 4, 5, 6, 15, 16, 22, 23])]);

describe('E28 a server that answers what was not asked', () => {
  const asked = read(3, 0);
  test.for([
    { name: 'V28 another unit', answer: '02 03 02 0001' },
    { name: 'V29 more registers, and more than its count', answer: '01 03 04 0001 0002 0003' },
    { name: 'more registers', answer: '01 03 04 0001 0002' },
    { name: 'no registers', answer: '01 03 00' },
    { name: 'V30 another function', answer: '01 04 02 0001' },
    { name: 'V31 an exception for another function', answer: '01 84 01' },
    { name: 'an exception with two codes', answer: '01 83 02 02' },
    { name: 'exception 0', answer: '01 83 00' },
    { name: 'an oversized response', answer: `01 03 fa ${'00'.repeat(250)}` },
    { name: 'its own request back', answer: '01 03 0000 0001' },
    { name: 'an echo with another address', request: writeRegister(1, 7), answer: '01 06 0002 0007' },
    { name: 'an echo with another value', request: writeRegister(1, 7), answer: '01 06 0001 0008' },
    { name: 'an echo with another coil value', request: writeCoil(1, true), answer: '01 05 0001 0000' },
    { name: 'a coil echoed as 0x0001', request: writeCoil(1, true), answer: '01 05 0001 0001' },
    { name: 'another quantity', request: writeRegisters(1, [1, 2]), answer: '01 10 0001 0001' },
    { name: 'another mask', request: maskWrite(1, 2, 3), answer: '01 16 0001 0003 0003' },
  ])('E28 $name: the client gets nothing of it and both ends are cut', ({ request = asked, answer }) => {
    const connection = connect(everything);
    const effects = connection.exchange(request, answer);
    expect(toClient(effects)).toEqual([]);
    expect(reasonsOf(effects)).toEqual(['response-mismatch']);
    expect(closeOf(effects)).toBe('response-mismatch');
    expect(connection.server(adu(1, '01 03 02 0001'))).toEqual([]);
  });

  test('E28 an unsolicited response is put aside and the connection goes on', () => {
    const connection = connect(everything);
    expect(quarantinedIn(connection.server(adu(9, '01 03 02 bad0')))).toEqual(['response-unsolicited']);
    expect(toClient(connection.exchange(asked, '01 03 02 0001'))).toHaveLength(1);
  });

  test('E28 a second response to the same request is put aside', () => {
    const connection = connect(everything);
    const [sent] = toServer(connection.ask(asked));
    const answer = adu(idOf(sent!), '01 03 02 0001');
    const effects = connection.server(join(answer, answer));
    expect(toClient(effects)).toHaveLength(1);
    expect(quarantinedIn(effects)).toEqual(['response-unsolicited']);
    expect(closeOf(effects)).toBe(undefined);
  });

  test('E28 an identifier used again while it is pending brings each request its own answer', () => {
    const connection = connect(everything);
    const effects = connection.client(join(aduOf(read(3, 1), 7), aduOf(read(3, 2), 7)));
    const [first, second] = toServer(effects);
    expect(idOf(first!)).not.toBe(idOf(second!));
    const later = connection.server(adu(idOf(second!), '01 03 02 0002'));
    const sooner = connection.server(adu(idOf(first!), '01 03 02 0001'));
    expect([...toClient(later), ...toClient(sooner)].map(hexOf)).toEqual([
      '00 07 00 00 00 05 01 03 02 00 02',
      '00 07 00 00 00 05 01 03 02 00 01',
    ]);
  });

  test('E28 a response after the time-out is put aside, also when the client asks again under its identifier', () => {
    const connection = connect(everything);
    const [sent] = toServer(connection.client(aduOf(read(3, 1), 7)));
    connection.wait(1_000);
    expect(hexOf(toClient(connection.tick())[0]!)).toBe('00 07 00 00 00 03 01 83 0b');
    const [again] = toServer(connection.client(aduOf(read(3, 1), 7)));
    const late = connection.server(adu(idOf(sent!), '01 03 02 bad0'));
    expect(toClient(late)).toEqual([]);
    expect(quarantinedIn(late)).toEqual(['response-late']);
    expect(toClient(connection.server(adu(idOf(again!), '01 03 02 0001'))).map(hexOf)).toEqual([
      '00 07 00 00 00 05 01 03 02 00 01',
    ]);
  });

  test('E28 a response begun, and finished with bytes of another one, is one that does not fit', () => {
    const connection = connect(everything);
    const [sent] = toServer(connection.ask(read(3, 0, 4)));
    const begun = adu(idOf(sent!), '01 03 08 0001 0002 0003 0004').slice(0, 11);
    expect(connection.server(begun)).toEqual([]);
    const effects = connection.server(adu(9, '01 03 02 bad0'));
    expect(toClient(effects).map((one) => one.length)).toEqual([17]);
    expect(closeOf(connection.server(adu(9, '01 03 02 bad0').slice(6)))).toBe('malformed-adu');
  });

  test('E28 a response split at every byte is read as the whole one', () => {
    const length = adu(1, '01 03 02 0001').length;
    for (let cut = 1; cut < length; cut++) {
      const connection = connect(everything);
      const [sent] = toServer(connection.ask(asked));
      const bytes = adu(idOf(sent!), '01 03 02 0001');
      expect(connection.server(bytes.slice(0, cut))).toEqual([]);
      expect(toClient(connection.server(bytes.slice(cut)))).toHaveLength(1);
    }
  });

  test('E28 what is put aside is bounded as well', () => {
    const connection = connect(everything);
    let count = 0;
    while (closeOf(connection.server(adu(9_000, '01 03 02 bad0'))) === undefined) count++;
    expect(count).toBe(60);
  });
});

describe('E29 a server that asks', () => {
  test.for([
    { name: 'a write', request: writeRegister(1, 0xffff) },
    { name: 'a read', request: read(3, 0) },
    { name: 'a write of several', request: writeRegisters(1, [1, 2]) },
  ])('E29 $name is cut, with or without a client waiting', ({ request }) => {
    for (const isWaiting of [false, true]) {
      const connection = connect(everything);
      if (isWaiting) connection.ask(read(3, 0));
      const effects = connection.server(aduOf(request, 9));
      expect(toClient(effects)).toEqual([]);
      expect(reasonsOf(effects)).toEqual(['server-asks']);
      expect(closeOf(effects)).toBe('server-asks');
    }
  });

  test('E29 something else than Modbus is cut', () => {
    const effects = connect(everything).server(new TextEncoder().encode('SSH-2.0-OpenSSH_9.6\r\n'));
    expect(closeOf(effects)).toBe('malformed-adu');
  });
});

describe('E30 a storm of exceptions', () => {
  test.for([5, 6])('E30 of the server, code %i, ends at the limit and not before', (code) => {
    const connection = connect(profileOf([permit([3])], { exceptionsPerMinute: 20 }));
    for (let count = 0; count < 20; count++) {
      const effects = connection.exchange(read(3, 0), `01 83 0${code}`);
      expect(toClient(effects)).toHaveLength(1);
    }
    const last = connection.exchange(read(3, 0), `01 83 0${code}`);
    expect(toClient(last)).toEqual([]);
    expect(closeOf(last)).toBe('too-many-exceptions');
  });

  test('E30 that a client draws from us by knocking ends at the limit', () => {
    const connection = connect(profileOf([permit([3])], { exceptionsPerMinute: 20 }));
    const effects = connection.ask(...Array.from({ length: 30 }, () => writeRegister(1, 1)));
    expect(toClient(effects)).toHaveLength(20);
    expect(closeOf(effects)).toBe('too-many-exceptions');
  });
});

describe('E31 more requests than a server takes', () => {
  test.for([1, 16, 512])(
    'E31 with %i outstanding the rest waits and is answered, none is refused',
    (limit) => {
      const connection = connect(profileOf([permit([3])], { outstanding: limit, outstandingPerUnit: 512 }));
      const effects = connection.ask(...Array.from({ length: 600 }, () => read(3, 0)));
      const queue = toServer(effects).map(idOf);
      expect(queue).toHaveLength(limit);
      expect(connection.inspection.readingClient()).toBe(false);
      expect(reasonsOf(effects)).toEqual([]);
      const answered: number[] = [];
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        const next = connection.server(adu(id, '01 03 02 0001'));
        queue.push(...toServer(next).map(idOf));
        answered.push(...toClient(next).map(idOf));
      }
      expect(answered).toEqual(Array.from({ length: 600 }, (_, index) => 100 + index));
    },
  );

  test('E31 the limit of a unit holds for all its clients together', () => {
    const device = createDeviceState('direct');
    const profile = profileOf([permit([3])], { outstandingPerUnit: 2 });
    const [one, other] = [connect(profile, { device }), connect(profile, { device })];
    const [first] = toServer(one.ask(read(3, 0), read(3, 1)));
    expect(toServer(other.ask(read(3, 2)))).toEqual([]);
    one.server(adu(idOf(first!), '01 03 02 0001'));
    expect(other.wakes).toBe(1);
    expect(toServer(other.resume())).toHaveLength(1);
  });
});

describe('floods', () => {
  test('E32 one byte at a time on many connections holds one ADU for each and is given up', () => {
    const connections = Array.from({ length: 200 }, () => connect(everything));
    for (const byte of inPieces(aduOf(read(3, 0), 1).slice(0, 11), [1]))
      for (const connection of connections) expect(connection.client(byte)).toEqual([]);
    for (const connection of connections) {
      connection.wait(5_000);
      expect(closeOf(connection.tick())).toBe('partial-timeout');
    }
  });

  test('E33 a flood of refusals is counted one by one, and each is a record of bounded size', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 512 }));
    const flood = Array.from({ length: 5_000 }, () => writeRegisters(0, Array(123).fill(0xffff)));
    const effects = connection.ask(...flood);
    expect(toServer(effects)).toEqual([]);
    expect(decisionsIn(effects)).toEqual(Array(5_000).fill('refuse'));
    for (const { bytes, values } of refusals(effects)) {
      expect(bytes.length).toBeLessThanOrEqual(64);
      expect(values.length).toBeLessThanOrEqual(8);
    }
  });
});

/** What a crash or a reload of the gateway leaves open is tried in `test/system/fail-closed.test.ts`. */
describe('E34 a policy that changes under traffic', () => {
  const less = profileOf([permit([3])]);

  test('E34 judges a request of which only a part had come', () => {
    const bytes = aduOf(writeRegister(1, 1), 1);
    for (let cut = 1; cut < bytes.length; cut++) {
      const connection = connect(everything);
      connection.client(bytes.slice(0, cut));
      connection.adopt({ profile: less });
      const effects = connection.client(bytes.slice(cut));
      expect(toServer(effects)).toEqual([]);
      expect(reasonsOf(effects)).toEqual(['fc-not-allowed']);
    }
  });

  test('E34 judges a request that had come and waited for its turn', () => {
    const connection = connect({ ...everything, limits: { ...everything.limits, outstanding: 1 } });
    const [sent] = toServer(connection.ask(read(3, 0), writeRegister(1, 1)));
    connection.adopt({ profile: less });
    const effects = connection.server(adu(idOf(sent!), '01 03 02 0001'));
    expect(toServer(effects)).toEqual([]);
    expect(toClient(effects)).toHaveLength(2);
  });

  test('E34 brings no second answer to a request that had timed out before late ones were tolerated', () => {
    const connection = connect(everything);
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    expect(toClient(connection.tick())).toHaveLength(1);
    connection.adopt({ tolerances: ['late-response'] });
    const late = connection.server(adu(idOf(sent!), '01 03 02 0001'));
    expect(toClient(late)).toEqual([]);
    expect(quarantinedIn(late)).toEqual(['response-late']);
  });

  test('E34 tolerates late answers to what is asked from then on, and not to what was asked before', () => {
    const connection = connect(everything);
    const [first] = toServer(connection.client(join(aduOf(read(3, 1), 7), aduOf(writeRegister(200, 1), 7))));
    connection.adopt({ tolerances: ['late-response'] });
    connection.wait(1_000);
    connection.tick();
    const late = connection.server(adu(idOf(first!), '01 03 02 0001'));
    expect(toClient(late)).toEqual([]);
    expect(quarantinedIn(late)).toEqual(['response-late']);
    const [second] = toServer(connection.ask(read(3, 2)));
    connection.wait(1_000);
    expect(toClient(connection.tick())).toEqual([]);
    expect(toClient(connection.server(adu(idOf(second!), '01 03 02 0002')))).toHaveLength(1);
  });

  test('E34 leaves what was under way its answer', () => {
    const connection = connect(everything);
    const [sent] = toServer(connection.ask(writeRegister(1, 1)));
    connection.adopt({ profile: less });
    expect(toClient(connection.server(adu(idOf(sent!), '01 06 0001 0001')))).toHaveLength(1);
  });
});

describe('E35 a way past the inspection', () => {
  test('E35 there is none inside it: after its end it neither takes nor gives a byte', () => {
    const connection = connect(everything);
    connection.ask(read(3, 0));
    connection.inspection.end();
    const silent: readonly ((one: Connection) => readonly unknown[])[] = [
      (one) => one.client(aduOf(read(3, 0), 2)),
      (one) => one.server(adu(1, '01 03 02 0001')),
      (one) => one.tick(),
      (one) => one.resume(),
      (one) => one.adopt({ auditUntil: Number.POSITIVE_INFINITY }),
      (one) => one.client(aduOf(read(3, 0), 3)),
    ];
    for (const say of silent) expect(say(connection)).toEqual([]);
  });

  test('E35 the audit stage, which lets through, says so of each request, and frames all the same', () => {
    const connection = connect(profileOf([permit([3])]), { auditUntil: 10_000, auditMalformed: true });
    const passed = connection.ask(writeRegister(1, 1));
    expect(toServer(passed)).toHaveLength(1);
    expect(decisionsIn(passed)).toEqual(['would-refuse']);
    expect(reasonsOf(passed)).toEqual<Reason[]>(['fc-not-allowed']);
    const hidden = join(adu(1, '01 03 0000 0001'), aduOf(writeRegister(5, 1), 2));
    hidden[5] = 0xff;
    expect(closeOf(connection.client(hidden))).toBe('malformed-adu');
  });
});
