import { ModeMaps, PassingChains } from '../../../rules/nft/modes.ts';
import { PermitSets } from '../../../rules/nft/permits.ts';
import type { Chain, NftSet, Statement, VerdictMap } from '../../../rules/nft/ruleset.ts';
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
  const conditions = conditionsMap(plan);
  return {
    sets: [permits(plan)],
    maps: [conditions, limits].filter((map) => map !== undefined),
    chains: [
      ...(plan.modes.maps.includes('flows') ? [judgeChain(plan)] : []),
      chain(
        PassingChains.flows,
        ...(limits === undefined ? [] : [rule(vmap(['mark'], limits.name))]),
        rule(inSet(['mark'], PermitSets.always), goTo(PermittedChain)),
        ...(conditions === undefined ? [] : [rule(vmap(['mark'], conditions.name))]),
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

/** What passes without a condition is counted here, for its flow. */
function permits({ policy }: Plan): NftSet {
  const open = policy.flows.filter(({ gate, profile }) => gate === undefined && profile === '');
  const elements = open.map(({ number, id }) => ({ key: [number], comment: id }));
  return { name: PermitSets.always, type: ['mark'], flags: [], counted: true, elements };
}

/** Where the others go: to their gate, or, where no inspector took them, to be refused. */
function conditionsMap({ policy, undeclared }: Plan): VerdictMap | undefined {
  const elements = [
    ...policy.flows.flatMap(({ number, gate, profile }) => {
      if (gate !== undefined) return [condition(number, gateChain({ number }))];
      return profile === '' ? [] : [condition(number, LostChain)];
    }),
    ...undeclared.map(({ number }) => condition(number, gateChain({ number }))),
  ];
  if (elements.length === 0) return undefined;
  return { name: 'conditions', type: ['mark'], flags: [], counted: false, elements };
}

function condition(number: number, target: string) {
  return { key: [number], comment: '', verdict: { kind: 'goto', chain: target } } as const;
}

/** Refuses what no inspector took. */
export const LostChain = 'inspector_lost';
const JudgeChain = 'judge';
