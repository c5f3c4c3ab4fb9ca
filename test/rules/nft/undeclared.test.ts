import { expect, test } from 'vitest';
import { nextGateChange, openGates } from '../../../rules/admission/open-gates.ts';
import { renderGates } from '../../../rules/nft/gates.ts';
import { undeclaredTraffic } from '../../../rules/nft/undeclared.ts';
import type { ConduitRule } from '../../../rules/policy.ts';
import { policyOf } from '../../gateway/enforce/policies.ts';

const Now = 1_000_000;
const conduit = (id: string, undeclaredUntil: number) =>
  ({ id, from: 'office', to: 'plant', undeclaredUntil }) as ConduitRule;
const policy = policyOf({ conduits: [conduit('C-01', 0), conduit('C-02', Now + 90_500)] });
const time = (now: number) => ({ now, synchronised: true, newestEvidence: 0 });

test('a conduit in that stage has a number above those of every flow, and keeps it beside others', () => {
  expect(undeclaredTraffic(policy)).toEqual([
    { number: 2 ** 24 + 1, conduit: 'C-02', from: 'office', to: 'plant', until: Now + 90_500 },
  ]);
});

test('it is open until the stage ends, by the kernel’s clock and never late', () => {
  const open = openGates(policy, time(Now));
  expect(open).toEqual([{ flow: 'C-02', until: Now + 90_500 }]);
  expect(JSON.stringify(renderGates(policy, open, Now))).toContain('{"val":16777217,"timeout":90}');
  expect(nextGateChange(policy, Now)).toBe(Now + 90_500);
  expect(openGates(policy, time(Now + 90_500))).toEqual([]);
  expect(nextGateChange(policy, Now + 90_500)).toBeUndefined();
});

test('it is shut while nobody disciplines the clock', () => {
  expect(openGates(policy, { ...time(Now), synchronised: false })).toEqual([]);
});
