import { describe, expect, test } from 'vitest';
import { createFlowTraffic } from '../../../../rules/modbus/connection/flow-traffic.ts';
import { PartialTimeout } from '../../../../rules/modbus/connection/frame-stream.ts';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
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
import { adu, read, writeCoil, writeRegister } from '../request-builders.ts';

describe('requests outstanding on a connection', () => {
  test.for([1, 2, 16, 512])(
    'up to %i are under way, and the rest wait without being refused',
    (outstanding) => {
      const connection = connect(profileOf([permit([3])], { outstanding }));
      const requests = Array.from({ length: outstanding + 3 }, () => read(3, 0));
      const effects = connection.ask(...requests);
      const sent = toServer(effects);
      expect(sent).toHaveLength(outstanding);
      expect(decisionsIn(effects)).toHaveLength(outstanding);
      expect(connection.inspection.readingClient()).toBe(false);
      const answered = connection.server(join(...sent.map((each) => adu(idOf(each), '01 03 02 0001'))));
      expect(toClient(answered).map(idOf)).toEqual(sent.map((_, index) => 100 + index));
      const last = toServer(answered).map((each) => adu(idOf(each), '01 03 02 0001'));
      expect(last).toHaveLength(Math.min(3, outstanding));
      expect(reasonsOf([...effects, ...answered])).toEqual([]);
    },
  );

  test('each answer lets the next one go, in the order they came', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 1 }));
    let [sent] = toServer(connection.ask(read(3, 0), read(3, 1), read(3, 2)));
    for (const address of [0, 1, 2]) {
      expect(sent!.slice(8)).toEqual(Uint8Array.of(0, address, 0, 1));
      [sent] = toServer(connection.server(adu(idOf(sent!), '01 03 02 0001')));
    }
    expect(sent).toBeUndefined();
    expect(connection.inspection.readingClient()).toBe(true);
  });

  test('nothing is asked of the policy before there is room for it', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 1 }));
    const [sent] = toServer(connection.ask(read(3, 0), writeRegister(0, 1)));
    connection.adopt({ profile: profileOf([permit([6])], { outstanding: 1 }) });
    expect(decisionsIn(connection.server(adu(idOf(sent!), '01 03 02 0001')))).toEqual(['allow']);
  });

  test('a limit that a new policy raises lets the waiting ones go at once', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 1 }));
    connection.ask(read(3, 0), read(3, 1), read(3, 2));
    expect(toServer(connection.adopt({ profile: profileOf([permit([3])]) }))).toHaveLength(2);
  });

  test('a time-out makes room as an answer does', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 1 }));
    connection.ask(read(3, 0), read(3, 1));
    connection.wait(1_000);
    const due = connection.tick();
    expect(toClient(due)).toEqual([adu(100, '01 83 0b')]);
    expect(toServer(due)).toHaveLength(1);
  });

  test('as many exceptions of ours may wait for their turn, and no more is read then', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 2 }));
    const effects = connection.ask(read(3, 0), ...Array.from({ length: 5 }, () => writeRegister(0, 0)));
    expect(decisionsIn(effects)).toEqual(['allow', 'refuse', 'refuse']);
    expect(connection.inspection.readingClient()).toBe(false);
    const rest = connection.server(adu(idOf(toServer(effects)[0]!), '01 03 02 0001'));
    expect(toClient(rest).map(idOf)).toEqual([100, 101, 102, 103, 104, 105]);
  });

  test('the pause while we do not read is not held against the client', () => {
    const connection = connect(profileOf([permit([3])], { outstanding: 1, requestTimeout: 60_000 }));
    const bytes = join(adu(1, '01 03 0000 0001'), adu(2, '01 03 0000 0001'));
    const [sent] = toServer(connection.client(bytes.slice(0, -2)));
    expect(connection.inspection.readingClient()).toBe(false);
    connection.wait(10 * PartialTimeout);
    expect(connection.tick()).toEqual([]);
    connection.server(adu(idOf(sent!), '01 03 02 0001'));
    expect(connection.inspection.readingClient()).toBe(true);
    expect(connection.tick()).toEqual([]);
    expect(toServer(connection.client(bytes.slice(-2)))).toHaveLength(1);
  });
});

