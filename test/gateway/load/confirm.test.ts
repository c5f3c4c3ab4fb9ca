import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatewayError } from '../../../gateway/errors.ts';
import type { Policy } from '../../../rules/policy.ts';
import { atOnce, envelopeOf, fails, memoryBox, within } from './memory-box.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

/** Version 7 confirmed, version 8 in force and waiting. */
async function waiting(...args: Parameters<typeof memoryBox>) {
  const box = memoryBox(...args);
  await box.activation.apply(envelopeOf(7), atOnce);
  expect(await box.activation.apply(envelopeOf(8), within)).toMatchObject({ ok: true });
  box.done.length = 0;
  return box;
}

describe('a policy that is to be confirmed', () => {
  test('is pending on the disk before the kernel hears of it', async () => {
    const { activation, done, disk } = memoryBox();
    await activation.apply(envelopeOf(7), within);
    expect(done.indexOf('pending 7')).toBeLessThan(done.indexOf('enforce 7'));
    expect(disk).toEqual({ pending: 7 });
  });

  test('is in force meanwhile, and the mark has not moved', async () => {
    const { activation, disk } = await waiting();
    expect(activation.active()?.policy.version).toBe(8);
    expect(activation.pending()).toMatchObject({ by: 'anna', before: { policy: { version: 7 } } });
    expect(disk).toEqual({ confirmed: 7, pending: 8 });
  });

  test('goes back by itself when nobody confirmed it in time', async () => {
    const { activation, done, disk } = await waiting();
    await seconds(119);
    expect(activation.active()?.policy.version).toBe(8);
    await seconds(1);
    expect(done).toEqual([
      'enforce 7',
      'prepare 7',
      'activate 7',
      'given up 8',
      'rolled back 8 to 7: Nobody confirmed it in time.',
    ]);
    expect(activation.active()?.policy.version).toBe(7);
    expect(activation.pending()).toBeUndefined();
    expect(disk).toEqual({ confirmed: 7, givenUp: 8 });
  });

  test('stays when somebody confirms it, which is on record before it counts', async () => {
    const { activation, done, disk } = await waiting();
    await seconds(60);
    expect(await activation.confirm('bertil')).toMatchObject({
      active: { policy: { version: 8 } },
      former: { policy: { version: 7 } },
    });
    expect(done).toEqual(['record confirmed 8 by bertil', 'confirmed 8']);
    await seconds(600);
    expect(activation.active()?.policy.version).toBe(8);
    expect(disk).toEqual({ confirmed: 8, previous: 7 });
    expect(await activation.apply(envelopeOf(7), atOnce)).toMatchObject({
      rejection: { code: 'BUNDLE_VERSION' },
    });
  });

  test.for(['recordConfirmed', 'disk'])('goes on waiting when the confirmation fails: %s', async (what) => {
    const box = await waiting(what === 'disk' ? {} : { recordConfirmed: fails('PST_ERR_EVIDENCE') });
    if (what === 'disk') box.breakDisk('confirm');
    expect(await box.activation.confirm('anna')).toMatchObject({ ok: false });
    expect(box.activation.pending()).toBeDefined();
    await seconds(120);
    expect(box.activation.active()?.policy.version).toBe(7);
  });

  test('keeps every other one away, and says so', async () => {
    const { activation, done } = await waiting();
    expect(await activation.apply(envelopeOf(9), atOnce)).toMatchObject({
      rejection: { code: 'PST_ERR_UNCONFIRMED', remedy: expect.stringContaining('penstock confirm') },
    });
    expect(done).toEqual(['rejected PST_ERR_UNCONFIRMED']);
  });

  test('is given up at once by a person who goes back', async () => {
    const { activation, disk } = await waiting();
    expect(await activation.rollback('anna')).toMatchObject({ active: { policy: { version: 7 } } });
    expect(disk).toEqual({ confirmed: 7, givenUp: 8 });
    await seconds(600);
    expect(activation.active()?.policy.version).toBe(7);
  });

  test('may be applied anew after it was taken back, by a person', async () => {
    const { activation } = await waiting();
    await seconds(120);
    expect(await activation.apply(envelopeOf(8), atOnce)).toMatchObject({ ok: true });
  });

  test('is taken back again and again until the kernel takes it', async () => {
    let deaf = false;
    const { activation, done, disk } = await waiting({
      enforce: async (policy: Policy) => {
        if (deaf && policy.version === 7) throw new GatewayError('PST_ERR_NFT_CHILD');
      },
    });
    deaf = true;
    await seconds(122);
    expect(done).toEqual(Array.from({ length: 3 }, () => 'not rolled back PST_ERR_NFT_CHILD'));
    expect(await activation.confirm('anna')).toMatchObject({
      rejection: { code: 'PST_ERR_NOTHING_TO_CONFIRM' },
    });
    expect(disk).toEqual({ confirmed: 7, pending: 8 });
    deaf = false;
    await seconds(1);
    expect(activation.active()?.policy.version).toBe(7);
    expect(disk).toEqual({ confirmed: 7, givenUp: 8 });
  });

  test('is taken back on a disk that fails, and once more at the next start', async () => {
    const { activation, breakDisk, disk } = await waiting();
    breakDisk('giveUp');
    await seconds(120);
    expect(activation.active()?.policy.version).toBe(7);
    const next = memoryBox({}, disk);
    await next.activation.resume();
    expect(next.activation.active()?.policy.version).toBe(7);
    expect(disk).toEqual({ confirmed: 7, givenUp: 8 });
  });

  test('that is the first of a box leaves it shut when nobody confirms it', async () => {
    const { activation, done, disk } = memoryBox();
    await activation.apply(envelopeOf(7), within);
    done.length = 0;
    await seconds(120);
    expect(done).toEqual([
      'withdraw',
      'given up 7',
      'rolled back 7 to nothing: Nobody confirmed it in time.',
    ]);
    expect(activation.active()).toBeUndefined();
    expect(disk).toEqual({ givenUp: 7 });
  });

  test('that is confirmed already has nothing to wait for', async () => {
    const { activation } = memoryBox();
    await activation.apply(envelopeOf(7), atOnce);
    await activation.apply(envelopeOf(7), within);
    expect(activation.pending()).toBeUndefined();
  });
});

