import { describe, expect, test } from 'vitest';
import { Normal } from '../../../rules/admission/mode.ts';
import { opensSomething, strictestMode } from '../../../rules/admission/mode-change.ts';
import { cutFlows, nextStep, recoverySteps } from '../../../rules/admission/recovery.ts';
import type { ModeRule } from '../../../rules/policy.ts';
import { sampleFlow, samplePermission, samplePolicy, sampleProfile } from '../../gateway/inspector/sample.ts';

const flow = (conduit: string, number: number) =>
  sampleFlow({ number, conduit, id: `${conduit}/F-${number}` });
const mode = (
  name: string,
  keep: string[],
  recover: string[],
  profiles: [string, string][] = [],
): ModeRule => ({
  name,
  keep,
  keepsAll: name === 'normal',
  recover,
  profiles: profiles.map(([flowId, profile]) => ({ flow: flowId, profile })),
});
const reading = (name: string, functions: number[], mei: number[] = []) =>
  sampleProfile({ name, permissions: [samplePermission({ functions, mei })] });

const policy = samplePolicy({
  flows: [flow('C-1', 1), flow('C-1', 2), flow('C-2', 3), flow('C-3', 4), flow('C-3', 5)],
  profiles: [sampleProfile(), reading('watch', [3, 43], [14]), reading('tune', [3, 6])],
  modes: [
    mode('normal', [], []),
    mode('island', ['C-1/F-1'], ['C-3/F-5', 'C-3/F-4', 'C-1/F-1', 'C-2/F-3']),
    mode('lockdown', ['C-1/F-1'], ['C-2/F-3', 'C-1/F-1', 'C-2/F-3'], [['C-1/F-1', 'watch']]),
    mode('tuning', ['C-1/F-1', 'C-1/F-2', 'C-2/F-3', 'C-3/F-4', 'C-3/F-5'], [], [['C-1/F-1', 'tune']]),
  ],
});
const at = (name: string, reopened: string[] = []) => ({ mode: name, reopened });

describe('the order in which a mode is left', () => {
  test('is the stated one, by conduit, without what it never cut; the rest comes last', () => {
    expect(recoverySteps(policy, 'island')).toEqual([
      { conduit: 'C-3', flows: ['C-3/F-5', 'C-3/F-4'] },
      { conduit: 'C-2', flows: ['C-2/F-3'] },
      { conduit: '', flows: ['C-1/F-2'] },
    ]);
  });

  test('gives back the profile of a kept flow in its turn', () => {
    expect(recoverySteps(policy, 'lockdown').map(({ flows }) => flows)).toEqual([
      ['C-2/F-3'],
      ['C-1/F-1'],
      ['C-1/F-2', 'C-3/F-4', 'C-3/F-5'],
    ]);
  });

  test('is one step where none is stated, and none where nothing changes', () => {
    expect(recoverySteps(policy, 'tuning')).toEqual([{ conduit: '', flows: ['C-1/F-1'] }]);
    expect(recoverySteps(policy, 'normal')).toEqual([]);
  });

  test('of a mode the policy has lost is everything at once', () => {
    expect(recoverySteps(policy, 'gone').map(({ flows }) => flows.length)).toEqual([5]);
  });

  test('goes on behind what is done, also where a step was done in part', () => {
    const steps = recoverySteps(policy, 'island');
    expect(nextStep(steps, [])).toBe(0);
    expect(nextStep(steps, ['C-3/F-5'])).toBe(0);
    expect(nextStep(steps, ['C-3/F-5', 'C-3/F-4'])).toBe(1);
    expect(nextStep(steps, ['C-3/F-5', 'C-3/F-4', 'C-2/F-3', 'C-1/F-2'])).toBe(3);
  });

  test('shrinks what is cut', () => {
    expect(cutFlows(policy, at('island')).map(({ id }) => id)).toHaveLength(4);
    expect(cutFlows(policy, at('island', ['C-2/F-3'])).map(({ id }) => id)).not.toContain('C-2/F-3');
    expect(cutFlows(policy, Normal)).toEqual([]);
    expect(cutFlows(policy, at('gone'))).toHaveLength(5);
  });
});

describe('a change of mode', () => {
  test.for<[string, boolean, ReturnType<typeof at>, ReturnType<typeof at>]>([
    ['from normal to any that only cuts', false, at('normal'), at('island')],
    ['to a profile that writes nothing', false, at('normal'), at('lockdown')],
    ['to a profile that may write', true, at('normal'), at('tuning')],
    ['back to normal', true, at('island'), at('normal')],
    ['to one that keeps more', true, at('island'), at('tuning')],
    ['to one that keeps the same under its own profile', true, at('lockdown'), at('island')],
    ['by a step of recovery', true, at('island'), at('island', ['C-2/F-3'])],
    ['that gives a recovery up', false, at('island', ['C-2/F-3']), at('island')],
    ['from a mode the policy has lost', true, at('gone'), at('island')],
    ['to a mode the policy lacks', false, at('normal'), at('gone')],
    ['to itself', false, at('lockdown'), at('lockdown')],
  ])('%s opens something: %s', ([, opens, from, to]) => {
    expect(opensSomething(policy, from, to)).toBe(opens);
  });

  test('to the strictest is to the one that keeps fewest; without any there is only the normal one', () => {
    expect(strictestMode(policy)).toBe('island');
    expect(strictestMode(samplePolicy({ modes: [mode('normal', [], [])] }))).toBe('normal');
  });
});