describe('requests outstanding at a unit', () => {
  const shared = profileOf([permit([3], { units: [1, 2] })], { outstandingPerUnit: 2 });

  test('count for all clients together, and the next one waits until it is woken', () => {
    const device = createDeviceState('serial-gateway');
    const one = connect(shared, { device });
    const other = connect(shared, { device });
    const [first] = toServer(one.ask(read(3, 0)));
    expect(toServer(other.ask(read(3, 0), read(3, 1)))).toHaveLength(1);
    expect(other.inspection.readingClient()).toBe(false);
    expect(other.wakes).toBe(0);
    one.server(adu(idOf(first!), '01 03 02 0001'));
    expect(other.wakes).toBeGreaterThan(0);
    expect(toServer(other.resume())).toHaveLength(1);
    expect(other.inspection.readingClient()).toBe(true);
  });

  test('of one unit leave those of another alone', () => {
    const device = createDeviceState('serial-gateway');
    connect(shared, { device }).ask(read(3, 0), read(3, 0));
    expect(toServer(connect(shared, { device }).ask(read(3, 0, 1, 2)))).toHaveLength(1);
  });

  test('of a direct device are the same under units 0 and 255', () => {
    const device = createDeviceState('direct');
    const both = profileOf([permit([3], { units: [0, 255] })], { outstandingPerUnit: 1 });
    connect(both, { device }).ask(read(3, 0, 1, 0));
    expect(toServer(connect(both, { device }).ask(read(3, 0, 1, 255)))).toHaveLength(0);
  });

  test('a refused request takes no place', () => {
    const device = createDeviceState('direct');
    const connection = connect(shared, { device });
    connection.ask(...Array.from({ length: 10 }, () => writeRegister(0, 0)));
    expect(toServer(connection.ask(read(3, 0), read(3, 0)))).toHaveLength(2);
  });

  test.for(['time-out', 'end', 'close'] as const)('a %s gives the places back', (how) => {
    const device = createDeviceState('direct');
    const one = connect(shared, { device });
    one.ask(read(3, 0), read(3, 1));
    const other = connect(shared, { device });
    other.ask(read(3, 0));
    if (how === 'time-out') {
      one.wait(1_000);
      one.tick();
    } else if (how === 'end') one.inspection.end();
    else one.client(adu(1, '01 03'));
    expect(other.wakes).toBeGreaterThan(0);
    expect(toServer(other.resume())).toHaveLength(1);
  });

  test('a request that waits is counted against rate and budget once', () => {
    const device = createDeviceState('direct');
    const one = connect(shared, { device });
    const asked = toServer(one.ask(read(3, 0), read(3, 1)));
    const limits = { outstandingPerUnit: 2, aduPerSecond: 1, readWordsPerMinute: 1 };
    const other = connect(profileOf([permit([3])], limits), { device });
    expect(other.ask(read(3, 5))).toEqual([]);
    for (let turn = 0; turn < 5; turn++) expect(other.resume()).toEqual([]);
    one.server(adu(idOf(asked[0]!), '01 03 02 0001'));
    expect(decisionsIn(other.resume())).toEqual(['allow']);
  });

  test('a client that always has more to ask does not keep another one waiting', () => {
    const device = createDeviceState('serial-gateway');
    const single = profileOf([permit([3])], { outstandingPerUnit: 1 });
    const [busy, slow] = [connect(single, { device }), connect(single, { device })];
    const [sent] = toServer(busy.ask(read(3, 0), read(3, 1), read(3, 2)));
    slow.ask(read(3, 50));
    const [second] = toServer(busy.server(adu(idOf(sent!), '01 03 02 0001')));
    expect(toServer(busy.server(adu(idOf(second!), '01 03 02 0001')))).toEqual([]);
    const [slowly] = toServer(slow.resume());
    const woken = busy.wakes;
    slow.server(adu(idOf(slowly!), '01 03 02 0001'));
    expect(busy.wakes).toBeGreaterThan(woken);
    expect(toServer(busy.resume())).toHaveLength(1);
  });

  test('who leaves the line for a place, or is refused in it, keeps nobody waiting', () => {
    const device = createDeviceState('serial-gateway');
    const single = profileOf([permit([3])], { outstandingPerUnit: 1 });
    const [one, ended, refused, last] = Array.from({ length: 4 }, () => connect(single, { device }));
    const [sent] = toServer(one!.ask(read(3, 0)));
    for (const each of [ended, refused, last]) each!.ask(read(3, 1));
    one!.server(adu(idOf(sent!), '01 03 02 0001'));
    ended!.inspection.end();
    expect(refused!.wakes).toBe(1);
    refused!.adopt({ profile: profileOf([permit([4])], { outstandingPerUnit: 1 }) });
    expect(last!.wakes).toBe(1);
    expect(toServer(last!.resume())).toHaveLength(1);
  });

  test('a client that waits is asked to go on by whoever ends, however often', () => {
    const device = createDeviceState('direct');
    const one = connect(shared, { device });
    const other = connect(shared, { device });
    for (let turn = 0; turn < 3; turn++) {
      const asked = toServer(one.ask(read(3, 0), read(3, 1)));
      other.ask(read(3, 0));
      one.server(join(...asked.map((each) => adu(idOf(each), '01 03 02 0001'))));
      const [sent] = toServer(other.resume());
      other.server(adu(idOf(sent!), '01 03 02 0001'));
    }
  });
});

