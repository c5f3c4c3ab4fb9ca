import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { parseRequest } from '../../../../rules/modbus/message/parse-request.ts';
import { createRequest, type Request } from '../../../../rules/modbus/message/request.ts';
import { decide } from '../../../../rules/modbus/permission/decide.ts';
import { evasions, wrongResponses } from '../../../vectors/modbus/evasions.ts';
import { anyPermission, smallRequest } from '../arbitraries.ts';
import { join, permit, profileOf } from '../builders.ts';
import { inPieces, pieceSizes } from '../pieces.ts';
import {
  closeOf,
  connect,
  decisionsIn,
  type Effect,
  idOf,
  quarantinedIn,
  reasonsOf,
  refusals,
  toClient,
  toServer,
} from '../recording-sink.ts';
import { adu, aduOf, read } from '../request-builders.ts';

/** As generous as the evasions allow: each must fail for what it is and not for want of a permission. */
const generous = profileOf([
  permit([1, 2, 3, 4, 5, 6, 8, 15, 16, 20, 21, 43, 90], { mei: [14] }),
  permit([23], { readAddresses: [{ first: 0, last: 99 }] }),
  permit([22], {
    values: [{ type: 'u16', words: 'big', bytes: 'big', bits: undefined, min: 0, max: 0xf6, allowed: [] }],
  }),
]);

describe('a hostile client', () => {
  test.for(evasions)('$name', ({ bytes, fate }) => {
    const effects = connect(generous).client(bytes);
    expect(toServer(effects)).toEqual([]);
    expectFate(effects, fate);
    expect(refusals(effects)).toHaveLength(1);
  });

  test.for(evasions)('$name, byte by byte behind a permitted read', ({ bytes, fate }) => {
    const connection = connect(generous);
    const [sent] = toServer(connection.ask(read(3, 0)));
    connection.server(adu(idOf(sent!), '01 03 02 0001'));
    const effects = inPieces(bytes, [1]).flatMap((piece) => [...connection.client(piece)]);
    expect(toServer(effects)).toEqual([]);
    expectFate(effects, fate);
  });

  test('trickles one byte at a time and holds no more than one ADU', () => {
    const connection = connect(generous);
    const bytes = join(...Array.from({ length: 40 }, (_, id) => adu(id, '01 03 0000 0001')));
    let forwarded = 0;
    for (const piece of inPieces(bytes, [1])) {
      for (const sent of toServer(connection.client(piece))) {
        forwarded++;
        connection.server(adu(idOf(sent), '01 03 02 0001'));
      }
    }
    expect(forwarded).toBe(40);
  });

  test('floods with refusals and is answered and recorded for each', () => {
    const connection = connect(profileOf([permit([3])]));
    const flood = join(...Array.from({ length: 5000 }, (_, id) => adu(id, '01 06 0001 0001')));
    const effects = connection.client(flood);
    expect(toServer(effects)).toEqual([]);
    expect(toClient(effects)).toHaveLength(5000);
    expect(refusals(effects)).toHaveLength(5000);
  });
});

describe('a hostile server', () => {
  test.for(wrongResponses)('answers $name', ({ bytes, reason }) => {
    const connection = connect(generous);
    let sent: Uint8Array | undefined;
    for (let count = 1; count <= 7; count++) {
      [sent] = toServer(connection.ask(read(3, 0)));
      if (count < 7) connection.server(adu(idOf(sent!), '01 03 02 0001'));
    }
    expect(idOf(sent!), 'the vectors answer transaction 7').toBe(7);
    const effects = connection.server(bytes);
    expect(toClient(effects)).toEqual([]);
    const isPutAside = reason === 'response-unsolicited';
    expect(quarantinedIn(effects)).toEqual(isPutAside ? [reason] : []);
    expect(reasonsOf(effects)).toEqual(isPutAside ? [] : [reason]);
    expect(closeOf(effects)).toBe(isPutAside ? undefined : reason);
  });

  test('answers byte by byte, and half of an answer is none', () => {
    const connection = connect(generous);
    const [sent] = toServer(connection.ask(read(3, 0)));
    const answer = adu(idOf(sent!), '01 03 02 0001');
    const effects = inPieces(answer, [1]).map((piece) => toClient(connection.server(piece)).length);
    expect(effects).toEqual([...answer.slice(1).map(() => 0), 1]);
  });

  test('completes its answer with the bytes of another', () => {
    const connection = connect(generous);
    const [one, two] = toServer(connection.ask(read(3, 0), read(3, 1)));
    const cut = adu(idOf(one!), '01 03 02 0001').slice(0, -1);
    const effects = connection.server(join(cut, adu(idOf(two!), '01 03 02 0002')));
    expect(toClient(effects).map((bytes) => [...bytes.slice(9)])).toEqual([[0, idOf(two!) >>> 8]]);
    expect(closeOf(effects)).toBe('malformed-adu');
  });

  test('floods with answers to nothing and costs no more than a minute’s worth of records', () => {
    const connection = connect(generous);
    const flood = join(...Array.from({ length: 10_000 }, (_, id) => adu(id, '01 03 02 0001')));
    const effects = connection.server(flood);
    expect(effects.length).toBeLessThan(100);
    expect(closeOf(effects)).toBe('response-unsolicited');
  });

  test('answers every identifier there is, to hit one that is open', () => {
    const connection = connect(generous);
    const [sent] = toServer(connection.ask(read(3, 0)));
    const effects: Effect[] = [];
    for (let id = 0; id < 65_536; id++) {
      if (id !== idOf(sent!)) effects.push(...connection.server(adu(id, '01 03 02 dead')));
    }
    expect(toClient(effects)).toEqual([]);
    expect(closeOf(effects)).toBe('response-unsolicited');
  });
});

