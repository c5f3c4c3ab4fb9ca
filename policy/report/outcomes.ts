import { runTests } from '../../rules/evaluate/run-tests.ts';
import type { Policy } from '../../rules/policy.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import { proveInvariants } from '../prove/invariants.ts';
import type { Outcome } from './facts.ts';
import { statementText } from './statement-text.ts';

/**
 * What becomes of every test of the model on the compiled policies of its gateways; undefined where there is no
 * policy to ask. A test holds when every gateway that can answer it agrees.
 * @param at wall time, milliseconds, for tests that say no time
 */
export function testOutcomes(
  model: ZoneModel,
  policies: readonly Policy[],
  at: number,
): readonly Outcome[] | undefined {
  if (policies.length === 0) return undefined;
  const results = policies.flatMap((policy) => runTests(policy, at));
  return model.tests.map(({ name, at: { line }, expect }) => {
    const own = results.filter(({ test }) => test.line === line && test.name === name);
    const result = own.find(({ ok }) => !ok) ?? own[0];
    return result === undefined
      ? {
          name,
          line,
          ok: expect === 'deny',
          sentence: 'no gateway has legs in both zones, so nothing carries it',
        }
      : { name, line, ok: result.ok, sentence: result.sentence };
  });
}

/** What becomes of every invariant of the model, proved over all that may ever pass. `at` as above. */
export function invariantOutcomes(model: ZoneModel, at: number): readonly Outcome[] {
  return proveInvariants(model, at).map(({ invariant, outcome, sentence }) => ({
    name: invariant.id,
    line: invariant.at.line,
    ok: outcome === 'holds',
    sentence: `${statementText(invariant)}: ${sentence}`,
  }));
}
