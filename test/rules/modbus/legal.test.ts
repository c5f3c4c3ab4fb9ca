import { describe, expect, test } from 'vitest';
import type { ModbusProfile } from '../../../rules/modbus/profile.ts';
import { SpecificationExamples, WronglyStopped } from '../../vectors/modbus/legal.ts';
import { join, permit, profileOf } from './builders.ts';
import { type Connection, connect, idOf, toClient, toleratedIn, toServer } from './recording-sink.ts';
import { adu, read } from './request-builders.ts';

/** Permits everything, so that what is stopped is stopped by no one's wish. */
const everything: ModbusProfile = profileOf([
  permit([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 66, 90], {
    units: Array.from({ length: 256 }, (_, unit) => unit),
    addresses: [{ first: 0, last: 65_535 }],
    readAddresses: [{ first: 0, last: 65_535 }],
    files: [{ firstFile: 1, lastFile: 65_535, firstRecord: 0, lastRecord: 9_999 }],
    subFunctions: Array.from({ length: 256 }, (_, sub) => sub),
    mei: [14],
    maxBytes: 1_480,
  }),
]);

const Usual = ['to-server', 'to-client', 'decided', 'tolerated'];

describe.each([
  { title: 'an example of the specification', exchanges: SpecificationExamples },
  { title: 'what others stop wrongly', exchanges: WronglyStopped },
])('$title passes', ({ exchanges }) => {
  test.each(exchanges)('$what ($source)', (exchange) => {
    const { ask, answer, forwarded = ask, delivered = answer, kind, tolerances, counted = [] } = exchange;
    const connection = connect(everything, { ...(kind && { kind }), ...(tolerances && { tolerances }) });
    const asked = connection.client(adu(0x8001, ask));
    const [request] = toServer(asked);
    expect(request).toEqual(adu(idOf(request!), forwarded));
    const answered = answer === '' ? [] : connection.server(adu(idOf(request!), answer));
    expect(toClient(answered)).toEqual(answer === '' ? [] : [adu(0x8001, delivered)]);
    expect([...toleratedIn(asked), ...toleratedIn(answered)]).toEqual(counted);
    expect(unusual([...asked, ...answered])).toEqual([]);
    expect(stillWorks(connection)).toBe(true);
  });

  test.each(exchanges)('cut at every byte: $what', ({ ask, answer, kind, tolerances, ...rest }) => {
    const connection = connect(everything, { ...(kind && { kind }), ...(tolerances && { tolerances }) });
    const asked = [...adu(7, ask)].flatMap((byte) => connection.client(Uint8Array.of(byte)));
    const [request] = toServer(asked);
    expect(request).toEqual(adu(idOf(request!), rest.forwarded ?? ask));
    if (answer === '') return;
    const answered = [...adu(idOf(request!), answer)].flatMap((byte) =>
      connection.server(Uint8Array.of(byte)),
    );
    expect(toClient(answered)).toEqual([adu(7, rest.delivered ?? answer)]);
    expect(unusual(answered)).toEqual([]);
  });
});

