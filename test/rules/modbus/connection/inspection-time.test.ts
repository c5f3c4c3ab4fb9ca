import { describe, expect, test } from 'vitest';
import { PartialTimeout } from '../../../../rules/modbus/connection/frame-stream.ts';
import { LateTimeouts } from '../../../../rules/modbus/connection/transaction.ts';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { join, permit, profileOf } from '../builders.ts';
import { closeOf, connect, idOf, quarantinedIn, refusals, toClient, toServer } from '../recording-sink.ts';
import { adu, read, writeRegister } from '../request-builders.ts';

const operator = profileOf([permit([1, 2, 3, 4])]);

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
    const late = connection.server(adu(idOf(sent!), '01 03 02 0001'));
    expect(quarantinedIn(late)).toEqual(['response-late']);
    expect(late).toHaveLength(1);
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

  test('exceptions for requests that time out together come in turn with those that waited between them', () => {
    const connection = connect(operator);
    connection.ask(read(3, 0), writeRegister(0, 1), read(3, 1));
    connection.wait(1_000);
    expect(toClient(connection.tick()).map(idOf)).toEqual([100, 101, 102]);
  });

  test.for(['before its time-out', 'after it', 'in a request that still waits for a place'])(
    'a late answer goes nowhere when the client has used its identifier again %s',
    (when) => {
      const device = createDeviceState('direct');
      const limits = { outstandingPerUnit: when.includes('waits') ? 2 : 0 };
      const connection = connect(profileOf([permit([3])], limits), { device, tolerances: ['late-response'] });
      const [old] = toServer(connection.client(adu(7, '01 03 0000 0001')));
      if (when === 'before its time-out') connection.client(adu(7, '01 03 0001 0001'));
      connection.wait(1_000);
      expect(toClient(connection.tick())).toEqual([]);
      if (when === 'after it') connection.client(adu(7, '01 03 0001 0001'));
      if (when.includes('waits')) {
        connect(profileOf([permit([3])]), { device }).ask(read(3, 0), read(3, 0));
        expect(toServer(connection.client(adu(7, '01 03 0001 0001')))).toEqual([]);
      }
      const late = connection.server(adu(idOf(old!), '01 03 02 dead'));
      expect(toClient(late)).toEqual([]);
      expect(quarantinedIn(late)).toEqual(['response-late']);
    },
  );

  test('a second late answer was asked for by nobody', () => {
    const connection = connect(operator);
    const [old] = toServer(connection.ask(read(3, 0)));
    connection.wait(1_000);
    connection.tick();
    connection.server(adu(idOf(old!), '01 03 02 0001'));
    expect(quarantinedIn(connection.server(adu(idOf(old!), '01 03 02 0001')))).toEqual([
      'response-unsolicited',
    ]);
  });

  test('an answer is late no longer than it may be', () => {
    const connection = connect(operator);
    const [old] = toServer(connection.ask(read(3, 0)));
    connection.wait(LateTimeouts * 1_000);
    connection.tick();
    expect(connection.inspection.nextDeadline()).toBeUndefined();
    expect(quarantinedIn(connection.server(adu(idOf(old!), '01 03 02 0001')))).toEqual([
      'response-unsolicited',
    ]);
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

  test('an idle connection has no deadline', () => {
    const connection = connect(operator);
    connection.exchange(read(3, 0), '01 03 02 0001');
    expect(connection.inspection.nextDeadline()).toBeUndefined();
  });
});
