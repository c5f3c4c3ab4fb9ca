import { describe, expect, test } from 'vitest';
import { admit, type Circumstances, readmit } from '../../../rules/admission/admit.ts';
import { createFlowTable } from '../../../rules/admission/flow-table.ts';
import { createGates } from '../../../rules/admission/gates.ts';
import { type ModeState, modeTerms, Normal, NormalMode } from '../../../rules/admission/mode.ts';
import type { ModeRule } from '../../../rules/policy.ts';
import { sampleFlow, samplePermission, samplePolicy, sampleProfile } from '../../gateway/inspector/sample.ts';

const tuple = { client: '10.10.0.10', server: '10.20.0.20', port: 502 };
const watch = sampleProfile({ name: 'watch', permissions: [samplePermission({ functions: [3] })] });
const mode = (change: Partial<ModeRule>): ModeRule => ({
  name: 'island',
  keep: [],
  keepsAll: false,
  recover: [],
  profiles: [],
  ...change,
});
const modes = [
  mode({ name: NormalMode, keepsAll: true }),
  mode({ keep: ['C-1/F-1'] }),
  mode({ name: 'lockdown', keep: ['C-1/F-1'], profiles: [{ flow: 'C-1/F-1', profile: 'watch' }] }),
  mode({ name: 'evening shift', keep: [] }),
];
const policy = samplePolicy({ modes, profiles: [sampleProfile(), watch] });
const table = createFlowTable(policy);

const under = (name: string, reopened: readonly string[] = []): Circumstances => ({
  gates: createGates(),
  mode: table.inMode({ mode: name, reopened }),
  now: 0,
});

describe('a mode', () => {
  test('cuts what it does not keep and leaves the rest as it is', () => {
    const terms = modeTerms(modes, { mode: 'island', reopened: [] });
    expect([terms?.cuts('C-1/F-1'), terms?.cuts('C-1/F-2')]).toEqual([false, true]);
    expect(terms?.profileOf('C-1/F-1')).toBeUndefined();
  });

  test('lets what was opened again be as in normal times, its profile as well', () => {
    const state: ModeState = { mode: 'lockdown', reopened: ['C-1/F-1', 'C-1/F-2'] };
    const terms = modeTerms(modes, state);
    expect([terms?.cuts('C-1/F-2'), terms?.cuts('C-1/F-3')]).toEqual([false, true]);
    expect(terms?.profileOf('C-1/F-1')).toBeUndefined();
  });

  test('that nobody knows has no terms; the normal one is known without being named', () => {
    expect(modeTerms(modes, { mode: 'islnd', reopened: [] })).toBeUndefined();
    expect(modeTerms([], Normal)?.cuts('C-1/F-1')).toBe(false);
    expect(modeTerms([], { mode: 'island', reopened: [] })).toBeUndefined();
  });
});

describe('admission', () => {
  test.for<[string, string, string | undefined]>([
    ['everything in normal times', NormalMode, 'operate'],
    ['what the mode keeps, under its own profile', 'island', 'operate'],
    ['what the mode keeps, under the profile it names', 'lockdown', 'watch'],
    ['nothing the mode cuts', 'evening shift', undefined],
    ['nothing in a mode the policy lacks', 'gone', undefined],
  ])('lets in %s', ([, name, profile]) => {
    const admission = admit(table, tuple, under(name));
    if (profile === undefined) expect(admission).toMatchObject({ ok: false, reason: 'mode-cut' });
    else expect(admission).toMatchObject({ ok: true, permit: { profile: { name: profile } } });
    expect(admission.permit?.flow.id).toBe('C-1/F-1');
  });

  test('counts by the function codes of the flow’s own profile, in whatever mode', () => {
    const admission = admit(table, tuple, under('lockdown'));
    expect([...(admission.permit?.functionCodes ?? [])]).toEqual([3, 6]);
  });

  test('takes another flow that the mode keeps, and holds no connection on it that came under the cut one', () => {
    const flows = [sampleFlow(), sampleFlow({ number: 2, id: 'C-1/F-2' })];
    const two = createFlowTable({ ...policy, flows, modes: [mode({ keep: ['C-1/F-2'] })] });
    const circumstances = { ...under('island'), mode: two.inMode({ mode: 'island', reopened: [] }) };
    expect(admit(two, tuple, circumstances)).toMatchObject({ ok: true, permit: { flow: { id: 'C-1/F-2' } } });
    expect(readmit(two, tuple, 'C-1/F-1', circumstances)).toMatchObject({ ok: false, reason: 'mode-cut' });
  });

  test('says that the mode cuts before it says that the gate is shut', () => {
    const gate = { opensAt: 0, closesAt: 0, schedule: undefined, session: true };
    const gated = createFlowTable({ ...policy, flows: [sampleFlow({ gate })] });
    const ask = (name: string) =>
      admit(gated, tuple, { ...under(name), mode: gated.inMode({ mode: name, reopened: [] }) });
    expect(ask('evening shift')).toMatchObject({ reason: 'mode-cut' });
    expect(ask('island')).toMatchObject({ reason: 'no-session' });
  });
});
