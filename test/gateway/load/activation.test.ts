import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../gateway/errors.ts';
import { type ActivationSteps, createActivation } from '../../../gateway/load/activation.ts';
import type { Judgement } from '../../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../../rules/policy.ts';

const envelopeOf = (version: number): Uint8Array => Uint8Array.of(version);
const judged = (envelope: Uint8Array): Judgement => ({
  ok: true,
  policy: { version: envelope[0] } as Policy,
  payload: envelope,
  digest: `digest-${envelope[0]}`,
});

/** Steps that do as the real ones and write down what was done, with one of them failing on request. */
function steps(broken: Partial<ActivationSteps> = {}) {
  const done: string[] = [];
  let confirmed: Uint8Array | undefined;
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
    judgeConfirmed: judged,
    check: async () => note('check'),
    prepare: async () => {
      note('prepare');
      return '';
    },
    enforce: async () => note('enforce'),
    activate: () => note('activate'),
    abandon: () => note('abandon'),
    recordAccepted: async () => note('record'),
    recordRejected: (rejection) => note(`rejected ${rejection.code}`),
    ...broken,
  };
  return { activation: createActivation(all), done, confirmed: () => confirmed };
}

const kernelRefuses = async (): Promise<never> => {
  throw new GatewayError('PST_ERR_NFT_APPLY', 'no such chain');
};

describe('taking a bundle up', () => {
  test('checks, prepares and records before it enforces, and confirms last', async () => {
    const { activation, done } = steps();
    expect((await activation.apply(envelopeOf(7), 'someone')).ok).toBe(true);
    expect(done).toEqual(['stage', 'check', 'prepare', 'record', 'enforce', 'activate', 'confirm 7']);
  });

  test('a refusal by the kernel leaves the running policy in force and the anti-rollback mark where it was', async () => {
    let broken = false;
    const { activation, done, confirmed } = steps({
      enforce: async () => (broken ? kernelRefuses() : undefined),
    });
    await activation.apply(envelopeOf(7), 'someone');
    broken = true;
    const result = await activation.apply(envelopeOf(8), 'someone');
    expect(result).toMatchObject({ ok: false, rejection: { code: 'PST_ERR_NFT_APPLY' } });
    expect(activation.active()?.policy.version).toBe(7);
    expect(confirmed()).toEqual(envelopeOf(7));
    expect(done.slice(-2)).toEqual(['abandon', 'rejected PST_ERR_NFT_APPLY']);
  });

  test('nothing is enforced when an inspector cannot read the policy', async () => {
    const { activation, done } = steps({ prepare: async () => 'unknown field' });
    const result = await activation.apply(envelopeOf(7), 'someone');
    expect(result).toMatchObject({ ok: false, rejection: { code: 'PST_ERR_INSPECTOR_POLICY' } });
    expect(done).not.toContain('enforce');
  });

  test('nothing is enforced when the act cannot be put on record', async () => {
    const { activation, done } = steps({
      recordAccepted: async () => {
        throw new GatewayError('PST_ERR_EVIDENCE', 'disk full');
      },
    });
    expect((await activation.apply(envelopeOf(7), 'someone')).ok).toBe(false);
    expect(done).not.toContain('enforce');
  });

  test('nothing is enforced when the bundle cannot be kept', async () => {
    const { activation, done } = steps({
      store: {
        confirmed: () => undefined,
        stage: () => {
          throw new GatewayError('PST_ERR_STATE_DIR', 'read-only');
        },
      },
    });
    expect(await activation.apply(envelopeOf(7), 'someone')).toMatchObject({
      rejection: { code: 'PST_ERR_STATE_DIR' },
    });
    expect(done).not.toContain('enforce');
  });

  test('the next bundle waits for the one before', async () => {
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

  test('a new box has nothing to resume', async () => {
    expect(await steps().activation.resume()).toBeUndefined();
  });
});
