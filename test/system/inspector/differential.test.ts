import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '../../../rules/policy.ts';
import { sampleFlow, samplePolicy, sampleProfile } from '../../gateway/inspector/sample.ts';
import { mutate } from '../../rules/modbus/fuzz/mutate.ts';
import { createRandom, type Random } from '../../rules/modbus/fuzz/random.ts';
import { aduOf, concatenate, randomRequest } from '../../rules/modbus/fuzz/random-adu.ts';
import { adu } from '../bench.ts';
import { HmiAddress, PlcAddress } from '../enforce/bench.ts';
import { piecesOf } from '../evasions/pieces.ts';
import type { RawEnd } from '../evasions/raw-end.ts';
import { type Outcome, startTwoInspectors, type TwoInspectors } from './two-inspectors.ts';

/** Two real inspectors, one per data path, and segments no kernel would send: the same must come out of both. */
const read = '0300010002';
const write = '06008c0007';
const forbidden = '060005dead';
const good = adu(1, 1, write);
const bad = adu(2, 1, forbidden);
const ask = adu(3, 1, read);

let two: TwoInspectors;
beforeAll(async () => {
  two = await startTwoInspectors(policy());
});
afterAll(() => two?.close());

async function same(act: (end: RawEnd) => Promise<void> | void): Promise<Outcome> {
  const [epoll, streams] = await two.both(async (end) => act(end));
  expect(epoll).toEqual(streams);
  return epoll;
}

/** Ends in order when all of it has arrived. */
async function all(end: RawEnd, bytes: number): Promise<void> {
  await end.says(new RegExp(`^(acked ${bytes}|reset|fin)$`, 'm'));
  end.segment(bytes, 'FA');
}

const unitAndPdu = ({ requests }: Outcome) => requests.map((hex) => hex.slice(12));

describe('over both data paths the same comes out of', () => {
  test('a read and a forbidden write in one segment', async () => {
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', ask + bad);
      await end.gets(/018602|018603/);
      await all(end, 24);
    });
    expect(unitAndPdu(outcome)).toEqual([`01${read}`]);
    expect(outcome.record).toMatchObject({ reason: 'client-closed', transactions: 2, refused: 1 });
  });

  test('a retransmission of all of a request with a forbidden one behind it', async () => {
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', good);
      await end.says(/^acked 12$/m);
      end.segment(0, 'PA', adu(1, 1, read) + bad);
      await end.gets(/0186/);
      await all(end, 24);
    });
    expect(unitAndPdu(outcome)).toEqual([`01${write}`]);
  });

  test('a retransmission of half of a request with a forbidden one behind it', async () => {
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', good);
      await end.says(/^acked 12$/m);
      end.segment(6, 'PA', good.slice(12) + bad);
      await end.gets(/0186/);
      await all(end, 24);
    });
    expect(unitAndPdu(outcome)).toEqual([`01${write}`]);
  });

  test('twelve requests in one segment: each that may pass', async () => {
    const requests = Array.from({ length: 12 }, (_, id) => adu(id, 1, id % 3 === 2 ? forbidden : read));
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', requests.join(''));
      await end.gets(/000b000000030186/);
      await all(end, 144);
    });
    expect(unitAndPdu(outcome)).toEqual(Array(8).fill(`01${read}`));
  });

  test('every byte in a segment of its own, backwards', async () => {
    const bytes = good + bad + ask;
    const outcome = await same(async (end) => {
      for (let at = 35; at >= 0; at--) end.segment(at, 'PA', bytes.slice(2 * at, 2 * at + 2));
      await end.gets(/0003000000070103/);
      await all(end, 36);
    });
    expect(unitAndPdu(outcome)).toEqual([`01${write}`, `01${read}`]);
  });

  test('urgent data in the middle of a request', () =>
    same(async (end) => {
      end.segment(0, 'PAU', `${good.slice(0, 16)}ff${good.slice(16)}`, 'urgent=9');
      await all(end, 13);
    }).then(({ record }) => expect(record.reason).toBeDefined()));

  test('FIN in the segment of the last request', async () => {
    const outcome = await same((end) => end.segment(0, 'FPA', ask + good));
    expect(outcome).toMatchObject({ ends: ['fin'], record: { reason: 'client-closed', responses: 2 } });
  });

  test('FIN in the middle of a request', async () => {
    const outcome = await same((end) => end.segment(0, 'FPA', ask + good.slice(0, 10)));
    expect(unitAndPdu(outcome)).toEqual([`01${read}`]);
  });

  test('a reset in the middle of a request', async () => {
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', ask + good.slice(0, 10));
      await end.gets(/0003000000070103/);
      end.segment(17, 'R');
    });
    expect(outcome.record).toMatchObject({ reason: 'client-closed', transactions: 1, responses: 1 });
  });

  test('bytes that are no Modbus, behind a request that is refused', async () => {
    const outcome = await same((end) => end.segment(0, 'PA', `${bad}474554202f20485454502f312e310d0a`));
    expect(outcome.record).toMatchObject({ reason: 'malformed-adu', refused: 1 });
    expect(outcome.answers).toMatch(/^0002000000030186..$/);
  });

  test('a server that keeps silent, until the time-out answers for it', async () => {
    await two.tellServer('always -');
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', ask);
      await end.gets(/0003000000030183/);
      await all(end, 12);
    });
    await two.tellServer('honest');
    expect(outcome.answers).toBe('00030000000301830b');
  });

  test('a server that answers what was not asked', async () => {
    await two.tellServer('always iiii00000005010302002a');
    const outcome = await same((end) => end.segment(0, 'PA', ask));
    await two.tellServer('honest');
    expect(outcome.record.reason).toBe('response-mismatch');
  });

  test('a policy that comes in the middle of a request', async () => {
    const gate = Promise.withResolvers<void>();
    let halves = 0;
    const outcome = await same(async (end) => {
      end.segment(0, 'PA', good + ask.slice(0, 12));
      await end.gets(/000100000006/);
      if (++halves === 2) await two.enforce(policy([])).then(gate.resolve);
      await gate.promise;
      end.segment(18, 'PA', ask.slice(12));
      await end.gets(/0003000000030183/);
      await all(end, 24);
    });
    await two.enforce(policy());
    expect(unitAndPdu(outcome)).toEqual([`01${write}`]);
  });
});