describe('many at once', () => {
  const plain = [...SpecificationExamples, ...WronglyStopped].filter(
    ({ tolerances, kind, answer }) => tolerances === undefined && kind === undefined && answer !== '',
  );

  test('every one of them in one segment, answered in one segment (pymodbus#1949, zeek#2188)', () => {
    const connection = connect({ ...everything, limits: { ...everything.limits, outstanding: 64 } });
    const asked = connection.client(join(...plain.map(({ ask }, index) => adu(index, ask))));
    const ids = toServer(asked).map(idOf);
    expect(ids).toHaveLength(plain.length);
    const answered = connection.server(join(...plain.map(({ answer }, index) => adu(ids[index]!, answer))));
    expect(toClient(answered)).toEqual(
      plain.map(({ answer, delivered }, at) => adu(at, delivered ?? answer)),
    );
    expect(unusual([...asked, ...answered])).toEqual([]);
  });

  test('answers in another order than the requests (MODBUS Messaging V1.0b §4.2.2)', () => {
    const connection = connect({ ...everything, limits: { ...everything.limits, outstanding: 64 } });
    const asked = connection.client(join(...plain.map(({ ask }, index) => adu(index, ask))));
    const ids = toServer(asked).map(idOf);
    const backwards = plain.map((_, index) => plain.length - 1 - index);
    const answered = connection.server(
      join(...backwards.map((index) => adu(ids[index]!, plain[index]!.answer))),
    );
    expect(toClient(answered).map(idOf)).toEqual(backwards);
    expect(unusual(answered)).toEqual([]);
  });

  test('every transaction identifier there is, twice (yaklang PR#5127 refused those from 0x8000 on)', () => {
    const connection = connect(everything);
    for (let index = 0; index < 0x2_0000; index++) {
      const id = (0x7ff0 + index) & 0xffff;
      const [request] = toServer(connection.client(adu(id, '01 03 0000 0001')));
      const answered = connection.server(adu(idOf(request!), '01 03 02 002a'));
      const [delivered] = toClient(answered);
      if (delivered === undefined || idOf(delivered) !== id || unusual(answered).length > 0) {
        expect.unreachable(`identifier ${id}: ${JSON.stringify(answered)}`);
      }
    }
  });

  test('two clients with the same identifiers, whose answers cross (tiagocoutinho/modbus-proxy PR#61)', () => {
    const [one, other] = [connect(everything), connect(everything)];
    const [asked] = toServer(one.client(adu(1, '01 03 0000 0001')));
    const [askedToo] = toServer(other.client(adu(1, '01 03 0001 0001')));
    expect(toClient(other.server(adu(idOf(askedToo!), '01 03 02 0002')))).toEqual([adu(1, '01 03 02 0002')]);
    expect(toClient(one.server(adu(idOf(asked!), '01 03 02 0001')))).toEqual([adu(1, '01 03 02 0001')]);
  });

  test('a poller that reads the same ten times a second for an hour (FortiGate took it for a scan)', () => {
    const connection = connect(everything);
    for (let poll = 0; poll < 36_000; poll++) {
      connection.wait(100);
      const effects = connection.exchange(read(3, 0), '01 03 02 002a');
      if (toClient(effects).length !== 1 || unusual(effects).length > 0) expect.unreachable(`poll ${poll}`);
    }
  });

  test('an answer that takes as long as it may', () => {
    const connection = connect(everything);
    const [request] = toServer(connection.client(adu(3, '01 03 0000 0001')));
    connection.wait(999);
    expect(unusual(connection.tick())).toEqual([]);
    expect(toClient(connection.server(adu(idOf(request!), '01 03 02 002a')))).toHaveLength(1);
  });

  test('an answer that comes too late for the rule and is wanted all the same', () => {
    const connection = connect(everything, { tolerances: ['late-response'] });
    const [request] = toServer(connection.client(adu(3, '01 03 0000 0001')));
    connection.wait(2_000);
    connection.tick();
    const late = connection.server(adu(idOf(request!), '01 03 02 002a'));
    expect(toClient(late)).toEqual([adu(3, '01 03 02 002a')]);
    expect(toleratedIn(late)).toEqual(['late-response']);
  });
});

/** Refusals, what was put aside, and an end. */
function unusual(effects: ReturnType<Connection['client']>): readonly unknown[] {
  return effects.filter(({ kind }) => !Usual.includes(kind));
}

/** Another request and its answer pass as if nothing had been. */
function stillWorks(connection: Connection): boolean {
  const [request] = toServer(connection.client(adu(0xffff, '01 04 0002 0001')));
  return (
    request !== undefined && toClient(connection.server(adu(idOf(request), '01 04 02 0007'))).length === 1
  );
}
