import { describe, expect, test } from 'vitest';
import { broken, type ConditionFacts, conditionsOf } from '../../../rules/session/conditions.ts';

const good: ConditionFacts = {
  account: true,
  factorAge: 1_000,
  factorLasts: 28_800_000,
  factorWaived: false,
  approversLost: [],
  contractEnded: false,
  inWindow: true,
  window: 'Mon Tue 07:00–16:00 Europe/Stockholm',
  mode: 'normal',
  modeCuts: false,
  keySwitch: 'closed',
  evidence: '',
  tellsTime: true,
  sameTerms: true,
  bundleValid: true,
  carrier: true,
  full: false,
};

describe('everything that holds a grant open', () => {
  test('holds', () => {
    expect(broken(conditionsOf(good))).toBeUndefined();
    expect(broken(conditionsOf({ ...good, keySwitch: 'absent', window: '' }))).toBeUndefined();
    expect(broken(conditionsOf({ ...good, factorAge: undefined, factorWaived: true }))).toBeUndefined();
  });

  test.for([
    [{ account: false }, 'account', 'account-revoked'],
    [{ factorAge: undefined }, 'factor', 'factor-lost'],
    [{ factorAge: 28_800_001 }, 'factor', 'factor-lost'],
    [{ approversLost: ['lena'] }, 'approval', 'approval-lost'],
    [{ sameTerms: false }, 'policy', 'policy-changed'],
    [{ bundleValid: false }, 'policy', 'policy-changed'],
    [{ contractEnded: true }, 'contract', 'expired'],
    [{ inWindow: false }, 'window', 'outside-schedule'],
    [{ modeCuts: true }, 'mode', 'mode-cut'],
    [{ keySwitch: 'open' }, 'key-switch', 'key-switch'],
    [{ evidence: 'the disk is full' }, 'evidence', 'evidence-lost'],
    [{ tellsTime: false }, 'clock', 'clock-untrusted'],
    [{ carrier: false }, 'carrier', 'carrier-lost'],
    [{ full: true }, 'concurrent', 'connection-limit'],
  ] as const)('is told when one does not: %j', ([change, what, cause]) => {
    expect(broken(conditionsOf({ ...good, ...change }))).toMatchObject({ what, cause, holds: false });
  });

  test('is told with the gravest first', () => {
    const facts = { ...good, keySwitch: 'open', account: false, inWindow: false } as const;
    expect(broken(conditionsOf(facts))?.what).toBe('account');
  });

  test('says each time what a person can see or do', () => {
    for (const { sentence } of conditionsOf(good)) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
