import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BundleStore, openBundleStore } from '../../../gateway/load/bundle-store.ts';
import type { ActivationSteps } from '../../../gateway/load/steps.ts';
import { atOnce, envelopeOf, memoryBox, within } from './memory-box.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'pst-killed-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

/** What outlives the engine: which version the kernel holds, 0 for nothing. */
interface Kernel {
  holds: number;
}

/** The process dies at this step, before it or right after it was done; nothing of it goes on. */
interface Death {
  readonly step: Step;
  readonly when: 'before' | 'after';
}
type Step = (typeof Steps)[number];
const Steps = [
  'stage',
  'check',
  'test',
  'prepare',
  'recordAccepted',
  'makePending',
  'enforce',
  'testTables',
  'activate',
  'recordConfirmed',
  'confirm',
] as const;

class Killed extends Error {}

/** One life of the engine, with the real store and that kernel. */
function life(kernel: Kernel, death?: Death) {
  const at = <A extends readonly unknown[], R>(step: Step, act: (...args: A) => R) => {
    return (...args: A): R => {
      if (death?.step === step && death.when === 'before') throw new Killed();
      const result = act(...args);
      if (death?.step === step) throw new Killed();
      return result;
    };
  };
  const real = openBundleStore(state);
  const store: BundleStore = {
    ...real,
    stage: at('stage', (envelope, waits) => at('makePending', real.stage(envelope, waits))),
    confirm: at('confirm', real.confirm),
  };
  const nothing = { run: 0, left: 0 };
  const steps: Partial<ActivationSteps> = {
    store,
    check: at('check', async () => undefined),
    test: at('test', () => nothing),
    prepare: at('prepare', async () => ''),
    recordAccepted: at('recordAccepted', async () => undefined),
    enforce: at('enforce', async ({ version }) => {
      kernel.holds = version;
    }),
    testTables: at('testTables', async () => nothing),
    activate: at('activate', () => undefined),
    recordConfirmed: at('recordConfirmed', async () => undefined),
    withdraw: async () => {
      kernel.holds = 0;
    },
  };
  return memoryBox(steps).activation;
}

const deaths: readonly Death[] = Steps.flatMap((step) => [
  { step, when: 'before' },
  { step, when: 'after' },
]);

describe.for([true, false])(
  'an engine killed while a bundle is applied; there was one before: %s',
  (hasFormer) => {
    async function prepared(): Promise<Kernel> {
      const kernel = { holds: 0 };
      if (hasFormer) await life(kernel).apply(envelopeOf(7), atOnce);
      return kernel;
    }
    const former = hasFormer ? 7 : 0;

    test.for(deaths.map((death) => [`${death.when} ${death.step}`, death] as const))(
      '%s: afterwards the confirmed policy is in force, and nothing else',
      async ([, death]) => {
        const kernel = await prepared();
        const dying = life(kernel, death);
        const applied = await dying
          .apply(envelopeOf(8), within)
          .then(() => dying.confirm('anna').then(() => 'confirmed', died), died);
        expect(applied).toBe('killed');
        const next = life(kernel);
        await next.resume();
        const isConfirmed = death.step === 'confirm' && death.when === 'after';
        expect(kernel.holds).toBe(isConfirmed ? 8 : former);
        expect(next.active()?.policy.version ?? 0).toBe(isConfirmed ? 8 : former);
        expect(next.pending()).toBeUndefined();
        // It does not come back with a further start either.
        const last = life(kernel);
        await last.resume();
        expect(kernel.holds).toBe(isConfirmed ? 8 : former);
      },
    );

    test.for(
      deaths
        .filter(({ step }) => step !== 'recordConfirmed')
        .map((one) => [`${one.when} ${one.step}`, one] as const),
    )('%s, confirmed at once: afterwards one of the two is in force whole', async ([, death]) => {
      const kernel = await prepared();
      const applied = await life(kernel, death)
        .apply(envelopeOf(8), atOnce)
        .then(() => 'applied', died);
      expect(applied).toBe('killed');
      const next = life(kernel);
      await next.resume();
      const isConfirmed = death.step === 'activate' || (death.step === 'confirm' && death.when === 'after');
      expect(kernel.holds).toBe(isConfirmed ? 8 : former);
      expect(openBundleStore(state).givenUp()).toBeUndefined();
    });
  },
);

test('an engine killed inside the window: the next one goes back, and knows what was given up', async () => {
  const kernel = { holds: 0 };
  await life(kernel).apply(envelopeOf(7), atOnce);
  await life(kernel).apply(envelopeOf(8), within);
  expect(kernel.holds).toBe(8);
  const next = life(kernel);
  await next.resume();
  expect(kernel.holds).toBe(7);
  expect(openBundleStore(state).givenUp()?.[0]).toBe(8);
});

function died(cause: unknown): string {
  if (cause instanceof Killed) return 'killed';
  throw cause;
}