describe('going back to the previous policy', () => {
  test('takes the one kept on the box, moves the mark down, and may be undone', async () => {
    const { activation, done, disk } = memoryBox();
    await activation.apply(envelopeOf(7), atOnce);
    await activation.apply(envelopeOf(8), atOnce);
    done.length = 0;
    expect(await activation.rollback('anna')).toMatchObject({
      active: { policy: { version: 7 } },
      former: { policy: { version: 8 } },
    });
    expect(done.indexOf('record rollback')).toBeLessThan(done.indexOf('enforce 7'));
    expect(disk).toEqual({ confirmed: 7, previous: 8 });
    expect(await activation.rollback('anna')).toMatchObject({ active: { policy: { version: 8 } } });
    expect(disk).toEqual({ confirmed: 8, previous: 7 });
  });

  test('is no way back to anything else', async () => {
    const { activation } = memoryBox();
    await activation.apply(envelopeOf(7), atOnce);
    expect(await activation.rollback('anna')).toMatchObject({ rejection: { code: 'PST_ERR_NO_PREVIOUS' } });
    expect(activation.active()?.policy.version).toBe(7);
  });

  test('that cannot be put on record does not happen', async () => {
    let broken = false;
    const { activation, disk } = memoryBox({
      recordAccepted: async () => (broken ? fails('PST_ERR_EVIDENCE')() : undefined),
    });
    await activation.apply(envelopeOf(7), atOnce);
    await activation.apply(envelopeOf(8), atOnce);
    broken = true;
    expect(await activation.rollback('anna')).toMatchObject({ rejection: { code: 'PST_ERR_EVIDENCE' } });
    expect(disk).toMatchObject({ confirmed: 8, previous: 7 });
    expect(activation.active()?.policy.version).toBe(8);
  });
});
