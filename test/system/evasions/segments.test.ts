import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adu } from '../bench.ts';
import { type Arena, openArena } from './arena.ts';
import type { RawEnd } from './raw-end.ts';

/** E9 and E10: what TCP itself can be made to say twice, out of order, urgently, or without a beginning. */
const read = '0300000001';
const readAnswer = '03020000';
const permitted = '0600640001';
const forbidden = '060005dead';
const refusal = '8602';
const good = adu(1, 1, permitted);
const bad = adu(1, 1, forbidden);

let arena: Arena;

beforeAll(async () => {
  arena = await openArena();
});

afterAll(() => arena?.close());

/** One segment: where it begins, what is in it, and how it lies. */
type Piece = readonly [at: number, hex: string, ...words: readonly string[]];

describe('E9 segments that tell the gateway one thing and the server another', () => {
  const half = (hex: string, from: number, to = hex.length / 2): string => hex.slice(2 * from, 2 * to);
  test.for<{ name: string; pieces: readonly Piece[]; may: readonly string[] }>([
    {
      name: 'repeated with other data, permitted first',
      pieces: [
        [0, good],
        [0, bad],
      ],
      may: [permitted],
    },
    {
      name: 'repeated with other data, forbidden first',
      pieces: [
        [0, bad],
        [0, good],
      ],
      may: [],
    },
    {
      name: 'the forbidden end first, then all of it permitted',
      pieces: [
        [6, half(bad, 6)],
        [0, good],
      ],
      may: [permitted],
    },
    {
      name: 'the permitted end first, then all of it forbidden',
      pieces: [
        [6, half(good, 6)],
        [0, bad],
      ],
      may: [permitted],
    },
    {
      name: 'every byte but the first, twice, then the first',
      pieces: [
        [1, half(good, 1)],
        [1, half(bad, 1)],
        [0, '00'],
      ],
      may: [permitted],
    },
    {
      name: 'every byte but the first, twice the other way, then the first',
      pieces: [
        [1, half(bad, 1)],
        [1, half(good, 1)],
        [0, '00'],
      ],
      may: [permitted],
    },
    {
      name: 'overlapping by half',
      pieces: [
        [0, half(good, 0, 8)],
        [4, half(bad, 4)],
      ],
      may: [permitted],
    },
    {
      name: 'overlapping from both sides over a hole',
      pieces: [
        [9, half(bad, 9)],
        [3, half(good, 3, 11)],
        [0, half(good, 0, 6)],
      ],
      may: [permitted],
    },
    {
      name: 'in reverse order',
      pieces: Array.from({ length: 12 }, (_, at): Piece => [11 - at, half(bad, 11 - at, 12 - at)]),
      may: [],
    },
    {
      name: 'a wrong checksum on the permitted one',
      pieces: [
        [0, good, 'spoil'],
        [0, bad],
      ],
      may: [],
    },
    {
      name: 'a wrong checksum on the forbidden one',
      pieces: [
        [0, bad, 'spoil'],
        [0, good],
      ],
      may: [permitted],
    },
    {
      name: 'a wrong checksum on the forbidden end',
      pieces: [
        [0, half(good, 0, 6)],
        [6, half(bad, 6), 'spoil'],
        [6, half(good, 6)],
      ],
      may: [permitted],
    },
    {
      name: 'the permitted one at the end of its hops',
      pieces: [
        [0, good, 'ttl=1'],
        [0, bad],
      ],
      may: [permitted],
    },
    {
      name: 'the forbidden one at the end of its hops',
      pieces: [
        [0, bad, 'ttl=1'],
        [0, good],
      ],
      may: [permitted],
    },
    {
      name: 'outside of the window',
      pieces: [
        [200_000, bad],
        [-4_000, bad],
        [0, good],
      ],
      may: [permitted],
    },
    {
      name: 'acknowledging what was never sent',
      pieces: [
        [0, bad, 'ack=9999999'],
        [0, good],
      ],
      may: [permitted],
    },
  ])('E9 $name', async ({ pieces, may }) => {
    const end = await arena.attacker();
    for (const [at, hex, ...words] of pieces) end.segment(at, 'PA', hex, ...words);
    await end.says(/^acked 12$/m);
    await end.gets(new RegExp(`^(${adu(1, 1, permitted)}|0001000000030186..)$`));
    await isJudged(end, may);
  });

  test.for([
    {
      name: 'a byte too many, urgent, in the header',
      bytes: `${good.slice(0, 10)}ff${good.slice(10)}`,
      urgent: 6,
    },
    {
      name: 'a byte too many, urgent, in the address',
      bytes: `${good.slice(0, 18)}ff${good.slice(18)}`,
      urgent: 10,
    },
    {
      name: 'the byte that makes it a write, urgent',
      bytes: `${good.slice(0, 14)}03${good.slice(14)}`,
      urgent: 8,
    },
    {
      name: 'the byte that makes it a permitted address, urgent',
      bytes: `${bad.slice(0, 16)}0064${bad.slice(20)}`,
      urgent: 10,
    },
    { name: 'a whole forbidden request, urgent', bytes: bad, urgent: 12 },
    { name: 'a pointer past the segment', bytes: bad, urgent: 200 },
  ])('E9 urgent data: $name', async ({ bytes, urgent }) => {
    const end = await arena.attacker();
    end.segment(0, 'PAU', bytes, `urgent=${urgent}`);
    await end.says(new RegExp(`^acked ${bytes.length / 2}$`, 'm'));
    await isJudged(end, [permitted]);
  });

  async function isJudged(end: RawEnd, may: readonly string[]): Promise<void> {
    await arena.neighbourLives();
    for (const pdu of arena.arrived(end.port)) expect(may.map((one) => `01${one}`)).toContain(pdu);
    if (arena.arrived(end.port).length === 0 && !end.isCut() && end.received() !== '')
      expect(end.received()).toMatch(/^0001000000030186/);
    await end.stop();
  }
});

