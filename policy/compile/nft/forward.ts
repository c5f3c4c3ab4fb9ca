import { GatedSets } from '../../../rules/nft/gates.ts';
import { devicesOf } from '../../../rules/nft/inspected.ts';
import type { Chain, DataType, MarkMap, Rule, Statement } from '../../../rules/nft/ruleset.ts';
import { goTo, inSet, is, limit, markFrom, recallMark, rule, vmap } from '../../../rules/nft/statements.ts';
import { addressSpanField, portSpanField, type Span } from './block.ts';
import { dispatchOf, pairChain } from './dispatch.ts';
import { Inspected } from './divert.ts';
import { judgeBy, LostChain } from './judge.ts';
import { AnswerIn, type Family, families, RequestIn } from './keys.ts';
import { CutChain, CutMark } from './mode-chains.ts';
import { baseChain, chain, flowMap, type Part } from './part.ts';
import type { Plan, Way, ZonePair } from './plan.ts';
import { ErrorsPerSecond, InvalidChain, Ipv6Chain, refused } from './refuse.ts';

/** What passes from zone to zone. */
export function forwardRules(plan: Plan): Part {
  const { maps: dispatchMaps, chains: dispatchChains } = dispatchOf(plan);
  return {
    sets: [],
    maps: [
      ...dispatchMaps,
      ...plan.pairs.flatMap((pair) => families(plan.ipv6).flatMap((family) => pairMaps(plan, pair, family))),
      ...(plan.hasOneWay ? [oneWayMap(plan)] : []),
    ],
    chains: [
      ...plan.pairs.map((pair) => pairRules(plan, pair)),
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
function pairRules(plan: Plan, pair: ZonePair): Chain {
  const judged = judgeBy(plan);
  const rules = families(plan.ipv6).flatMap((family): readonly Rule[] => {
    const { saddr, daddr, icmpType } = family;
    const ways = pair.ways.some(({ block }) => block.family === family.number);
    const echoes = pair.echoes.some(({ block }) => block.family === family.number);
    const [flows, echo] = [flowsName(pair, family), echoName(pair, family)];
    return [
      ...(ways
        ? [
            rule(
              is('ct direction', 'original'),
              markFrom([saddr, daddr, 'l4proto', 'th dport'], flows),
              judged,
            ),
            rule(is('ct direction', 'reply'), markFrom([daddr, saddr, 'l4proto', 'th sport'], flows), judged),
          ]
        : []),
      ...(echoes
        ? [
            rule(
              is('ct direction', 'original'),
              is(icmpType, 'echo-request'),
              markFrom([saddr, daddr], echo),
              judged,
            ),
            rule(
              is('ct direction', 'reply'),
              is(icmpType, 'echo-reply'),
              markFrom([daddr, saddr], echo),
              judged,
            ),
          ]
        : []),
      ...(undeclaredElements(plan, pair, family).length > 0
        ? (['tcp', 'udp', family.number === 4 ? 'icmp' : 'icmpv6'] as const).flatMap((protocol) =>
            undeclaredRules(pair, family, protocol, judged),
          )
        : []),
      rule(
        is('ct state', 'related'),
        is(icmpType, family.errors),
        limit(ErrorsPerSecond, ErrorsPerSecond * 2),
        recallMark,
        judged,
      ),
    ];
  });
  return chain(pairChain(pair), ...rules, ...refused('no-flow', `${pair.from}>${pair.to}`, 'refuse'));
}

function pairMaps(plan: Plan, pair: ZonePair, family: Family): readonly MarkMap[] {
  const { address, number } = family;
  const here = (ways: readonly Way[]) => ways.filter(({ block }) => block.family === number);
  const [ways, echoes] = [here(pair.ways), here(pair.echoes)];
  const ends = ({ block }: Way) => [
    addressSpanField(number, block.source),
    addressSpanField(number, block.destination),
  ];
  const flowType: readonly DataType[] = [address, address, 'inet_proto', 'inet_service'];
  const undeclared = undeclaredElements(plan, pair, family);
  return [
    ...(undeclared.length === 0
      ? []
      : [flowMap(undeclaredName(pair, family), [address, address], undeclared)]),
    ...(ways.length === 0
      ? []
      : [
          flowMap(
            flowsName(pair, family),
            flowType,
            ways.map((way) => ({
              key: [...ends(way), way.flow.protocol, portSpanField(way.block.port)],
              ...numberOf(way),
            })),
          ),
        ]),
    ...(echoes.length === 0
      ? []
      : [
          flowMap(
            echoName(pair, family),
            [address, address],
            echoes.map((way) => ({ key: ends(way), ...numberOf(way) })),
          ),
        ]),
  ];
}

/**
 * After the flows: what they do not declare, where an audit stage lets it pass. Of ICMP only echo, as in the
 * proof of what may pass.
 */
function undeclaredRules(
  pair: ZonePair,
  family: Family,
  protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6',
  judged: Statement,
): readonly Rule[] {
  const { saddr, daddr, icmpType } = family;
  const map = undeclaredName(pair, family);
  const [request, answer] =
    protocol === 'tcp' || protocol === 'udp'
      ? [is('l4proto', protocol), is('l4proto', protocol)]
      : [is(icmpType, 'echo-request'), is(icmpType, 'echo-reply')];
  return [
    rule(is('ct direction', 'original'), request, markFrom([saddr, daddr], map), judged),
    rule(is('ct direction', 'reply'), answer, markFrom([daddr, saddr], map), judged),
  ];
}

function undeclaredElements({ undeclared }: Plan, pair: ZonePair, { number }: Family): MarkMap['elements'] {
  const [here] = undeclared
    .filter(({ from, to }) => from === pair.from && to === pair.to)
    .sort((one, other) => other.until - one.until);
  if (here === undefined) return [];
  const field = (span: Span) => addressSpanField(number, span);
  const destinations = here.destinations.filter(({ family }) => family === number);
  return here.sources
    .filter(({ family }) => family === number)
    .flatMap((source) =>
      destinations.map((destination) => ({
        key: [field(source), field(destination)],
        comment: here.conduit,
        mark: here.number,
      })),
    );
}

function numberOf({ flow }: Way): { readonly comment: string; readonly mark: number } {
  return { comment: flow.id, mark: flow.number };
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

function flowsName({ from, to }: ZonePair, { suffix }: Family): string {
  return `flows${suffix}/${from}/${to}`;
}

function undeclaredName({ from, to }: ZonePair, { suffix }: Family): string {
  return `undeclared${suffix}/${from}/${to}`;
}

function echoName({ from, to }: ZonePair, { suffix }: Family): string {
  return `echo${suffix}/${from}/${to}`;
}

const OneWayChain = 'one_way';
const OneWayMap = 'one_way';
