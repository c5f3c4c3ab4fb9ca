/** @module-tag deep: volume; the evasions beside it are one by one what it looks for. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutate } from '../../rules/modbus/fuzz/mutate.ts';
import { permittedBy } from '../../rules/modbus/fuzz/naive-policy.ts';
import { readers } from '../../rules/modbus/fuzz/naive-readers.ts';
import { readNaively } from '../../rules/modbus/fuzz/naive-request.ts';
import { createRandom, type Random } from '../../rules/modbus/fuzz/random.ts';
import { aduOf, concatenate, randomRequest } from '../../rules/modbus/fuzz/random-adu.ts';
import { type Arena, EvasionsModel, openArena } from './arena.ts';
import { piecesOf } from './pieces.ts';
import type { RawEnd } from './raw-end.ts';

/** The fuzzer of `test/rules/modbus/fuzz/` against the running gateway, its bytes in segments that lie. */
describe.for([
  { path: 'epoll', seeds: 60 },
  // All the rest of these tests run over the event loop; this is the reference's.
  { path: 'streams', seeds: 15 },
])('over $path', ({ path, seeds }) => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await openArena(EvasionsModel, [`data_path: ${path}`]);
  });

  afterAll(() => arena?.close());

  test('whatever comes in whatever segments, no reader finds a request the policy refuses on the server’s wire', async () => {
    const carriedBy = (await arena.bench.gateway.status())?.inspectors.map(({ dataPath }) => dataPath);
    expect(new Set(carriedBy)).toEqual(new Set([path]));
    const profile = arena.bench.site.policy.profiles.find(({ name }) => name === 'operation')!;
    let arrived = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const random = createRandom(seed);
      const adus = Array.from({ length: random.between(2, 30) }, (_, id) =>
        random.once(30) ? mutate(random, profile, id) : aduOf(id, ...randomRequest(random, profile)),
      );
      const bytes = concatenate(adus).subarray(0, 4_000);
      const end = await arena.attacker();
      sendInPieces(random, end, bytes);
      await end.says(new RegExp(`^(acked ${bytes.length}|reset|fin)$`, 'm'));
      await arena.neighbourLives();
      // On the wire the gateway’s writes may share a segment; each of them is one ADU all the same.
      const writes = arena.arrived(end.port).map((unitAndPdu) => {
        const body = Buffer.from(unitAndPdu, 'hex');
        return concatenate([Uint8Array.of(0, 1, 0, 0, body.length >> 8, body.length & 0xff), body]);
      });
      arrived += writes.length;
      for (const reader of readers) {
        const { found, rest } = reader(writes);
        expect(rest).toBe(0);
        for (const { by, unit, pdu } of found) {
          const request = readNaively(unit, pdu);
          const why = `seed ${seed}, read by ${by}: ${unit} ${Buffer.from(pdu).toString('hex')}`;
          expect(request, why).toBeDefined();
          expect(permittedBy(profile, request!).length, why).toBeGreaterThan(0);
        }
      }
      await end.stop();
    }
    expect(arrived).toBeGreaterThan(seeds);
  });
});

/** Every byte is sent as it is at least once; before and after that, other bytes may be in its place. */
function sendInPieces(random: Random, end: RawEnd, bytes: Uint8Array): void {
  for (const { at, length } of piecesOf(random, bytes.length)) {
    const hex = Buffer.from(bytes.subarray(at, at + length)).toString('hex');
    if (random.once(5))
      end.segment(at, 'PA', other(random, length), ...random.pick([[], ['spoil'], ['ttl=1']]));
    end.segment(at, random.once(20) ? 'A' : 'PA', hex);
    if (random.once(5)) end.segment(Math.max(0, at - 3), 'PA', other(random, length + 3));
  }
}

function other(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick(['00', '01', '06', '10', 'ff'])).join('');
}
