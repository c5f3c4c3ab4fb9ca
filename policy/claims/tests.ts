import type { Answer } from '../../rules/evaluate/evaluator.ts';
import { runTests, type TestResult } from '../../rules/evaluate/run-tests.ts';
import type { Policy } from '../../rules/policy.ts';
import type { Finding } from '../finding.ts';
import type { PolicyTest } from '../model/claims.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import { hasLapsed } from './lapsed.ts';

/**
 * The site's own tests, asked of the compiled policy of each gateway: one finding per test that fails, or that no gateway
 * can answer (62443-3-3 SR 3.3).
 * @param policies of all gateways of the model; of a part of them, only what those can answer is said
 * @param now wall time, milliseconds, for tests that say no time
 */
export function testFindings(model: ZoneModel, policies: readonly Policy[], now: number): readonly Finding[] {
  const results = policies.flatMap((policy) =>
    runTests(policy, now).map((result) => ({ result, gateway: policy.gateway })),
  );
  return model.tests.flatMap((test) => {
    const own = results.filter(({ result }) => isOf(result, test));
    const failed = own.find(({ result }) => !result.ok);
    if (failed !== undefined) {
      const at = policies.length > 1 ? ` on ${failed.gateway}` : '';
      return [
        failing(model, test, `fails${at}: ${failed.result.sentence}`, hintOf(test, failed.result.answer)),
      ];
    }
    if (own.length > 0 || policies.length < model.gateways.length || hasLapsed(model, test, now)) return [];
    return unanswered(model, test);
  });
}

function isOf({ test }: TestResult, { name, at }: PolicyTest): boolean {
  return test.line === at.line && test.name === name;
}

/** Something to be allowed that no box carries is no sooner true than something refused that none sees. */
function unanswered(model: ZoneModel, test: PolicyTest): readonly Finding[] {
  const { from, to, expect } = test;
  const why = `no gateway has legs in both ${from.zone.id} and ${to.zone.id}`;
  if (expect === 'allow') {
    return [failing(model, test, `fails: ${why}, so nothing carries it.`, 'Test each hop by itself.')];
  }
  const hint = 'Say it as an invariant, which is proved over the whole plant.';
  return [
    { ...failing(model, test, `is asked of nobody: ${why}.`, hint), code: 'T-606', severity: 'warning' },
  ];
}

function failing({ file }: ZoneModel, { name, at }: PolicyTest, what: string, hint: string): Finding {
  return {
    code: 'T-603',
    severity: 'error',
    about: name,
    clause: '62443-3-3 SR 3.3',
    message: `Test "${name}" ${what}`,
    hint,
    file,
    line: at.line,
    col: at.column,
  };
}

function hintOf({ expect, by, because }: PolicyTest, { outcome, flow, judgement, flaw }: Answer): string {
  if (flaw !== undefined) return flaw.hint;
  const passes = outcome !== 'refuse';
  const where = flow === undefined ? 'the conduit' : flow.id;
  if (passes && expect === 'deny') return `Narrow ${where}, or expect it to pass.`;
  if (!passes && expect === 'allow') {
    return judgement?.alternative?.text ?? `Let ${by?.id ?? where} permit it, or expect it to be refused.`;
  }
  return because === undefined ? `Correct \`by\`, or ${where}.` : 'Correct `because`, or what refuses it.';
}
