import { describe, expect, test } from 'vitest';
import type { FlowRule, Policy, VendorRule } from '../../../rules/policy.ts';
import { termsOf, termsText, windowOf } from '../../../rules/session/terms.ts';
import { samplePolicy } from '../bundle/sample-policy.ts';

const source = samplePolicy.flows[0]!.source;
const gate = {
  opensAt: 0,
  closesAt: Date.UTC(2027, 0, 1),
  session: true,
  schedule: { days: [1, 2, 3, 4, 5], from: 420, to: 960, timeZone: 'Europe/Stockholm' },
};
const target: FlowRule = {
  ...samplePolicy.flows[0]!,
  number: 900,
  id: 'pumpco/plc-dosing.502',
  conduit: 'pumpco',
  gate,
};
const pinhole: FlowRule = { ...target, number: 901, id: 'C-04/F-01', conduit: 'C-04', profile: '' };
const vendor: VendorRule = {
  id: 'pumpco',
  company: 'Pump Co',
  people: [{ id: 'service-1', mfa: true }],
  entry: { asset: '', zone: 'supervisory', prefixes: ['10.20.0.0/24'] },
  opens: ['C-04/F-01'],
  targets: [target],
  approval: { role: 'shift-lead', second: '' },
  limits: { maxDuration: 14_400_000, idle: 900_000, concurrent: 1 },
  record: ['bytes', 'modbus'],
  source,
};
const policy: Policy = { ...samplePolicy, flows: [...samplePolicy.flows, pinhole], vendors: [vendor] };
const asked = { vendor: 'pumpco', person: 'service-1', targets: ['pumpco/plc-dosing.502'] };

describe('what a policy lets somebody ask for', () => {
  test('is targets that are dialled, or flows that are opened', () => {
    expect(termsOf(policy, asked)).toMatchObject({ pinhole: false, flows: [{ number: 900 }] });
    expect(termsOf(policy, { ...asked, targets: ['C-04/F-01'] })).toMatchObject({ pinhole: true });
  });

  test.for([
    { vendor: 'otherco' },
    { person: 'service-2' },
    { targets: [] },
    { targets: ['pumpco/plc-intake.502'] },
    { targets: ['pumpco/plc-dosing.502', 'pumpco/plc-dosing.502'] },
    { targets: ['pumpco/plc-dosing.502', 'C-04/F-01'] },
    { targets: [samplePolicy.flows[0]!.id] },
  ])('is nothing else: %j', (change) => {
    expect(termsOf(policy, { ...asked, ...change })).toBeUndefined();
  });

  test('is another thing when the profile lets one value more be written', () => {
    const before = termsText(policy, termsOf(policy, asked));
    const profiles = policy.profiles.map((one) =>
      one.name === target.profile ? { ...one, limits: { ...one.limits, aduPerSecond: 999 } } : one,
    );
    const changed = { ...policy, profiles };
    expect(termsText(changed, termsOf(changed, asked))).not.toBe(before);
  });

  test('is the same under a new version that changes something else', () => {
    const before = termsText(policy, termsOf(policy, asked));
    const next = { ...policy, version: 43, vendors: [{ ...vendor, company: 'Pump Company' }] };
    expect(termsText(next, termsOf(next, asked))).toBe(before);
  });

  test('is another thing when other people have to approve', () => {
    const stricter = {
      ...policy,
      vendors: [{ ...vendor, approval: { role: 'shift-lead', second: 'manager' } }],
    };
    expect(termsText(stricter, termsOf(stricter, asked))).not.toBe(termsText(policy, termsOf(policy, asked)));
  });
});

describe('a window', () => {
  /** A Wednesday, by the clock in Stockholm one hour later. */
  const noon = Date.UTC(2026, 10, 25, 12);

  test('says how long it is open still', () => {
    expect(windowOf([target], noon)).toEqual({
      inWindow: true,
      contractEnded: false,
      longest: 3 * 3_600_000,
      text: 'Mon Tue Wed Thu Fri 07:00–16:00 Europe/Stockholm',
    });
    expect(windowOf([target], noon + 3 * 3_600_000).inWindow).toBe(false);
  });

  test('ends with the contract', () => {
    const short = { ...target, gate: { ...gate, closesAt: noon + 60_000 } };
    expect(windowOf([short], noon).longest).toBe(60_000);
    expect(windowOf([short], noon + 60_000)).toMatchObject({ inWindow: false, contractEnded: true });
  });

  test('of a vendor that has none is any time', () => {
    const always = { ...target, gate: { opensAt: 0, closesAt: 0, schedule: undefined, session: true } };
    expect(windowOf([always], noon)).toEqual({
      inWindow: true,
      contractEnded: false,
      longest: Number.POSITIVE_INFINITY,
      text: '',
    });
  });
});
