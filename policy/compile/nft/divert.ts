import { GatedSets } from '../../../rules/nft/gates.ts';
import {
  InspectedKey,
  inspectedElements,
  inspectorChain,
  inspectorPort,
  LocalMark,
} from '../../../rules/nft/inspected.ts';
import { PassingChains } from '../../../rules/nft/modes.ts';
import type { Rule } from '../../../rules/nft/ruleset.ts';
import { accept, inSet, is, rule, setMark, tproxy, vmap } from '../../../rules/nft/statements.ts';
import { InspectorShards } from '../../../rules/policy.ts';
import { AnswerIn, RequestIn } from './keys.ts';
import { limitDiverted } from './limit-chains.ts';
import { byModeDiverted } from './mode-chains.ts';
import { baseChain, chain, type Part, rangeMap, rangeSet, timedSet } from './part.ts';
import type { Plan } from './plan.ts';

/** Names of the sets of inspected flows that are always open. */
export const Inspected = {
  inspected: 'inspected',
  answering: 'answering',
  inspectors: 'inspectors',
} as const;

/** Mark of the inspectors' own sockets; differs, since it takes part in the same routing rules. */
export const InspectorMark = 0x100;

/**
 * Hands inspected connections to the inspectors. With no listener tproxy does not match, the packet goes
 * on to the forward chain and is refused there: no inspector, no passage.
 */
export function divertRules(plan: Plan): Part {
  if (!plan.hasInspected) return { sets: [], maps: [], chains: [] };
  const { interfaces } = plan.policy;
  const elements = plan.diverted.map((flow) => inspectedElements(flow, interfaces));
  const gated = plan.hasGatedInspected;
  const names = gated ? [Inspected, GatedSets] : [Inspected];
  const take = [
    ...names.flatMap((sets) => [
      ofOpenConnection(inSet(AnswerIn, sets.answering)),
      ofOpenConnection(inSet(RequestIn, sets.inspected)),
    ]),
    ...limitDiverted(plan),
    ...names.map((sets) => rule(vmap(RequestIn, sets.inspectors))),
  ];
  const byMode = plan.modes.maps.includes('divert');
  return {
    sets: [
      rangeSet(
        Inspected.inspected,
        InspectedKey,
        elements.flatMap(({ inspected }) => inspected),
      ),
      rangeSet(
        Inspected.answering,
        InspectedKey,
        elements.flatMap(({ answering }) => answering),
      ),
      ...(gated
        ? [timedSet(GatedSets.inspected, InspectedKey), timedSet(GatedSets.answering, InspectedKey)]
        : []),
    ],
    maps: [
      rangeMap(
        Inspected.inspectors,
        InspectedKey,
        elements.flatMap(({ inspectors }) => inspectors),
      ),
      ...(gated ? [{ ...timedSet(GatedSets.inspectors, InspectedKey), elements: [] }] : []),
    ],
    chains: [
      ...Array.from({ length: InspectorShards }, (_, shard) =>
        chain(
          inspectorChain(shard),
          rule(is('l4proto', 'tcp'), tproxy(inspectorPort(shard)), setMark(LocalMark), accept),
        ),
      ),
      ...(byMode ? [chain(PassingChains.divert, ...take)] : []),
      baseChain(
        'divert',
        { hook: 'prerouting', priority: Mangle, policy: 'accept' },
        byMode ? byModeDiverted(plan) : take,
      ),
    ],
  };
}

/** `wildcard 0`: a listener on any address is also "transparent", and would swallow other hosts' packets. */
function ofOpenConnection(lookup: ReturnType<typeof inSet>): Rule {
  return rule(lookup, is('socket transparent', 1), is('socket wildcard', 0), setMark(LocalMark), accept);
}

const Mangle = -150;