describe('E10 connections that begin and end as none should', () => {
  test.for(['PA', 'A', 'FPA', 'P', 'SA', 'FA', '.'])(
    'E10 midstream: data under %s without a handshake opens nothing',
    async (flags) => {
      const end = await arena.attacker({ opened: false });
      end.segment(0, flags, good);
      end.segment(0, flags, bad);
      await arena.neighbourLives();
      expect(arena.reached(end.port)).toBe(false);
      expect(end.received()).toBe('');
      await end.stop();
    },
  );

  test('E10 half-open: a SYN alone does not reach the server', async () => {
    const end = await arena.attacker({ opened: false });
    end.segment(-1, 'S');
    await end.says(/synack/);
    await arena.neighbourLives();
    expect(arena.reached(end.port)).toBe(false);
    await end.stop();
  });

  test('E10 half-open: data in the SYN is nobody’s request', async () => {
    const end = await arena.attacker({ opened: false });
    end.segment(-1, 'S', bad);
    await end.says(/synack/);
    end.segment(0, 'A');
    end.send(good);
    await end.gets(new RegExp(`^${good}$`));
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([`01${permitted}`]);
    await end.stop();
  });

  test('E10 half-open: data with the third segment of the handshake is judged', async () => {
    const end = await arena.attacker({ opened: false });
    end.segment(-1, 'S');
    await end.says(/synack/);
    end.send(bad + adu(2, 1, read));
    await end.gets(new RegExp(`^${adu(1, 1, refusal)}${adu(2, 1, readAnswer)}$`));
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    await end.stop();
  });

  test('E10 a simultaneous open on the client’s side is judged as any other', async () => {
    const end = await arena.attacker({ opened: false });
    end.segment(-1, 'S');
    await end.says(/synack/);
    end.segment(-1, 'SA');
    end.segment(0, 'A');
    end.send(bad + adu(2, 1, read));
    await end.gets(new RegExp(`^${adu(1, 1, refusal)}${adu(2, 1, readAnswer)}$`));
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    await end.stop();
  });

  test('E10 a simultaneous open on the server’s side lets neither end past the inspector', async () => {
    const server = await arena.rawServer();
    const end = await arena.attacker({ target: 'plc-2' });
    await server.says(/^syn$/m);
    server.segment(-1, 'S');
    await server.says(/^synack$/m);
    server.segment(-1, 'SA');
    server.send(adu(1, 1, readAnswer));
    end.send(bad + adu(2, 1, read));
    await end.gets(new RegExp(`^${adu(1, 1, refusal)}`));
    await arena.neighbourLives();
    expect(server.received()).not.toContain(forbidden);
    expect(end.received()).not.toContain(adu(1, 1, readAnswer));
    await end.stop();
    await server.stop();
  });

  test('E10 half-closed: a client that ends its side gets the answer, and then the end', async () => {
    const end = await arena.attacker();
    arena.server.tell('keep');
    end.send(adu(1, 1, read) + adu(2, 1, forbidden));
    await end.delivered();
    end.finish();
    await arena.server.says(new RegExp(`got 10.62.20.10:${end.port} `));
    expect(end.isCut()).toBe(false);
    arena.server.tell('release');
    await end.says(/^fin$/m);
    expect(end.received()).toBe(adu(1, 1, readAnswer) + adu(2, 1, refusal));
    arena.willRecordEnd(end.port, { refused: 1, reason: 'client-closed' });
    await end.stop();
  });

  test('E10 a FIN that bears a forbidden request, and data behind it', async () => {
    const end = await arena.attacker();
    end.segment(0, 'FPA', bad);
    end.segment(13, 'PA', adu(2, 1, forbidden));
    await end.says(/^fin$/m);
    expect(end.received()).toBe(adu(1, 1, refusal));
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([]);
    await end.stop();
  });

  test('E10 a FIN that overtakes its request', async () => {
    const end = await arena.attacker();
    end.segment(24, 'FA');
    end.segment(12, 'PA', adu(2, 1, read));
    end.segment(0, 'PA', bad);
    await end.says(/^fin$/m);
    expect(end.received()).toBe(adu(1, 1, refusal) + adu(2, 1, readAnswer));
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    await end.stop();
  });

  test.for([
    {
      name: 'in the middle of a request',
      pieces: [
        [0, 'PA', bad.slice(0, 16)],
        [8, 'R', ''],
      ],
    },
    { name: 'with a request in it', pieces: [[0, 'RPA', good]] },
    {
      name: 'behind a request, and the rest after it',
      pieces: [
        [0, 'PA', bad.slice(0, 16)],
        [8, 'R', ''],
        [8, 'PA', bad.slice(16)],
      ],
    },
  ] as const)('E10 a RST $name ends both sides', async ({ pieces }) => {
    const end = await arena.attacker();
    end.send(adu(1, 1, read));
    await end.gets(new RegExp(`^${adu(1, 1, readAnswer)}$`));
    for (const [at, flags, hex] of pieces) end.segment(12 + at, flags, hex);
    arena.willRecordEnd(end.port, { reason: 'client-closed' });
    expect(await arena.missingRecords()).toEqual([]);
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    await end.stop();
  });

  test.for([
    { name: 'a RST outside of the window', flags: 'R', at: 100_000 },
    { name: 'a RST a byte off', flags: 'R', at: 3 },
    { name: 'a second SYN', flags: 'S', at: 5 },
    { name: 'a SYN with everything else', flags: 'SFPAU', at: 5 },
    { name: 'an ACK before its time', flags: 'A', at: 4_000 },
  ])('E10 $name: the connection goes on and is judged as before', async ({ flags, at }) => {
    const end = await arena.attacker();
    end.segment(at, flags);
    end.send(bad + adu(2, 1, read));
    await end.gets(new RegExp(`^${adu(1, 1, refusal)}${adu(2, 1, readAnswer)}$`));
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    await arena.neighbourLives();
    await end.stop();
  });

  test.for(['PA', 'SA', 'R', 'FPA'])(
    'E10 midstream from the server: %s of no connection reaches no client',
    async (flags) => {
      const server = await arena.rawServer();
      const client = await arena.attacker({ opened: false, target: 'plc-2' });
      server.tell(`peer ${client.port}`);
      server.segment(0, flags, flags === 'R' ? '' : adu(1, 1, readAnswer));
      await arena.neighbourLives();
      expect(client.received()).toBe('');
      expect(client.isCut()).toBe(false);
      await client.stop();
      await server.stop();
    },
  );
});

test('E9 and E10: every one of these is in the record', async () => {
  expect(await arena.missingRecords()).toEqual([]);
});
