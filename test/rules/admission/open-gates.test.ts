import { describe, expect, test } from 'vitest';
import { nextGateChange, openGates } from '../../../rules/admission/open-gates.ts';
import type { Gate, Policy } from '../../../rules/policy.ts';

const gate = (some: Partial<Gate>): Gate => ({
  opensAt: 0,
  closesAt: 0,
  schedule: undefined,
  session: false,
  ...some,
});
const policy = (gates: Record<string, Gate | undefined>): Policy =>
  ({
    flows: Object.entries(gates).map(([id, one]) => ({ id, gate: one })),
    conduits: [],
  }) as unknown as Policy;
const known = (now: number) => ({ now, synchronised: true, newestEvidence: 0 });

describe('which gated flows are open', () => {
  const plant = policy({
    'C-01/F-01': undefined,
    'C-06/F-01': gate({ opensAt: 1_000, closesAt: 2_000 }),
    'C-04/F-01': gate({ session: true }),
  });

  test('a temporary flow is open between its two ends, and its end is told to the kernel', () => {
    expect(openGates(plant, known(999))).toEqual([]);
    expect(openGates(plant, known(1_000))).toEqual([{ flow: 'C-06/F-01', until: 2_000 }]);
    expect(openGates(plant, known(2_000))).toEqual([]);
  });

  test('nothing opens by a clock that nobody disciplines', () => {
    expect(openGates(plant, { now: 1_500, synchronised: false, newestEvidence: 0 })).toEqual([]);
  });

  test('nothing opens by a clock that lies before the newest evidence', () => {
    expect(openGates(plant, { now: 1_500, synchronised: true, newestEvidence: 1_501 })).toEqual([]);
  });

  test('a flow that needs a session never opens by time alone', () => {
    expect(
      openGates(policy({ 'C-04/F-01': gate({ session: true, closesAt: 9_000 }) }), known(1_500)),
    ).toEqual([]);
  });

  test('the next change is the nearest of all gates', () => {
    const two = policy({ a: gate({ opensAt: 5_000 }), b: gate({ closesAt: 3_000 }) });
    expect(nextGateChange(two, 1_000)).toBe(3_000);
    expect(nextGateChange(two, 6_000)).toBeUndefined();
  });
});
