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
    vendors: [],
  }) as unknown as Policy;
/** Monday 13 July 2026, 06:00 in UTC: an hour before the window of the target opens. */
const Early = Date.UTC(2026, 6, 13, 6);
const Hour = 3_600_000;
const withTarget = {
  ...policy({ 'C-04/F-01': gate({ session: true }) }),
  vendors: [
    {
      targets: [
        {
          id: 'pumpco/plc-1.502',
          gate: gate({
            session: true,
            closesAt: Early + 30 * 24 * Hour,
            schedule: { days: [1], from: 7 * 60, to: 16 * 60, timeZone: 'UTC' },
          }),
        },
      ],
    },
  ],
} as unknown as Policy;
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

describe('what granted sessions open', () => {
  const target = (until: number) => ({ flow: 'pumpco/plc-1.502', until });
  const flow = (until: number) => ({ flow: 'C-04/F-01', until });

  test('a flow that waits for a session is open up to the end of the grant', () => {
    expect(openGates(withTarget, known(Early), [flow(Early + 5)])).toEqual([flow(Early + 5)]);
    expect(openGates(withTarget, known(Early + 5), [flow(Early + 5)])).toEqual([]);
  });

  test('a grant holds a target open in its window only, and not beyond it', () => {
    const granted = [target(Early + 24 * Hour)];
    expect(openGates(withTarget, known(Early), granted)).toEqual([]);
    expect(openGates(withTarget, known(Early + Hour), granted)).toEqual([target(Early + 10 * Hour)]);
    expect(openGates(withTarget, known(Early + 10 * Hour), granted)).toEqual([]);
  });

  test('a grant holds nothing open beyond the end of the contract', () => {
    const last = Early + 28 * 24 * Hour + 2 * Hour;
    const brief = withTarget.vendors.map(({ targets: [one] }) => ({
      targets: [{ ...one, gate: { ...one!.gate!, closesAt: last + 10 } }],
    }));
    const ending = { ...withTarget, vendors: brief } as unknown as Policy;
    expect(openGates(ending, known(last), [target(last + Hour)])).toEqual([target(last + 10)]);
    expect(openGates(ending, known(last + 10), [target(last + Hour)])).toEqual([]);
  });

  test('of two grants of one flow the later end counts', () => {
    expect(openGates(withTarget, known(Early), [flow(Early + 5), flow(Early + 9)])).toEqual([
      flow(Early + 9),
    ]);
  });

  test('no grant opens what the policy does not have, or what needs none', () => {
    const open = policy({ a: undefined, b: gate({ opensAt: Early + 9 }) });
    const granted = [
      { flow: 'a', until: Early + 5 },
      { flow: 'b', until: Early + 5 },
      { flow: 'c', until: Early + 5 },
    ];
    expect(openGates(open, known(Early), granted)).toEqual([]);
  });

  test('no grant opens anything by a clock that cannot be trusted', () => {
    const time = { now: Early + Hour, synchronised: false, newestEvidence: 0 };
    expect(openGates(withTarget, time, [target(Early + 2 * Hour)])).toEqual([]);
    expect(
      openGates(withTarget, { ...time, synchronised: true, newestEvidence: Early + Hour + 1 }, [
        target(Early + 2 * Hour),
      ]),
    ).toEqual([]);
  });

  test('a window is waited for only while something is granted', () => {
    expect(nextGateChange(withTarget, Early)).toBeUndefined();
    expect(nextGateChange(withTarget, Early, [target(Early + 9 * Hour)])).toBe(Early + Hour);
    expect(nextGateChange(withTarget, Early + Hour, [target(Early + 2 * Hour)])).toBe(Early + 2 * Hour);
    expect(nextGateChange(withTarget, Early + Hour, [target(Early + 20 * Hour)])).toBe(Early + 10 * Hour);
  });
});