describe('the rate of a flow', () => {
  test('above it requests are refused as busy until time has passed', () => {
    const connection = connect(profileOf([permit([3])], { aduPerSecond: 2 }));
    const effects = connection.ask(read(3, 0), read(3, 1), read(3, 2));
    expect(toServer(effects)).toHaveLength(2);
    expect(refusals(effects)).toMatchObject([{ reason: 'rate-exceeded', exceptionCode: 6 }]);
    connection.wait(500);
    expect(toServer(connection.ask(read(3, 3)))).toHaveLength(1);
  });

  test('refused requests count against it', () => {
    const connection = connect(profileOf([permit([3])], { aduPerSecond: 2 }));
    connection.ask(writeCoil(0, true), writeCoil(0, true));
    expect(reasonsOf(connection.ask(read(3, 0)))).toEqual(['rate-exceeded']);
  });

  test('requests that break a rule of the protocol count against it', () => {
    const connection = connect(profileOf([permit([3])], { aduPerSecond: 2 }));
    connection.client(join(adu(1, '01 03 0000 0000'), adu(2, '01 03 0000 0000')));
    expect(reasonsOf(connection.ask(read(3, 0)))).toEqual(['rate-exceeded']);
  });

  test('is shared by its connections', () => {
    const traffic = createFlowTraffic();
    const profile = profileOf([permit([3])], { aduPerSecond: 1 });
    connect(profile, { traffic }).ask(read(3, 0));
    expect(reasonsOf(connect(profile, { traffic }).ask(read(3, 0)))).toEqual(['rate-exceeded']);
  });

  test('answers as the profile says', () => {
    const rule = { action: 'exception', exceptionCodes: [{ reason: 'rate-exceeded', code: 4 }] } as const;
    const connection = connect(profileOf([permit([3])], { aduPerSecond: 1 }, [], rule));
    expect(toClient(connection.ask(read(3, 0), read(3, 0)))).toEqual([]);
    expect(refusals(connection.ask(read(3, 0)))).toMatchObject([{ exceptionCode: 4 }]);
  });
});

describe('a budget on reads', () => {
  test('refuses the different address that is one too many, and names the permission', () => {
    const connection = connect(profileOf([permit([3])], { readAddressesPerMinute: 2 }));
    const effects = connection.ask(read(3, 0), read(3, 1), read(3, 2), read(3, 0));
    expect(decisionsIn(effects)).toEqual(['allow', 'allow', 'refuse', 'allow']);
    expect(refusals(effects)).toMatchObject([
      { reason: 'read-budget-spent', address: 2, permission: { index: 0 }, exceptionCode: 6 },
    ]);
  });

  test('is not spent by what policy refuses', () => {
    const connection = connect(profileOf([permit([3])], { readAddressesPerMinute: 1 }));
    connection.ask(read(3, 500), read(4, 0));
    expect(toServer(connection.ask(read(3, 0)))).toHaveLength(1);
  });
});

describe('exceptions in a minute', () => {
  const two = profileOf([permit([3])], { exceptionsPerMinute: 2 });

  test('the server’s and ours count together, and the next one ends the connection', () => {
    const connection = connect(two);
    connection.exchange(read(3, 0), '01 83 02');
    expect(toClient(connection.ask(writeRegister(0, 0)))).toHaveLength(1);
    const effects = connection.exchange(read(3, 0), '01 83 06');
    expect(toClient(effects)).toEqual([]);
    expect(reasonsOf(effects)).toEqual(['too-many-exceptions']);
    expect([closeOf(effects), resetOf(effects)]).toEqual(['too-many-exceptions', true]);
  });

  test('are forgotten a minute later', () => {
    const connection = connect(two);
    for (let count = 0; count < 6; count++) {
      expect(closeOf(connection.ask(writeRegister(0, 0)))).toBeUndefined();
      connection.wait(31_000);
    }
  });

  test('without a limit they do not end anything', () => {
    const connection = connect(profileOf([permit([3])]));
    const flood = connection.ask(...Array.from({ length: 500 }, () => writeRegister(0, 0)));
    expect(toClient(flood)).toHaveLength(500);
  });
});
