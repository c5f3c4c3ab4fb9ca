import { runTests } from '../../../rules/evaluate/run-tests.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compile } from '../../compile/compile.ts';
import { hasErrors } from '../../finding.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import { type Access, accessOf, subtractAccess } from '../access.ts';
import { proveInvariants } from '../invariants.ts';
import { flowMutants } from './flow-mutants.ts';
import { modeMutants } from './mode-mutants.ts';
import type { Mutant } from './mutant.ts';
import { permissionMutants } from './permission-mutants.ts';
import { rewrite } from './rewrite.ts';
import { type Suggestion, suggestTest } from './suggest-test.ts';

/** What became of one mutant. */
export interface MutantResult {
  readonly mutant: Mutant;
  /**
   * `noticed` by a test or an invariant; `missed` by all of them; `refused`: the compiler makes nothing of it;
   * `same`: it permits exactly what the model permits.
   */
  readonly outcome: 'noticed' | 'missed' | 'refused' | 'same';
  /** Names of the tests and invariants that fail. */
  readonly by: readonly string[];
  /** A test that would have noticed a missed one, tried on both; undefined where none was found. */
  readonly suggestion: Suggestion | undefined;
}

export interface MutationReport {
  readonly results: readonly MutantResult[];
  /** Noticed ones of a hundred that could be; 100 where there are none. */
  readonly score: number;
  /** Tests and invariants that fail without any change: as long as there are some, nothing is said of mutants. */
  readonly failing: readonly string[];
}

/** Every rule of a model dropped or widened in turn. */
export function mutantsOf(model: ZoneModel, now: number): readonly Mutant[] {
  return [...flowMutants(model, now), ...permissionMutants(model), ...modeMutants(model)];
}

/**
 * Which changes of a model its tests and invariants notice. @param now wall time, milliseconds, of tests that say no
 * time, and by which permissions have ended
 */
export function runMutants(model: ZoneModel, now: number): MutationReport {
  const policies = compileAll(model, now);
  const failing =
    policies === undefined ? [] : [...brokenInvariants(model, now), ...failingTests(policies, now)];
  if (policies === undefined || failing.length > 0) return { results: [], score: 0, failing };
  const before: Original = { access: accessOf(model, now), policies };
  const results = mutantsOf(model, now).map((mutant) => runMutant(model, mutant, before, now));
  const noticed = results.filter(({ outcome }) => outcome === 'noticed').length;
  const missed = results.filter(({ outcome }) => outcome === 'missed').length;
  const score = noticed + missed === 0 ? 100 : Math.floor((100 * noticed) / (noticed + missed));
  return { results, score, failing };
}

interface Original {
  readonly access: Access;
  readonly policies: readonly Policy[];
}

function runMutant(
  model: ZoneModel,
  mutant: Mutant,
  { access, policies }: Original,
  now: number,
): MutantResult {
  const changed = rewrite(model, mutant.change);
  const after = accessOf(changed, now);
  const more = subtractAccess(after, access);
  const less = subtractAccess(access, after);
  const base = { mutant, by: [], suggestion: undefined };
  if (more.length === 0 && less.length === 0) return { ...base, outcome: 'same' };
  // What a proof notices need not be compiled for tests, which takes longer.
  const broken = brokenInvariants(changed, now);
  if (broken.length > 0) return { ...base, by: broken, outcome: 'noticed' };
  const mutated = compileAll(changed, now);
  if (mutated === undefined) return { ...base, outcome: 'refused' };
  const by = failingTests(mutated, now);
  if (by.length > 0) return { ...base, by, outcome: 'noticed' };
  return {
    ...base,
    outcome: 'missed',
    suggestion: suggestTest(more, less, `notices ${mutant.what}`, policies, mutated, now),
  };
}

function brokenInvariants(model: ZoneModel, now: number): readonly string[] {
  return proveInvariants(model, now).flatMap(({ outcome, invariant }) =>
    outcome === 'holds' ? [] : [invariant.id],
  );
}

function failingTests(policies: readonly Policy[], now: number): readonly string[] {
  const failed = policies.flatMap((policy) => runTests(policy, now)).filter(({ ok }) => !ok);
  return [...new Set(failed.map(({ test }) => test.name))];
}

/** The policies of all gateways; undefined where one cannot be made. */
function compileAll(model: ZoneModel, now: number): readonly Policy[] | undefined {
  const policies: Policy[] = [];
  for (const { name } of model.gateways) {
    const result = compile(model, { ...NotKept, gateway: name, now, notBefore: now });
    if (!result.ok || hasErrors(result.findings)) return undefined;
    policies.push(result.policy);
  }
  return policies;
}

const NotKept = { modelDigest: new Uint8Array(32), compiler: '' } as const;