describe('whatever is sent', () => {
  const profiles = fc.array(anyPermission, { maxLength: 3 }).map((permissions) => profileOf(permissions));

  test('no bytes of either side make it throw', () => {
    const chunk = fc.record({
      from: fc.constantFrom('client' as const, 'server' as const),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .uint8Array({ minLength: 2, maxLength: 30 })
          .map((tail) => Uint8Array.from([0, 1, 0, 0, 0, tail.length, ...tail])),
        smallRequest.map((request) => aduOf(request, 1)),
      ),
    });
    fc.assert(
      fc.property(profiles, fc.array(chunk, { maxLength: 12 }), (profile, chunks) => {
        const connection = connect(profile);
        let closed = false;
        for (const { from, bytes } of chunks) {
          const effects = connection[from](bytes);
          if (closed) expect(effects).toEqual([]);
          closed ||= closeOf(effects) !== undefined;
          connection.wait(300);
          closed ||= closeOf(connection.tick()) !== undefined;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('everything forwarded is one whole permitted request, also to a server that ignores the length', () => {
    const stream = fc.array(
      fc.oneof(
        smallRequest.map((request) => aduOf(request, 7)),
        fc.tuple(smallRequest, fc.uint8Array({ maxLength: 12 })).map(([request, more]) => {
          const bytes = join(aduOf(request, 7), more);
          bytes[5] = Math.min(254, bytes[5]! + more.length);
          return bytes;
        }),
        fc.uint8Array({ maxLength: 20 }),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(profiles, stream, pieceSizes, (profile, parts, sizes) => {
        const connection = connect(profile);
        const forwarded = inPieces(join(...parts), sizes).flatMap((piece) =>
          toServer(connection.client(piece)),
        );
        for (const bytes of forwarded) {
          const request = parsed(bytes);
          expect(aduOf(request, idOf(bytes))).toEqual(bytes);
          expect(decide(profile, request, createDeviceState('direct'), 0).kind).toBe('allow');
          expect(lengthByFunction(bytes)).toBe(bytes.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('any chunking of the same bytes has the same effects', () => {
    const requests = fc.array(smallRequest, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        profiles,
        requests,
        fc.uint8Array({ maxLength: 12 }),
        pieceSizes,
        (profile, some, tail, sizes) => {
          const bytes = join(...some.map((request, id) => aduOf(request, id)), tail);
          const whole = connect(profile).client(bytes);
          const pieced = connect(profile);
          const effects = inPieces(bytes, sizes).flatMap((piece) => [...pieced.client(piece)]);
          expect(effects.map(withoutRest)).toEqual(whole.map(withoutRest));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('every well-framed request is counted once and answered once, in an order a client can follow', () => {
    const requests = fc.array(smallRequest, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(profiles, requests, fc.infiniteStream(fc.nat()), (profile, some, choices) => {
        const connection = connect(profile);
        const asked = connection.ask(...some.filter(({ unit }) => unit !== 0));
        const count = some.filter(({ unit }) => unit !== 0).length;
        expect(decisionsIn(asked)).toHaveLength(count);
        const open = toServer(asked).map(idOf);
        const answered = toClient(asked).map(idOf);
        while (open.length > 0) {
          const pick = choices.next().value! % open.length;
          const request = parsed(toServer(asked).find((bytes) => idOf(bytes) === open[pick])!);
          const [id] = open.splice(pick, 1);
          const exception = adu(id!, `${hex(request.unit)} ${hex(request.functionCode | 0x80)} 04`);
          answered.push(...toClient(connection.server(exception)).map(idOf));
        }
        expect(answered.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, index) => 100 + index),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

function expectFate(effects: readonly Effect[], fate: (typeof evasions)[number]['fate']): void {
  if ('close' in fate) {
    expect(closeOf(effects)).toBe(fate.close);
    expect(toClient(effects)).toEqual([]);
    return;
  }
  expect(closeOf(effects)).toBeUndefined();
  const [answer, ...more] = toClient(effects);
  expect(more).toEqual([]);
  expect(answer?.[8]).toBe(fate.exception);
}

/** How much of what could not be framed is on record depends on how much of it had come. */
function withoutRest(effect: Effect): Effect {
  if (effect.kind !== 'refused' || effect.refusal.reason !== 'malformed-adu') return effect;
  return { ...effect, refusal: { ...effect.refusal, bytes: effect.refusal.bytes.slice(0, 6) } };
}

function parsed(bytes: Uint8Array): Request {
  const request = createRequest();
  const outcome = parseRequest(bytes, 0, bytes.length, request);
  if (outcome !== 'request') throw new Error(outcome);
  return request;
}

/** How long libmodbus takes a request to be: from its function code and byte count, never from its length. */
function lengthByFunction(bytes: Uint8Array): number {
  switch (bytes[7]) {
    case 15:
    case 16:
      return 13 + bytes[12]!;
    case 22:
      return 14;
    case 23:
      return 17 + bytes[16]!;
    default:
      return 12;
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
