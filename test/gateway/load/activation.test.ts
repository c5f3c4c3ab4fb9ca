import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../gateway/errors.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import type { ActivationSteps } from '../../../gateway/load/steps.ts';
import { atOnce, envelopeOf, fails, failsUnlike, memoryBox, refused, within } from './memory-box.ts';

describe('taking a bundle up', () => {
  test('goes through every step in order, and confirms before it changes the inspectors', async () => {
    const { activation, done } = memoryBox();
    expect(await activation.apply(envelopeOf(7), atOnce)).toMatchObject({ ok: true, former: undefined });
    expect(done).toEqual([
      'stage',
      'check',
      'test',
      'prepare 7',
      'record apply',
      'taking 7',
      'enforce 7',
      'test tables',
      'confirmed 7',
      'activate 7',
    ]);
  });

  test('says which policy it came after', async () => {
    const { activation } = memoryBox();
    await activation.apply(envelopeOf(7), atOnce);
    expect(await activation.apply(envelopeOf(8), atOnce)).toMatchObject({
      active: { policy: { version: 8 } },
      former: { policy: { version: 7 } },
    });
  });

  test.for<[string, string, Partial<ActivationSteps>]>([
    ['the kernel would not take it', 'PST_ERR_NFT_APPLY', { check: fails('PST_ERR_NFT_APPLY') }],
    ['a test of its own fails', 'BUNDLE_TEST', { test: () => refused('BUNDLE_TEST') }],
    [
      'an inspector cannot read it',
      'PST_ERR_INSPECTOR_POLICY',
      { prepare: async () => 'Inspector 7: unknown field' },
    ],
    ['it cannot be put on record', 'PST_ERR_EVIDENCE', { recordAccepted: fails('PST_ERR_EVIDENCE') }],
    ['the kernel refuses it', 'PST_ERR_NFT_READ_BACK', { enforce: fails('PST_ERR_NFT_READ_BACK') }],
  ])('is given up when %s: nothing is confirmed or activated', async ([, code, broken]) => {
    const { activation, done, disk } = memoryBox(broken);
    expect(await activation.apply(envelopeOf(7), atOnce)).toMatchObject({ ok: false, rejection: { code } });
    expect(done.slice(-2)).toEqual(['abandon', `rejected ${code}`]);
    expect(done.join()).not.toContain('activate');
    expect(disk).toEqual({});
    expect(activation.active()).toBeUndefined();
  });

  test.for<[string, keyof ActivationSteps]>([
    ['check', 'check'],
    ['record', 'recordAccepted'],
  ])('enforces nothing when the step to %s fails', async ([, step]) => {
    const { activation, done } = memoryBox({ [step]: fails('PST_ERR_EVIDENCE') });
    await activation.apply(envelopeOf(7), atOnce);
    expect(done.join()).not.toContain('enforce');
  });

  test('that the disk cannot take goes no further than that', async () => {
    const { activation, done, breakDisk, disk } = memoryBox();
    breakDisk('stage');
    expect(await activation.apply(envelopeOf(7), within)).toMatchObject({
      rejection: { code: 'PST_ERR_STATE_DIR' },
    });
    expect(done).toEqual(['abandon', 'rejected PST_ERR_STATE_DIR']);
    expect(disk).toEqual({});
  });

  test('that the kernel refuses leaves the running policy and the anti-rollback mark where they were', async () => {
    const { activation, disk } = memoryBox({ enforce: failsUnlike(7, 'PST_ERR_NFT_APPLY') });
    await activation.apply(envelopeOf(7), atOnce);
    await activation.apply(envelopeOf(8), within);
    expect(activation.active()?.policy.version).toBe(7);
    expect(activation.pending()).toBeUndefined();
    expect(disk).toEqual({ confirmed: 7 });
  });

  test('whose tests fail against the tables as loaded is undone, and the answer says which', async () => {
    const failing = { ...refused('BUNDLE_TEST'), message: 'Test “no way in” (plant.zones.yaml:12) fails.' };
    const { activation, done, disk } = memoryBox({
      testTables: async ({ version }) => (version === 8 ? failing : { run: 1, left: 0 }),
    });
    await activation.apply(envelopeOf(7), atOnce);
    done.length = 0;
    expect(await activation.apply(envelopeOf(8), within)).toMatchObject({ ok: false, rejection: failing });
    expect(done.slice(done.indexOf('enforce 8'))).toEqual([
      'enforce 8',
      'enforce 7',
      'prepare 7',
      'activate 7',
      'given up 8',
      `rolled back 8 to 7: ${failing.message}`,
      'abandon',
      'rejected BUNDLE_TEST',
    ]);
    expect(activation.active()?.policy.version).toBe(7);
    expect(activation.pending()).toBeUndefined();
    expect(disk).toMatchObject({ confirmed: 7 });
  });

  test('that cannot be kept on the disk does not stay', async () => {
    const { activation, done, breakDisk } = memoryBox();
    await activation.apply(envelopeOf(7), atOnce);
    breakDisk('confirm');
    done.length = 0;
    expect(await activation.apply(envelopeOf(8), atOnce)).toMatchObject({
      rejection: { code: 'PST_ERR_STATE_DIR' },
    });
    expect(done.join()).toMatch(/enforce 8,.*enforce 7,.*activate 7/);
    expect(activation.active()?.policy.version).toBe(7);
  });

  test('makes the next bundle wait for the one before', async () => {
    const order: number[] = [];
    const { activation } = memoryBox({
      enforce: async (policy) => {
        await Promise.resolve();
        order.push(policy.version);
      },
    });
    await Promise.all([activation.apply(envelopeOf(1), atOnce), activation.apply(envelopeOf(2), atOnce)]);
    expect(order).toEqual([1, 2]);
    expect(activation.active()?.policy.version).toBe(2);
  });

  test('lets a bug stop the process instead of calling it a bad bundle', async () => {
    const bug = async (): Promise<never> => {
      throw new TypeError('undefined is not a function');
    };
    const { activation } = memoryBox({ check: bug });
    await expect(activation.apply(envelopeOf(7), atOnce)).rejects.toThrow(TypeError);
  });

  test('that is only tried changes and records nothing, and says what would stand in its way', async () => {
    const { activation, done, disk } = memoryBox();
    await activation.apply(envelopeOf(7), atOnce);
    done.length = 0;
    expect(await activation.trial(envelopeOf(8))).toMatchObject({ ok: true, policy: { version: 8 } });
    expect(await activation.trial(envelopeOf(6))).toMatchObject({ rejection: { code: 'BUNDLE_VERSION' } });
    expect(done).toEqual(['check', 'test']);
    expect(disk).toEqual({ confirmed: 7 });
  });
});

