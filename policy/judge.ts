import type { Observation } from '../rules/observation.ts';
import type { Policy } from '../rules/policy.ts';
import { testFindings } from './claims/tests.ts';
import { compile } from './compile/compile.ts';
import { CompileCodes } from './compile/findings.ts';
import { type Finding, formatFinding, hasErrors, sortFindings } from './finding.ts';
import { Checks } from './lint/checks.ts';
import { lint } from './lint/lint.ts';
import type { ZoneModel } from './model/zone-model.ts';
import { invariantFindings } from './prove/invariants.ts';
import { applyWaivers, type WaivedFinding } from './waiver.ts';

export interface JudgeTerms {
  /** Wall time, milliseconds: the day the model is judged on. */
  readonly now: number;
  /** What the gateways counted; empty where nobody asked them. */
  readonly observed: readonly Observation[];
  /** When bundles become valid, milliseconds; undefined is the day of the model's review. */
  readonly notBefore: number | undefined;
  /** SHA-256 of the model text, and the name and release of the compiler, as they go into bundles. */
  readonly modelDigest: Uint8Array;
  readonly compiler: string;
}

export interface Judgement {
  /** Sorted; an error forbids every bundle of the model. */
  readonly findings: readonly Finding[];
  /** What the model's waivers accept. */
  readonly waived: readonly WaivedFinding[];
  /** Of every gateway, also where a claim of the site fails, so that it can be explained; none where nothing compiles. */
  readonly policies: readonly Policy[];
}

/**
 * All that is said of a model that reads: its checks, its compiler, its own tests and invariants, less what is
 * waived. The one judgement behind `check` and `compile`, so that they never disagree.
 */
export function judge(model: ZoneModel, terms: JudgeTerms): Judgement {
  const { now, observed } = terms;
  const checked = lint(model, { now, observed });
  const compiled = hasErrors(checked) ? NotCompiled : compileAll(model, terms);
  const isWhole = compiled.policies.length === model.gateways.length;
  const claims = isWhole ? claimFindings(model, compiled.policies, now) : [];
  const said = [...checked, ...compiled.findings, ...claims];
  const { findings, waived } = applyWaivers(model, said, now, silentCodes(terms, compiled !== NotCompiled));
  return {
    findings: sortFindings(findings),
    waived,
    policies: isWhole ? compiled.policies : [],
  };
}

/** The site's own claims: tests, asked of what was compiled, and invariants, proved of the model. */
function claimFindings(model: ZoneModel, policies: readonly Policy[], now: number): readonly Finding[] {
  return [...testFindings(model, policies, now), ...invariantFindings(model, now)];
}

interface Compiled {
  readonly findings: readonly Finding[];
  readonly policies: readonly Policy[];
}

const NotCompiled: Compiled = { findings: [], policies: [] };

function compileAll(model: ZoneModel, { now, notBefore, modelDigest, compiler }: JudgeTerms): Compiled {
  const results = model.gateways.map(({ name }) =>
    compile(model, { gateway: name, now, notBefore, modelDigest, compiler }),
  );
  const findings = results.flatMap((result) => result.findings);
  return {
    // A finding about the model comes up for each gateway, and is one finding.
    findings: [...new Map(findings.map((finding) => [formatFinding(finding), finding])).values()],
    policies: results.flatMap((result) => (result.ok ? [result.policy] : [])),
  };
}

/** What nobody looked for this time. */
function silentCodes({ observed }: JudgeTerms, isCompiled: boolean): ReadonlySet<string> {
  const needy = observed.length > 0 ? [] : Checks.filter(({ needs }) => needs === 'observation');
  const later = isCompiled ? [] : [...Object.keys(CompileCodes), 'T-603', 'T-606'];
  return new Set([...needy.map(({ code }) => code), ...later]);
}
