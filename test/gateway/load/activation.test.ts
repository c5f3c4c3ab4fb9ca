import { describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../../gateway/errors.ts';
import { type ActivationSteps, createActivation } from '../../../gateway/load/activation.ts';
import { createLine } from '../../../gateway/one-at-a-time.ts';
import type { Judgement, RunningPolicy } from '../../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../../rules/policy.ts';

const envelopeOf = (version: number): Uint8Array => Uint8Array.of(version);
const genuine = (envelope: Uint8Array): Judgement => ({
  ok: true,
  policy: { version: envelope[0] } as Policy,
  payload: envelope,
  digest: `digest-${envelope[0]}`,
});
const refused = (code: 'BUNDLE_VERSION' | 'BUNDLE_KEY'): Judgement => ({
  ok: false,
  code,
  message: 'No.',
  remedy: 'Ask.',
});
/** As the real judge: nothing below what was confirmed. */
const judged = (envelope: Uint8Array, confirmed: RunningPolicy | undefined): Judgement =>
  (envelope[0] ?? 0) < (confirmed?.version ?? 0) ? refused('BUNDLE_VERSION') : genuine(envelope);

/** Steps that do as the real ones and write down what was done; a test breaks one of them. */
function steps(broken: Partial<ActivationSteps> = {}, onDisk?: Uint8Array) {
  const done: string[] = [];
  let confirmed = onDisk;
  const note = (what: string) => void done.push(what);
  const all: ActivationSteps = {
    store: {
      confirmed: () => confirmed,
      stage: (envelope) => {
        note('stage');
        return () => {
          note(`confirm ${envelope[0]}`);
          confirmed = envelope;
        };
      },
    },
    wall: () => 1_000,
    judge: judged,
    judgeConfirmed: genuine,
    check: async () => note('check'),
    prepare: async () => {
      note('prepare');
      return '';
    },
    enforce: async ({ version }) => note(`enforce ${version}`),
    activate: () => note('activate'),
    abandon: () => note('abandon'),
    recordAccepted: async () => note('record'),
    recordRejected: (rejection) => note(`rejected ${rejection.code}`),
    ...broken,
  };
  return { activation: createActivation(all, createLine()), done, confirmed: () => confirmed };
}

const fails = (code: ErrorCode) => async (): Promise<never> => {
  throw new GatewayError(code, 'said so');
};

describe('taking a bundle up', () => {
  test('checks, prepares, records, enforces, confirms, and changes the inspectors last', async () => {
    const { activation, done } = steps();
    expect(await activation.apply(envelopeOf(7), 'someone')).toMatchObject({ ok: true, former: undefined });
    expect(done).toEqual(['stage', 'check', 'prepare', 'record', 'enforce 7', 'confirm 7', 'activate']);
  });

  test('says which policy it came after', async () => {
    const { activation } = steps();
    await activation.apply(envelopeOf(7), 'someone');
    expect(await activation.apply(envelopeOf(8), 'someone')).toMatchObject({
      active: { policy: { version: 8 } },
      former: { policy: { version: 7 } },
    });
  });

  test.for<[string, string, Partial<ActivationSteps>]>([
    [
      'the disk cannot take it',
      'PST_ERR_STATE_DIR',
      {
        store: {
          confirmed: () => undefined,
          stage: () => {
            throw new GatewayError('PST_ERR_STATE_DIR', 'read-only');
          },
        },
      },
    ],
    ['the kernel would not take it', 'PST_ERR_NFT_APPLY', { check: fails('PST_ERR_NFT_APPLY') }],
    [
      'an inspector cannot read it',
      'PST_ERR_INSPECTOR_POLICY',
      { prepare: async () => 'Inspector 7: unknown field' },
    ],
    ['it cannot be put on record', 'PST_ERR_EVIDENCE', { recordAccepted: fails('PST_ERR_EVIDENCE') }],
    ['the kernel refuses it', 'PST_ERR_NFT_READ_BACK', { enforce: fails('PST_ERR_NFT_READ_BACK') }],
  ])('is given up when %s: nothing is confirmed or activated', async ([, code, broken]) => {
    const { activation, done, confirmed } = steps(broken);
    expect(await activation.apply(envelopeOf(7), 'someone')).toMatchObject({
      ok: false,
      rejection: { code },
    });
    expect(done.slice(-2)).toEqual(['abandon', `rejected ${code}`]);
    expect(done).not.toContain('activate');
    expect(confirmed()).toBeUndefined();
    expect(activation.active()).toBeUndefined();
  });

  test.for<[string, keyof ActivationSteps]>([
    ['check', 'check'],
    ['record', 'recordAccepted'],
  ])('enforces nothing when the step to %s fails', async ([, step]) => {
    const { activation, done } = steps({ [step]: fails('PST_ERR_EVIDENCE') });
    await activation.apply(envelopeOf(7), 'someone');
    expect(done.filter((what) => what.startsWith('enforce'))).toEqual([]);
  });

  test('leaves the running policy in force and the anti-rollback mark where it was when the kernel refuses', async () => {
    let broken = false;
    const { activation, confirmed } = steps({
      enforce: async () => (broken ? fails('PST_ERR_NFT_APPLY')() : undefined),
    });
    await activation.apply(envelopeOf(7), 'someone');
    broken = true;
    await activation.apply(envelopeOf(8), 'someone');
    expect(activation.active()?.policy.version).toBe(7);
    expect(confirmed()).toEqual(envelopeOf(7));
  });

  test('enforces the former policy again when the new one cannot be confirmed', async () => {
    let broken = false;
    const disk: ActivationSteps['store'] = {
      confirmed: () => undefined,
      stage: () => () => {
        if (broken) throw new GatewayError('PST_ERR_STATE_DIR', 'the disk is gone');
      },
    };
    const { activation, done } = steps({ store: disk });
    await activation.apply(envelopeOf(7), 'someone');
    broken = true;
    expect(await activation.apply(envelopeOf(8), 'someone')).toMatchObject({
      rejection: { code: 'PST_ERR_STATE_DIR' },
    });
    expect(done.slice(-4)).toEqual(['enforce 8', 'enforce 7', 'abandon', 'rejected PST_ERR_STATE_DIR']);
    expect(activation.active()?.policy.version).toBe(7);
  });

  test('makes the next bundle wait for the one before', async () => {
    const order: number[] = [];
    const { activation } = steps({
      enforce: async (policy) => {
        await Promise.resolve();
        order.push(policy.version);
      },
    });
    await Promise.all([activation.apply(envelopeOf(1), 'a'), activation.apply(envelopeOf(2), 'b')]);
    expect(order).toEqual([1, 2]);
    expect(activation.active()?.policy.version).toBe(2);
  });

  test('lets a bug stop the process instead of calling it a bad bundle', async () => {
    const bug = async (): Promise<never> => {
      throw new TypeError('undefined is not a function');
    };
    await expect(steps({ check: bug }).activation.apply(envelopeOf(7), 'someone')).rejects.toThrow(TypeError);
  });
});

describe('after a restart', () => {
  test('a new box has nothing to resume', async () => {
    const { activation } = steps();
    expect(await activation.resume()).toBeUndefined();
    expect(activation.latest()).toBeUndefined();
  });

  test('the confirmed bundle is taken up without being written again', async () => {
    const { activation, done } = steps({}, envelopeOf(7));
    expect(await activation.resume()).toMatchObject({ ok: true });
    expect(done).toEqual(['check', 'prepare', 'record', 'enforce 7', 'activate']);
  });

  test('a policy in force is not taken up a second time', async () => {
    const { activation, done } = steps({}, envelopeOf(7));
    await activation.resume();
    done.length = 0;
    expect(await activation.resume()).toBeUndefined();
    expect(done).toEqual([]);
  });

  test('what the kernel refuses is still the anti-rollback mark, and still names the records', async () => {
    const { activation } = steps({ enforce: fails('PST_ERR_NFT_APPLY') }, envelopeOf(7));
    expect(await activation.resume()).toMatchObject({ ok: false });
    expect(activation.active()).toBeUndefined();
    expect(activation.latest()?.version).toBe(7);
    expect(await activation.apply(envelopeOf(6), 'someone')).toMatchObject({
      rejection: { code: 'BUNDLE_VERSION' },
    });
  });

  test('a bundle nobody trusts any more is refused and is no mark', async () => {
    const { activation } = steps({ judgeConfirmed: () => refused('BUNDLE_KEY') }, envelopeOf(99));
    expect(await activation.resume()).toMatchObject({ rejection: { code: 'BUNDLE_KEY' } });
    expect(await activation.apply(envelopeOf(6), 'someone')).toMatchObject({ ok: true });
  });

  test('a state directory that cannot be read is told, and the gateway goes on', async () => {
    const unreadable = () => {
      throw new GatewayError('PST_ERR_STATE_DIR', 'EIO');
    };
    const { activation, done } = steps({ store: { confirmed: unreadable, stage: unreadable } });
    expect(await activation.resume()).toMatchObject({ rejection: { code: 'PST_ERR_STATE_DIR' } });
    expect(done).toEqual(['rejected PST_ERR_STATE_DIR']);
  });
});
