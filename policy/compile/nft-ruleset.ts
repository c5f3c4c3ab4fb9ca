import { batchText, renderReplace } from '../../rules/nft/render.ts';
import { MaxRulesPerChain, type Ruleset } from '../../rules/nft/ruleset.ts';
import type { Policy } from '../../rules/policy.ts';
import { hasErrors } from '../finding.ts';
import type { Gateway } from '../model/zone-model.ts';
import type { CompileReport } from './findings.ts';
import { boxTrafficRules } from './nft/box-traffic.ts';
import { divertRules } from './nft/divert.ts';
import { forwardRules } from './nft/forward.ts';
import { gateRules } from './nft/gate-chains.ts';
import { guardRules } from './nft/guard.ts';
import { judgeRules } from './nft/judge.ts';
import { limitRules } from './nft/limit-chains.ts';
import { modeRules } from './nft/mode-chains.ts';
import { pairRules } from './nft/pair-chains.ts';
import { join, type Part } from './nft/part.ts';
import { planFlows } from './nft/plan.ts';
import { prefilterRules } from './nft/prefilter.ts';
import { counters, refuseRules } from './nft/refuse.ts';
import { vendorRules } from './nft/vendor-chains.ts';
import type { PairWays } from './pair.ts';
import type { UndeclaredWay } from './undeclared.ts';

/** A policy before its ruleset. */
export type PolicyParts = Omit<Policy, 'nft'>;

/** The libnftables JSON text of a policy's table; empty when the report now has an error. */
export function renderNftRuleset(
  policy: PolicyParts,
  denyAction: Gateway['denyAction'],
  report: CompileReport,
  undeclared: readonly UndeclaredWay[] = [],
  pair?: PairWays,
): string {
  const ruleset = buildRuleset(policy, denyAction, report, undeclared, pair);
  return hasErrors(report.findings) ? '' : batchText(renderReplace(ruleset));
}

/**
 * The table `inet penstock`. Everything that grows with the policy is an element of a set or map, so that a
 * packet costs the same under ten flows and ten thousand. Every packet of a connection is judged by the
 * policy in force, never by having been accepted once: replies look up the flow they answer, so what a new
 * policy revokes ends with it, and the kernel's connection table decides nothing but the direction.
 */
function buildRuleset(
  policy: PolicyParts,
  denyAction: Gateway['denyAction'],
  report: CompileReport,
  undeclared: readonly UndeclaredWay[] = [],
  pair?: PairWays,
): Ruleset {
  const plan = planFlows(policy, undeclared, pair, report);
  const parts: readonly Part[] = [
    prefilterRules(plan),
    divertRules(plan),
    guardRules(),
    forwardRules(plan),
    modeRules(plan),
    judgeRules(plan),
    limitRules(plan),
    gateRules(plan),
    boxTrafficRules(plan),
    pairRules(plan),
    vendorRules(plan),
    refuseRules(plan, denyAction),
  ];
  const ruleset = { ...join(parts), counters };
  const long = ruleset.chains.find(({ rules }) => rules.length > MaxRulesPerChain);
  if (long !== undefined) throw new Error(`chain ${long.name} grows with the policy`);
  return ruleset;
}
