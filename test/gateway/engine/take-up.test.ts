import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTakeUp, type TakeUp } from '../../../gateway/engine/take-up.ts';
import type { Activation } from '../../../gateway/load/activation.ts';
import type { ActivationResult } from '../../../gateway/load/outcome.ts';
import type { ActivePolicy, Rejection } from '../../../gateway/load/steps.ts';
import { createLog } from '../../../gateway/log.ts';
import type { Policy } from '../../../rules/policy.ts';
import { memoryLog } from './memory-log.ts';

let directory: string;
let takeUp: TakeUp | undefined;
beforeEach(() => {
  vi.useFakeTimers();
  directory = mkdtempSync(join(tmpdir(), 'pst-takeup-'));
});
afterEach(() => {
  takeUp?.stop();
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

const inForce = (version: number): ActivePolicy => ({
  policy: { version } as Policy,
  digest: `digest-${version}`,
  since: 0,
});
const no = (code: string): ActivationResult => ({
  ok: false,
  rejection: { code, message: 'No.', remedy: '' },
});

const envelopeOf = (version: number | undefined) =>
  version === undefined ? undefined : Uint8Array.of(version);
const untouched = {
  trial: () => Promise.reject(new Error('not asked for')),
  confirm: () => Promise.reject(new Error('not asked for')),
  rollback: () => Promise.reject(new Error('not asked for')),
  giveUp: () => Promise.reject(new Error('not asked for')),
  pending: () => undefined,
};

/** An activation whose resume answers what is next in the list; a version comes into force. */
function fake(answers: (number | string | undefined)[], kept: { givenUp?: number; previous?: number } = {}) {
  let active: ActivePolicy | undefined;
  const tried: string[] = [];
  const rejected: Rejection[] = [];
  const activation: Activation = {
    resume: async () => {
      tried.push('resume');
      const answer = active === undefined ? answers.shift() : undefined;
      if (answer === undefined) return undefined;
      if (typeof answer === 'string') return no(answer);
      active = inForce(answer);
      return { ok: true, active, former: undefined, tests: { run: 0, left: 0 } };
    },
    ...untouched,
    apply: async (envelope, { confirmWithin }) => {
      tried.push(`apply ${envelope[0]} within ${confirmWithin}`);
      active = inForce(envelope[0] ?? 0);
      return { ok: true, active, former: undefined, tests: { run: 0, left: 0 } };
    },
    active: () => active,
    latest: () => active?.policy,
  };
  const begin = (configured?: number): Promise<void> => {
    const file = join(directory, 'plant.bundle');
    if (configured !== undefined) writeFileSync(file, Uint8Array.of(configured));
    takeUp = createTakeUp({
      activation,
      configured: configured === undefined ? undefined : file,
      judge: (envelope) => ({
        ok: true,
        payload: envelope,
        signers: [],
        ...inForce(envelope[0] ?? 0),
      }),
      store: { givenUp: () => envelopeOf(kept.givenUp), previous: () => envelopeOf(kept.previous) },
      rejected: (rejection) => rejected.push(rejection),
      log: createLog('engine', memoryLog().stream),
    });
    return takeUp.begin();
  };
  return { begin, tried, active: () => active?.policy.version };
}

describe('coming to a policy after a start', () => {
  test('takes the confirmed bundle, and the configured one only where it is newer', async () => {
    const older = fake([42]);
    await older.begin(41);
    expect(older.tried).toEqual(['resume']);
    const same = fake([42]);
    await same.begin(42);
    expect(same.tried).toEqual(['resume']);
    const newer = fake([42]);
    await newer.begin(43);
    expect(newer.active()).toBe(43);
  });

  test('confirms the configured one at once, because nobody is there to do it', async () => {
    const box = fake([42]);
    await box.begin(43);
    expect(box.tried).toEqual(['resume', 'apply 43 within 0']);
  });

  test('leaves a configured bundle alone that was given up, or that a person went back from', async () => {
    for (const kept of [{ givenUp: 43 }, { previous: 43 }, { givenUp: 44 }, { previous: 44 }]) {
      const box = fake([42], kept);
      await box.begin(43);
      expect(box.active()).toBe(42);
    }
  });

  test('tries again while the system stands in the way, and no longer', async () => {
    const box = fake(['PST_ERR_ROUTING', 'PST_ERR_ROUTING', 42]);
    await box.begin();
    expect(box.active()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(box.active()).toBe(42);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(box.tried).toHaveLength(3);
  });

  test('does not wait for a bundle to mend itself', async () => {
    const box = fake(['BUNDLE_KEY']);
    await box.begin();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(box.tried).toEqual(['resume']);
  });

  test('stopped, it tries no more', async () => {
    const box = fake(['PST_ERR_ROUTING', 42]);
    await box.begin();
    takeUp?.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(box.active()).toBeUndefined();
  });
});
