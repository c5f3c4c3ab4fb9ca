import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, openGround } from '../data-paths.ts';
import { adu, createLoopback } from '../loopback.ts';
import { play, type Step, type Transcript } from './play.ts';
import { scripts } from './scripts.ts';

/** Two data paths, one behaviour: the same bytes in, the same bytes and records out, the same ends. */
let streams: Ground;
let epoll: Ground;
beforeAll(async () => {
  streams = await openGround('streams');
  epoll = await openGround('epoll');
});
afterAll(() => {
  streams.close();
  epoll.close();
});

async function over(
  ground: Ground,
  policy: string,
  steps: readonly Step[],
  quiet = 100,
): Promise<Transcript> {
  const loopback = createLoopback();
  try {
    return await play(ground, loopback, policy, steps, quiet);
  } finally {
    loopback.close();
  }
}

async function both(policy: string, steps: readonly Step[]): Promise<Transcript> {
  const reference = await over(streams, policy, steps);
  if (isDeepStrictEqual(await over(epoll, policy, steps), reference)) return reference;
  // A machine with other work may have let one of them wait: what differs differs still with more time for all.
  const patient = await over(streams, policy, steps, 2_000);
  expect(await over(epoll, policy, steps, 2_000)).toEqual(patient);
  return patient;
}

test('whatever happens on a connection, both paths do the same and tell the same', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async ({ policy, steps }) => {
      await both(policy, steps);
    }),
    // One that never ends is shown by its script, and not as a time-out.
    { numRuns: 30, timeout: 60_000 },
  );
});

const read = (id: number) => adu(id, 1, 3, 0, 1, 0, 2);
const write = (id: number) => adu(id, 1, 6, 0, 0x22, 0xde, 0xad);

test('a read and a refused write in one segment: one comes out, at each end', async () => {
  const { toServer, toClient } = await both('operator', [
    { do: 'ask', pieces: [Buffer.concat([read(5), write(6)])] },
  ]);
  expect(toServer).toMatch(/^[0-9a-f]{4}0000000601030001000[2]$/);
  expect(toClient).toMatch(/^0005000000070103041{8}0006000000030186..$/);
});

test('cut at each byte, the same comes out', async () => {
  const bytes = Buffer.concat([read(1), write(2), read(3)]);
  const whole = await both('operator', [{ do: 'ask', pieces: [bytes] }]);
  for (let cut = 1; cut < bytes.length; cut++) {
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
    const { toServer, toClient } = await both('operator', [{ do: 'ask', pieces }]);
    expect({ toServer, toClient }).toEqual({ toServer: whole.toServer, toClient: whole.toClient });
  }
});
