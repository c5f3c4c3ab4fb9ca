import { describe, expect, test } from 'vitest';
import { permit, profileOf } from '../builders.ts';
import {
  closeOf,
  connect,
  decisionsIn,
  idOf,
  quarantinedIn,
  reasonsOf,
  refusals,
  toClient,
  toServer,
} from '../recording-sink.ts';
import { adu, read, writeRegister } from '../request-builders.ts';

const operator = profileOf([
  permit([1, 2, 3, 4]),
  permit([6], {
    line: 12,
    name: 'dose',
    values: [{ type: 'u16', words: 'big', bytes: 'big', bits: undefined, min: 0, max: 35, allowed: [] }],
  }),
]);

const Broken = [
  ['a request with a byte too many', adu(1, '01 03 0000 0001 00')],
  ['a function code of a response', adu(1, '01 83 02')],
  ['a quantity the protocol forbids', adu(1, '01 03 0000 007e')],
] as const;

const step = { max: 5, maxPerMinute: undefined, noOlderThan: 0 };

describe('the audit stage', () => {
  test('passes what policy refuses, and says so', () => {
    const connection = connect(operator, { auditUntil: 5_000 });
    const effects = connection.ask(writeRegister(40, 200));
    expect(toServer(effects)).toHaveLength(1);
    expect(toClient(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([
      { reason: 'value-out-of-range', audit: true, exceptionCode: 0, action: 'exception' },
    ]);
    expect(decisionsIn(effects)).toEqual(['would-refuse']);
  });

  test('ends by itself', () => {
    const connection = connect(operator, { auditUntil: 5_000 });
    connection.wait(4_000);
    const effects = connection.ask(writeRegister(40, 200));
    expect(toServer(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ audit: false, exceptionCode: 3 }]);
  });

  test.for(Broken)('never passes %s', ([, bytes]) => {
    const effects = connect(operator, { auditUntil: 5_000 }).client(bytes);
    expect(toServer(effects)).toEqual([]);
    expect(refusals(effects)).toMatchObject([{ audit: false }]);
  });

  test.for(Broken)('passes %s where the model says so, as it came', ([, bytes]) => {
    const connection = connect(operator, { auditUntil: 5_000, auditMalformed: true });
    const effects = connection.client(bytes);
    const [sent] = toServer(effects);
    expect(sent!.slice(2)).toEqual(bytes.slice(2));
    expect(decisionsIn(effects)).toEqual(['would-refuse']);
    expect(refusals(effects)).toMatchObject([{ reason: 'malformed-pdu', audit: true }]);
    const answer = adu(idOf(sent!), '01 83 03');
    expect(toClient(connection.server(answer))).toEqual([adu(1, '01 83 03')]);
    expect(toServer(connection.ask(read(3, 0)))).toHaveLength(1);
  });

  test('tells of what passed as it came by its function alone, when it times out, and puts a late answer aside', () => {
    const connection = connect(operator, { auditUntil: 9_000, auditMalformed: true });
    connection.exchange(read(3, 7), '01 03 02 0001');
    const [sent] = toServer(connection.client(adu(1, '09 03 0000 0001 00')));
    connection.wait(1_000);
    const due = connection.tick();
    expect(refusals(due)).toMatchObject([
      { reason: 'request-timeout', unit: 9, functionCode: 3, address: undefined },
    ]);
    expect(toClient(due)).toEqual([adu(1, '09 83 0b')]);
    const late = connection.server(adu(idOf(sent!), '09 03 02 0001'));
    expect(quarantinedIn(late)).toEqual(['response-late']);
    expect(toClient(late)).toEqual([]);
  });

  test('never passes a wrong header, whatever the model says', () => {
    const connection = connect(operator, { auditUntil: 5_000, auditMalformed: true });
    const effects = connection.client(Uint8Array.from([0, 1, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1]));
    expect(toServer(effects)).toEqual([]);
    expect(closeOf(effects)).toBe('malformed-adu');
  });

  test('does not pass what is malformed once it has ended', () => {
    const connection = connect(operator, { auditUntil: 5_000, auditMalformed: true, now: 5_000 });
    expect(closeOf(connection.client(Broken[0][1]))).toBe('malformed-pdu');
  });

  test('lifts rates and budgets, and not the limit of outstanding requests', () => {
    const profile = profileOf([permit([3])], { aduPerSecond: 1, outstanding: 2 });
    const effects = connect(profile, { auditUntil: 5_000 }).ask(read(3, 0), read(3, 1), read(3, 2));
    expect(toServer(effects)).toHaveLength(2);
    expect(reasonsOf(effects)).toEqual(['rate-exceeded']);
    const budget = connect(profileOf([permit([3])], { readWordsPerMinute: 1 }), { auditUntil: 5_000 });
    expect(decisionsIn(budget.ask(read(3, 0), read(3, 1)))).toEqual(['allow', 'would-refuse']);
  });

  test('lets exceptions pass above their limit, and says so', () => {
    const connection = connect(profileOf([permit([3])], { exceptionsPerMinute: 1 }), { auditUntil: 5_000 });
    connection.exchange(read(3, 0), '01 83 02');
    const effects = connection.exchange(read(3, 0), '01 83 02');
    expect(toClient(effects)).toEqual([adu(101, '01 83 02')]);
    expect(refusals(effects)).toMatchObject([{ reason: 'too-many-exceptions', audit: true }]);
  });
});

describe('a new policy', () => {
  test('judges the next request, keeps the connection and what is under way', () => {
    const connection = connect(operator);
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.adopt({ profile: profileOf([permit([6])]) });
    expect(reasonsOf(connection.ask(read(3, 0)))).toEqual(['fc-not-allowed']);
    expect(toClient(connection.server(adu(idOf(sent!), '01 03 02 0001'))).map(idOf)).toEqual([100, 101]);
    expect(toServer(connection.ask(writeRegister(40, 200)))).toHaveLength(1);
  });

  test('has what it needs remembered from then on', () => {
    const connection = connect(profileOf([permit([3])]));
    connection.exchange(read(3, 40), '01 03 02 0014');
    connection.adopt({ profile: profileOf([permit([3]), permit([6], { step })]) });
    expect(reasonsOf(connection.ask(writeRegister(40, 21)))).toEqual(['state-unknown']);
    connection.exchange(read(3, 40), '01 03 02 0014');
    expect(toServer(connection.ask(writeRegister(40, 21)))).toHaveLength(1);
  });

  test('ends an audit stage at once', () => {
    const connection = connect(operator, { auditUntil: 5_000 });
    connection.adopt({ auditUntil: 0 });
    expect(toServer(connection.ask(writeRegister(40, 200)))).toEqual([]);
  });
});
