import { GatedSets } from '../../../rules/nft/gates.ts';
import { devicesOf } from '../../../rules/nft/inspected.ts';
import type { Chain, DataType, NftVerdict, Rule, VerdictMap } from '../../../rules/nft/ruleset.ts';
import { accept, accepted, goTo, inSet, is, limit, rule, vmap } from '../../../rules/nft/statements.ts';
import type { FlowRule } from '../../../rules/policy.ts';
import { addressSpanField, portSpanField } from './block.ts';
import { dispatchOf, pairChain } from './dispatch.ts';
import { Inspected } from './divert.ts';
import { gateChain } from './gate-chains.ts';
import { AnswerIn, type Family, families, RequestIn } from './keys.ts';
import { baseChain, chain, type Part, rangeMap } from './part.ts';
import type { Plan, Way, ZonePair } from './plan.ts';
import { ErrorsPerSecond, InvalidChain, Ipv6Chain, refused } from './refuse.ts';

/** What passes from zone to zone. */
export function forwardRules(plan: Plan): Part {
  const { maps: dispatchMaps, chains: dispatchChains } = dispatchOf(plan);
  return {
    sets: [],
    maps: [
      ...dispatchMaps,
      ...plan.pairs.flatMap((pair) => families(plan.ipv6).flatMap((family) => pairMaps(pair, family))),
      ...(plan.hasOneWay ? [oneWayMap(plan)] : []),
    ],
    chains: [
      ...plan.pairs.map((pair) => pairRules(pair, families(plan.ipv6))),
      ...dispatchChains,
      ...(plan.hasInspected ? [chain(LostChain, ...refused('inspector-lost', '', 'refuse'))] : []),
      ...(plan.hasOneWay ? [oneWayChain()] : []),
      baseChain('forward', { hook: 'forward', priority: 0, policy: 'drop' }, [
        ...(plan.ipv6 ? [] : [rule(is('nfproto', 'ipv6'), goTo(Ipv6Chain))]),
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

/** Requests look up their flow, replies the flow they answer; whatever is left has no flow. */
function pairRules(pair: ZonePair, known: readonly Family[]): Chain {
  const rules = known.flatMap((family): readonly Rule[] => {
    const { saddr, daddr, icmpType } = family;
    const ways = pair.ways.some(({ block }) => block.family === family.number);
    const echoes = pair.echoes.some(({ block }) => block.family === family.number);
    return [
      ...(ways
        ? [
            rule(
              is('ct direction', 'original'),
              vmap([saddr, daddr, 'l4proto', 'th dport'], flowMap(pair, family)),
            ),
            rule(
              is('ct direction', 'reply'),
              vmap([daddr, saddr, 'l4proto', 'th sport'], flowMap(pair, family)),
            ),
          ]
        : []),
      ...(echoes
        ? [
            rule(
              is('ct direction', 'original'),
              is(icmpType, 'echo-request'),
              vmap([saddr, daddr], echoMap(pair, family)),
            ),
            rule(
              is('ct direction', 'reply'),
              is(icmpType, 'echo-reply'),
              vmap([daddr, saddr], echoMap(pair, family)),
            ),
          ]
        : []),
      rule(
        is('ct state', 'related'),
        is(icmpType, family.errors),
        limit(ErrorsPerSecond, ErrorsPerSecond * 2),
        accept,
      ),
    ];
  });
  return chain(pairChain(pair), ...rules, ...refused('no-flow', `${pair.from}>${pair.to}`, 'refuse'));
}

function pairMaps(pair: ZonePair, family: Family): readonly VerdictMap[] {
  const { address, number } = family;
  const here = (ways: readonly Way[]) => ways.filter(({ block }) => block.family === number);
  const [ways, echoes] = [here(pair.ways), here(pair.echoes)];
  const ends = ({ block }: Way) => [
    addressSpanField(number, block.source),
    addressSpanField(number, block.destination),
  ];
  const flowType: readonly DataType[] = [address, address, 'inet_proto', 'inet_service'];
  return [
    ...(ways.length === 0
      ? []
      : [
          rangeMap(
            flowMap(pair, family),
            flowType,
            ways.map((way) => ({
              key: [...ends(way), way.flow.protocol, portSpanField(way.block.port)],
              ...permission(way.flow),
            })),
            true,
          ),
        ]),
    ...(echoes.length === 0
      ? []
      : [
          rangeMap(
            echoMap(pair, family),
            [address, address],
            echoes.map((way) => ({ key: ends(way), ...permission(way.flow) })),
            true,
          ),
        ]),
  ];
}

/** A gated flow counts what its gate let through, not what knocked: its element has no flow's name. */
function permission(flow: FlowRule): { readonly comment: string; readonly verdict: NftVerdict } {
  if (flow.gate !== undefined) return { comment: '', verdict: { kind: 'goto', chain: gateChain(flow) } };
  // A diverted flow never comes here but for its inspector's absence, which is refused above.
  if (flow.profile !== '') return { comment: '', verdict: { kind: 'goto', chain: LostChain } };
  return { comment: flow.id, verdict: accepted };
}

/** A software diode: the packets of the flow, and nothing against them, not even an ICMP error. */
function oneWayChain(): Chain {
  return chain(
    OneWayChain,
    rule(vmap(['iifname', 'oifname', 'ip saddr', 'ip daddr', 'udp dport'], OneWayMap)),
    ...refused('one-way', '', 'silence'),
  );
}

function oneWayMap(plan: Plan): VerdictMap {
  const { interfaces } = plan.policy;
  const elements = plan.pairs.flatMap(({ from, to, oneWays }) =>
    devicesOf(interfaces, from).flatMap((inward) =>
      devicesOf(interfaces, to).flatMap((outward) =>
        oneWays.map(({ flow, block: { source, destination, port } }) => ({
          key: [
            inward,
            outward,
            addressSpanField(4, source),
            addressSpanField(4, destination),
            portSpanField(port),
          ],
          ...permission(flow),
        })),
      ),
    ),
  );
  const type: readonly DataType[] = ['ifname', 'ifname', 'ipv4_addr', 'ipv4_addr', 'inet_service'];
  return rangeMap(OneWayMap, type, elements, true);
}

function flowMap({ from, to }: ZonePair, { suffix }: Family): string {
  return `flows${suffix}/${from}/${to}`;
}

function echoMap({ from, to }: ZonePair, { suffix }: Family): string {
  return `echo${suffix}/${from}/${to}`;
}

const LostChain = 'inspector_lost';
const OneWayChain = 'one_way';
const OneWayMap = 'one_way';
