import { ModeMaps, PassingChains } from '../../../rules/nft/modes.ts';
import type { Chain, Statement, VerdictMap } from '../../../rules/nft/ruleset.ts';
import {
  accept,
  count,
  drop,
  goTo,
  inSet,
  rule,
  setMark,
  stampMark,
  vmap,
} from '../../../rules/nft/statements.ts';
import type { FlowRule } from '../../../rules/policy.ts';
import { gateChain, PermittedChain } from './gate-chains.ts';
import { limitsMap } from './limit-chains.ts';
import { AlwaysSets } from './mode-chains.ts';
import { chain, type Part } from './part.ts';
import type { Plan } from './plan.ts';
import { refused } from './refuse.ts';

/**
 * What becomes of a packet once its flow is known: the flow's number stands in the mark, for as long as the
 * look-ups last, so that requests, replies, one-way packets and errors about any of them are judged alike, by
 * tables that hold one small element for each flow. First the mode, then limits and gate; what passes is counted
 * for its flow, and its connection is stamped with the number, by which errors about it are known later.
 */
export function judgeRules(plan: Plan): Part {
  const limits = limitsMap(plan);
  return {
    sets: [],
    maps: [permits(plan), ...(limits === undefined ? [] : [limits])],
    chains: [
      ...(plan.modes.maps.includes('flows') ? [judgeChain(plan)] : []),
      chain(
        PassingChains.flows,
        ...(limits === undefined ? [] : [rule(vmap(['mark'], limits.name))]),
        rule(vmap(['mark'], PermitMap)),
        ...refused('no-flow', '', 'refuse'),
      ),
      chain(PermittedChain, rule(stampMark), rule(setMark(0)), rule(accept)),
      ...(plan.hasInspected ? [chain(LostChain, ...refused('inspector-lost', '', 'refuse'))] : []),
    ],
  };
}

/** Where a packet goes whose flow is known. */
export function judgeBy(plan: Plan): Statement {
  return goTo(plan.modes.maps.includes('flows') ? JudgeChain : PassingChains.flows);
}

/**
 * While the mode is switched there may be an instant in which its element is not found, depending on the
 * kernel's age. Flows that every mode keeps pass all the same; the others lose that packet, and no connection.
 */
function judgeChain(plan: Plan): Chain {
  return chain(
    JudgeChain,
    rule(vmap(['nfproto'], ModeMaps.flows)),
    ...(plan.modes.always.size === 0
      ? []
      : [rule(inSet(['mark'], AlwaysSets.flows), goTo(PassingChains.flows))]),
    rule(count('mode-cut'), drop),
  );
}

/** One element for each flow: what the table counts is counted here. */
function permits(plan: Plan): VerdictMap {
  return {
    name: PermitMap,
    type: ['mark'],
    flags: [],
    counted: true,
    elements: [
      ...plan.policy.flows.map((flow) => ({ key: [flow.number], ...permission(flow) })),
      ...plan.undeclared.map(({ number }) => ({
        key: [number],
        comment: '',
        verdict: { kind: 'goto', chain: gateChain({ number }) } as const,
      })),
    ],
  };
}

/** A gated flow counts what its gate let through, not what knocked: this element has no flow's name. */
function permission({ id, number, gate, profile }: FlowRule) {
  if (gate !== undefined)
    return { comment: '', verdict: { kind: 'goto', chain: gateChain({ number }) } } as const;
  // A diverted flow comes here only for its inspector's absence.
  if (profile !== '') return { comment: '', verdict: { kind: 'goto', chain: LostChain } } as const;
  return { comment: id, verdict: { kind: 'goto', chain: PermittedChain } } as const;
}

/** Refuses what no inspector took. */
export const LostChain = 'inspector_lost';
const JudgeChain = 'judge';
const PermitMap = 'permits';