test('whatever comes in whatever segments, the same comes out, and the same is told of it', async () => {
  const { profiles } = policy();
  for (let seed = 1; seed <= Seeds; seed++) {
    const bytes = generated(createRandom(seed), profiles[0]!);
    const outcomes = await two.both(async (end) => {
      // Each end draws the same: what is random is the seed's.
      sendInPieces(createRandom(1_000 + seed), end, bytes);
      await all(end, bytes.length);
    });
    const [epoll, streams] = outcomes.map(whatIsDecided);
    expect(epoll, `seed ${seed}`).toEqual(streams);
  }
});

test('and at the end both have counted and told the same', async () => {
  const [epoll, streams] = await two.books();
  expect(epoll).toEqual(streams);
  expect(Object.keys(epoll.refusals).length).toBeGreaterThan(5);
});

const Seeds = 25;

/** Where the gateway cuts, it is the network's how much of what was on its way had come. */
function whatIsDecided({ requests, answers, ends, record }: Outcome) {
  const { reason, transactions, refused, wouldRefuse } = record;
  const decided = { requests, reason, transactions, refused, wouldRefuse };
  return reason === 'client-closed' ? { ...decided, answers, ends, record } : decided;
}

function generated(random: Random, profile: Policy['profiles'][number]): Uint8Array {
  const adus = Array.from({ length: random.between(2, 20) }, (_, id) =>
    random.once(30) ? mutate(random, profile, id) : aduOf(id, ...randomRequest(random, profile)),
  );
  return concatenate(adus).subarray(0, 2_000);
}

/** Every byte is sent as it is; before and after that, other bytes may be in its place. */
function sendInPieces(random: Random, end: RawEnd, bytes: Uint8Array): void {
  for (const { at, length } of piecesOf(random, bytes.length)) {
    const hex = Buffer.from(bytes.subarray(at, at + length)).toString('hex');
    if (random.once(5)) end.segment(at, 'PA', 'ff'.repeat(length), ...random.pick([['spoil'], ['ttl=1']]));
    end.segment(at, random.once(20) ? 'A' : 'PA', hex);
    if (random.once(5))
      end.segment(
        Math.max(0, at - 3),
        'PA',
        Buffer.from(bytes.subarray(Math.max(0, at - 3), at + length)).toString('hex'),
      );
  }
}

function policy(permissions = sampleProfile().permissions): Policy {
  const asset = (name: string, zone: string, address: string) => ({
    name,
    zone,
    addresses: [`${address}/32`],
    mac: '',
    modbus: { kind: 'direct' as const, framing: 'mbap' as const, line: undefined },
  });
  return samplePolicy({
    assets: [asset('hmi-1', 'control', HmiAddress), asset('plc-1', 'process', PlcAddress)],
    profiles: [sampleProfile({ permissions })],
    flows: [
      sampleFlow({
        sources: [{ asset: 'hmi-1', zone: 'control', prefixes: [`${HmiAddress}/32`] }],
        destinations: [{ asset: 'plc-1', zone: 'process', prefixes: [`${PlcAddress}/32`] }],
      }),
    ],
  });
}
