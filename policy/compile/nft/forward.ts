import { GatedSets } from '../../../rules/nft/gates.ts';
import { devicesOf } from '../../../rules/nft/inspected.ts';
import type { Chain, DataType, MarkMap, Rule } from '../../../rules/nft/ruleset.ts';
import { goTo, inSet, is, limit, markFrom, recallMark, rule, vmap } from '../../../rules/nft/statements.ts';
import { addressSpanField, portSpanField } from './block.ts';
import { dispatchOf, pairChain } from './dispatch.ts';
import { Inspected } from './divert.ts';
import { type LookUp, lookUpsOf, numberOf } from './flow-maps.ts';
import { judgeBy, LostChain } from './judge.ts';
import { AnswerIn, type Family, families, RequestIn } from './keys.ts';
import { CutChain, CutMark } from './mode-chains.ts';
import { baseChain, chain, flowMap, type Part } from './part.ts';
import type { Plan, ZonePair } from './plan.ts';
import { ErrorsPerSecond, InvalidChain, Ipv6Chain, refused } from './refuse.ts';

/** What passes from zone to zone. */
export function forwardRules(plan: Plan): Part {
  const { maps: dispatchMaps, chains: dispatchChains } = dispatchOf(plan);
  const pairs = plan.pairs.map((pair) => ({
    pair,
    known: families(plan.ipv6).map((family) => ({ family, lookUps: lookUpsOf(plan, pair, family) })),
  }));
  return {
    sets: [],
    maps: [
      ...dispatchMaps,
      ...pairs.flatMap(({ known }) =>
        known.flatMap(({ lookUps }) => [...new Set(lookUps.map(({ map }) => map))]),
      ),
      ...(plan.hasOneWay ? [oneWayMap(plan)] : []),
    ],
    chains: [
      ...pairs.map(({ pair, known }) => pairRules(plan, pair, known)),
      ...dispatchChains,
      ...(plan.hasOneWay ? [oneWayChain(plan)] : []),
      baseChain('forward', { hook: 'forward', priority: 0, policy: 'drop' }, [
        ...(plan.ipv6 ? [] : [rule(is('nfproto', 'ipv6'), goTo(Ipv6Chain))]),
        ...(plan.modes.maps.includes('divert') ? [rule(is('mark', CutMark), goTo(CutChain))] : []),
        rule(is('ct state', 'invalid'), goTo(InvalidChain)),
        // Diverted packets come here only when no inspector takes them. Before anything that accepts: a
        // diverted connection must never fall back to being forwarded.
        ...[
          ...(plan.hasInspected ? [Inspected] : []),
          ...(plan.hasGatedInspected ? [GatedSets] : []),
        ].flatMap((sets) => [
          rule(inSet(RequestIn, sets.inspected), goTo(LostChain)),
          rule(inSet(AnswerIn, sets.answering), goTo(LostChain)),
        ]),
        ...(plan.hasOneWay ? [rule(is('ct state', 'untracked'), goTo(OneWayChain))] : []),
        rule(is('ct direction', 'original'), vmap(['iifname', 'oifname'], 'dispatch')),
        rule(is('ct direction', 'reply'), vmap(['oifname', 'iifname'], 'dispatch')),
        ...refused('no-conduit', '', 'refuse'),
      ]),
    ],
  };
}

/**
 * Requests look up their flow, replies the flow they answer, errors the flow their connection was stamped with;
 * whatever is left has no flow.
 */
function pairRules(
  plan: Plan,
  pair: ZonePair,
  known: readonly { readonly family: Family; readonly lookUps: readonly LookUp[] }[],
): Chain {
  const judged = judgeBy(plan);
  const rules = known.flatMap(({ family, lookUps }): readonly Rule[] => [
    ...lookUps.flatMap(({ request, answer }) => [
      rule(is('ct direction', 'original'), ...request, judged),
      rule(is('ct direction', 'reply'), ...answer, judged),
    ]),
    rule(
      is('ct state', 'related'),
      is(family.icmpType, family.errors),
      limit(ErrorsPerSecond, ErrorsPerSecond * 2),
      recallMark,
      judged,
    ),
  ]);
  return chain(pairChain(pair), ...rules, ...refused('no-flow', `${pair.from}>${pair.to}`, 'refuse'));
}

/** A software diode: the packets of the flow, and nothing against them, not even an ICMP error. */
function oneWayChain(plan: Plan): Chain {
  return chain(
    OneWayChain,
    rule(markFrom(['iifname', 'oifname', 'ip saddr', 'ip daddr', 'udp dport'], OneWayMap), judgeBy(plan)),
    ...refused('one-way', '', 'silence'),
  );
}

function oneWayMap(plan: Plan): MarkMap {
  const { interfaces } = plan.policy;
  const elements = plan.pairs.flatMap(({ from, to, oneWays }) =>
    devicesOf(interfaces, from).flatMap((inward) =>
      devicesOf(interfaces, to).flatMap((outward) =>
        oneWays.map((way) => ({
          key: [
            inward,
            outward,
            addressSpanField(4, way.block.source),
            addressSpanField(4, way.block.destination),
            portSpanField(way.block.port),
          ],
          ...numberOf(way),
        })),
      ),
    ),
  );
  const type: readonly DataType[] = ['ifname', 'ifname', 'ipv4_addr', 'ipv4_addr', 'inet_service'];
  return flowMap(OneWayMap, type, elements);
}

const OneWayChain = 'one_way';
const OneWayMap = 'one_way';
