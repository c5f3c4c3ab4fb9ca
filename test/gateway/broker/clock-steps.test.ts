import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bench, Minute, openBench } from './bench.ts';

/*
 * The wall clock is set while a grant is open: it ends when its time on the monotonic clock is up, and neither the
 * gates nor the people are told anything else (62443-3-3 SR 2.6, SR 2.11).
 */

const Hour = 60 * Minute;
const Year = 365 * 24 * Hour;
const Start = Date.UTC(2026, 10, 25, 11);

let bench: Bench;
let channel = '';
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function opened(): Promise<string> {
  const open = await bench.opened({ length: 30 * Minute });
  channel = await bench.connect(open);
  return open.id;
}

/** Time runs on, and so does the vendor's work. */
async function work(milliseconds: number): Promise<void> {
  const bytes = bench.world.mono;
  bench.say({ what: 'progress', channel, bytesFromClient: bytes, bytesFromServer: 0, lastActivity: 0 });
  await bench.pass(milliseconds);
}

describe('a clock that is set while a grant is open', () => {
  test.for([
    ['ten years ahead', 10 * Year - (Start % 1)],
    ['three hours back', -3 * Hour],
    ['a day ahead, out of the window', 10 * Hour],
    ['to the next Sunday', 4 * 24 * Hour],
  ] as const)('%s moves no end', async ([, step]) => {
    // A bundle that is still valid then: this is about the clock.
    bench.world.policy = { ...bench.world.policy, notAfter: Start + 20 * Year };
    await bench.pass(250);
    const id = await opened();
    await work(10 * Minute);
    bench.world.wall += step;
    await work(10 * Minute);
    expect(await bench.see(id)).toMatchObject({ state: 'open', secondsLeft: 600 });
    // Told anew, so that whoever keeps the end by the wall clock keeps the same one.
    expect(bench.broker.granted(bench.world.policy)).toEqual([
      { flow: 'pumpco/plc-dosing.502', until: bench.world.wall + 10 * Minute },
    ]);
    await work(10 * Minute - 1);
    expect(await bench.see(id)).toMatchObject({ state: 'open', secondsLeft: 1 });
    await work(1);
    expect(await bench.see(id)).toMatchObject({ state: 'closed', cause: 'grant-ended' });
  });

  test('back and forth, as often as one likes, moves no end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -2 * Hour, max: 5 * Year }), { minLength: 1, maxLength: 6 }),
        async (steps) => {
          const one = await openBench();
          one.world.policy = { ...one.world.policy, notAfter: Start + 50 * Year };
          const { id } = await one.opened({ length: 10 * Minute });
          for (const step of steps) {
            one.world.wall = Math.max(Start - 3 * Hour, one.world.wall + step);
            await one.pass(Minute);
            expect(await one.see(id)).toMatchObject({ state: 'open' });
          }
          one.world.mono += (10 - steps.length) * Minute - 1;
          one.broker.look();
          await one.rest();
          expect(await one.see(id)).toMatchObject({ state: 'open' });
          await one.pass(1);
          expect(await one.see(id)).toMatchObject({ state: 'closed', cause: 'grant-ended' });
          await one.close();
        },
      ),
      { numRuns: 10 },
    );
  });

  test('to before the newest record ends the grant at once: nothing it says can be believed', async () => {
    bench.world.newestEvidence = Start - Hour;
    const id = await opened();
    bench.world.wall -= Year;
    await bench.pass(250);
    expect(await bench.see(id)).toMatchObject({ state: 'closed', cause: 'clock-untrusted' });
  });

  test('makes no request live longer, and lets none die early', async () => {
    const asked = await bench.request();
    bench.world.wall += Hour;
    await bench.pass(30 * Minute);
    expect(await bench.see(asked.id)).toMatchObject({ state: 'requested' });
    bench.world.wall -= Hour;
    await bench.pass(30 * Minute);
    expect(await bench.see(asked.id)).toMatchObject({ state: 'refused' });
  });
});

describe('a clock that cannot be believed', () => {
  test.for([
    ['nobody disciplines', { synchronised: false }],
    ['lies before the newest record', { newestEvidence: Start + Hour }],
  ] as const)('because it %s opens nothing', async ([, change]) => {
    Object.assign(bench.world, change);
    const approved = await bench.opened();
    await bench.pass(Minute);
    expect(await bench.see(approved.id)).toMatchObject({ state: 'approved' });
    expect(bench.story).not.toContain('grantOpened');
    Object.assign(bench.world, { synchronised: true, newestEvidence: 0 });
    await bench.pass(250);
    await vi.waitFor(async () => expect(await bench.see(approved.id)).toMatchObject({ state: 'open' }));
  });
});

test('the window is the model’s, in the zone of the model, also on the day the clocks change', async () => {
  // Sunday 2026-10-25 the clocks in Stockholm go back; on the Monday 16:00 there is 15:00 UTC.
  bench.world.wall = Date.UTC(2026, 9, 26, 14, 50);
  const open = await bench.opened();
  expect(open).toMatchObject({ state: 'open', secondsLeft: 600 });
  bench.world.wall = Date.UTC(2026, 9, 23, 13, 50);
  const friday = await bench.request();
  expect(friday.conditions.find(({ what }) => what === 'window')).toMatchObject({ holds: true });
});