describe('after a restart', () => {
  test('a new box has nothing to resume', async () => {
    const { activation } = memoryBox();
    expect(await activation.resume()).toBeUndefined();
    expect(activation.latest()).toBeUndefined();
  });

  test('the confirmed bundle is taken up without being written or tested again', async () => {
    const { activation, done } = memoryBox({}, { confirmed: 7 });
    expect(await activation.resume()).toMatchObject({ ok: true });
    expect(done).toEqual(['check', 'prepare 7', 'record restart', 'enforce 7', 'activate 7']);
  });

  test('a policy in force is not taken up a second time', async () => {
    const { activation, done } = memoryBox({}, { confirmed: 7 });
    await activation.resume();
    done.length = 0;
    expect(await activation.resume()).toBeUndefined();
    expect(done).toEqual([]);
  });

  test('what the kernel refuses is still the anti-rollback mark, and still names the records', async () => {
    const { activation } = memoryBox({ enforce: fails('PST_ERR_NFT_APPLY') }, { confirmed: 7 });
    expect(await activation.resume()).toMatchObject({ ok: false });
    expect(activation.active()).toBeUndefined();
    expect(activation.latest()?.version).toBe(7);
    expect(await activation.apply(envelopeOf(6), atOnce)).toMatchObject({
      rejection: { code: 'BUNDLE_VERSION' },
    });
  });

  test('a bundle nobody trusts any more is refused and is no mark', async () => {
    const judgeConfirmed = () => ({ ok: false as const, ...refused('BUNDLE_KEY') });
    const { activation } = memoryBox({ judgeConfirmed }, { confirmed: 99 });
    expect(await activation.resume()).toMatchObject({ rejection: { code: 'BUNDLE_KEY' } });
    expect(await activation.apply(envelopeOf(6), atOnce)).toMatchObject({ ok: true });
  });

  test.for<ErrorCode>(['PST_ERR_STATE_DIR'])('a disk that cannot be read is told: %s', async (code) => {
    const { activation, done, breakDisk } = memoryBox({}, { confirmed: 7 });
    breakDisk('read');
    expect(await activation.resume()).toMatchObject({ rejection: { code } });
    expect(done).toEqual([`rejected ${code}`]);
    expect(new GatewayError(code).remedy).toMatch(/\w/);
  });
});
