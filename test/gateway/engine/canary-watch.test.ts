import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCanaryWatch } from '../../../gateway/engine/canary-watch.ts';
import type { FlowSample } from '../../../gateway/load/canary.ts';
import type { Pending } from '../../../gateway/load/outcome.ts';
import type { ActivePolicy } from '../../../gateway/load/steps.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';

const essential = (version: number): ActivePolicy => ({
  policy: samplePolicy({ version, flows: [sampleFlow({ essential: true })] }),
  digest: `digest-${version}`,
  since: 0,
});
const seven = essential(7);
const eight = essential(8);

let box: {
  active: ActivePolicy;
  pending: Pending | undefined;
  normal: boolean;
  attempts: number;
  refused: number;
};
let givenUp: string[];
let watch: ReturnType<typeof createCanaryWatch>;
beforeEach(() => {
  vi.useFakeTimers();
  box = { active: seven, pending: undefined, normal: true, attempts: 0, refused: 0 };
  givenUp = [];
  watch = createCanaryWatch({
    activation: {
      active: () => box.active,
      pending: () => box.pending,
      giveUp: async (why) => {
        givenUp.push(why);
        box = { ...box, active: seven, pending: undefined };
      },
    },
    traffic: { sample: () => new Map([[sampleFlow().id, sample()]]) },
    isNormal: () => box.normal,
  });
  watch.start();
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

const sample = (): FlowSample => ({
  attempts: box.attempts,
  failures: new Map([['rate-exceeded', box.refused]]),
});

/** Ten attempts in each of so many seconds, and so many of them refused. */
async function pass(seconds: number, refused: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    box = { ...box, attempts: box.attempts + 10, refused: box.refused + refused };
    await vi.advanceTimersByTimeAsync(1_000);
  }
}

const apply = (): void => {
  box = { ...box, active: eight, pending: { by: 'anna', left: 120_000, before: seven } };
};

describe('a policy that is yet to be confirmed', () => {
  test('is given up when an essential flow fails as it did not before', async () => {
    await pass(5, 0);
    apply();
    await pass(1, 5);
    expect(givenUp).toEqual([]);
    await pass(1, 5);
    expect(givenUp).toEqual([
      expect.stringMatching(/10 of 20 attempts fail since, mostly rate-exceeded; before 0 of/),
    ]);
  });

  test('is held against the last ten minutes, and not against what was long ago', async () => {
    await pass(60, 10);
    await pass(660, 0);
    apply();
    await pass(3, 5);
    expect(givenUp).toEqual([expect.stringMatching(/before 0 of 5\d\d\d\./)]);
  });

  test('that goes on as before stays', async () => {
    await pass(60, 3);
    apply();
    await pass(60, 3);
    expect(givenUp).toEqual([]);
  });

  test('stays when everything goes quiet', async () => {
    await pass(60, 0);
    apply();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(givenUp).toEqual([]);
  });

  test('stays when there is nothing to compare with: the engine has just come', async () => {
    apply();
    await pass(60, 10);
    expect(givenUp).toEqual([]);
  });

  test('is not blamed for a mode that somebody switches to meanwhile', async () => {
    await pass(60, 0);
    apply();
    box.normal = false;
    await pass(5, 10);
    box.normal = true;
    await pass(60, 10);
    expect(givenUp).toEqual([]);
  });

  test('once confirmed is nobody’s business here', async () => {
    await pass(60, 0);
    apply();
    box.pending = undefined;
    await pass(60, 10);
    expect(givenUp).toEqual([]);
  });
});
