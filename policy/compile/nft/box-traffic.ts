import { GatedSets } from '../../../rules/nft/gates.ts';
import { LocalMark } from '../../../rules/nft/inspected.ts';
import { PassingChains } from '../../../rules/nft/modes.ts';
import type { NftSet, Rule, Selector } from '../../../rules/nft/ruleset.ts';
import { accept, count, drop, goTo, inSet, is, limit, rule } from '../../../rules/nft/statements.ts';
import type { BoxSets } from './box-sets.ts';
import { Inspected, InspectorMark } from './divert.ts';
import { AnswerIn, AnswerOut, type Family, families, RequestIn, RequestOut } from './keys.ts';
import { byModeSent } from './mode-chains.ts';
import { heardFromPair, saidToPair } from './pair-chains.ts';
import { baseChain, chain, type Part } from './part.ts';
import type { Plan } from './plan.ts';
import { ErrorsPerSecond, InvalidChain, Ipv6Chain, ResetsPerSecond, refused } from './refuse.ts';
import { answeredRules, dialledRules, overRules } from './vendor-chains.ts';

/** Users whose processes may open no connection: the engine fills in the front's and the inspectors'. */
export const BarredSet = 'barred';

/** What the box says and hears itself. Its inspectors' legs are diverted connections, and what they dial for vendors. */
export function boxTrafficRules(plan: Plan): Part {
  const byMode = plan.modes.maps.includes('legs');
  const known = families(plan.ipv6).map((family) => ({ family, sets: plan.box[family.number] }));
  return {
    sets: [
      { name: BarredSet, type: ['uid'], flags: [], counted: false, elements: [] },
      ...known.flatMap(({ sets }) => Object.values(sets).filter((set): set is NftSet => set !== undefined)),
    ],
    maps: [],
    chains: [
      ...(byMode ? [chain(PassingChains.legs, ...sentLegs(plan))] : []),
      chain(BarredChain, ...refused('no-egress', BarredSet, 'silence')),
      baseChain('input', { hook: 'input', priority: 0, policy: 'drop' }, [
        rule(is('iifname', 'lo'), accept),
        ...(plan.ipv6 ? [] : [rule(is('nfproto', 'ipv6'), goTo(Ipv6Chain))]),
        ...divertedLegs(plan, LocalMark, RequestIn, AnswerIn),
        rule(is('ct state', 'invalid'), goTo(InvalidChain)),
        ...heardFromPair(plan),
        ...answeredRules(plan),
        ...known.flatMap(({ family, sets }) => inputOf(family, sets)),
        // Noise that every wire carries is counted, not logged.
        rule(is('pkttype', ['broadcast', 'multicast']), count('no-service'), drop),
        ...overRules(plan),
        ...refused('no-service', '', 'refuse'),
      ]),
      baseChain('output', { hook: 'output', priority: 0, policy: 'drop' }, [
        rule(is('oifname', 'lo'), accept),
        ...(plan.ipv6 ? [] : [rule(is('nfproto', 'ipv6'), goTo(Ipv6Chain))]),
        ...(byMode ? byModeSent(InspectorMark) : sentLegs(plan)),
        ...saidToPair(plan),
        ...dialledRules(plan),
        // By direction, not by "new": a connection another process left behind would be theirs to take up.
        rule(inSet(['skuid'], BarredSet), is('ct direction', 'original'), goTo(BarredChain)),
        ...known.flatMap(({ family, sets }) => outputOf(family, sets)),
        ...refused('no-egress', '', 'silence'),
      ]),
    ],
  };
}

function sentLegs(plan: Plan): readonly Rule[] {
  return divertedLegs(plan, InspectorMark, AnswerOut, RequestOut);
}

/**
 * Both legs of a diverted connection. The mark alone would let an inspector go anywhere, and whatever another ruleset
 * of this box marks the same way come in.
 */
function divertedLegs(
  plan: Plan,
  mark: number,
  clientLeg: readonly Selector[],
  serverLeg: readonly Selector[],
): readonly Rule[] {
  const sets = [...(plan.hasInspected ? [Inspected] : []), ...(plan.hasGatedInspected ? [GatedSets] : [])];
  return sets.flatMap(({ inspected, answering }) => [
    rule(is('mark', mark), inSet(clientLeg, inspected), accept),
    rule(is('mark', mark), inSet(serverLeg, answering), accept),
  ]);
}

function inputOf(family: Family, sets: BoxSets): readonly Rule[] {
  const { saddr, daddr, icmpType } = family;
  return [
    ...when(sets.services, (set) =>
      rule(
        is('ct direction', 'original'),
        inSet(['iifname', saddr, daddr, 'l4proto', 'th dport'], set),
        accept,
      ),
    ),
    ...when(sets.egress, (set) =>
      rule(is('ct direction', 'reply'), inSet(['iifname', daddr, saddr, 'l4proto', 'th sport'], set), accept),
    ),
    ...when(sets.servicesEcho, (set) =>
      rule(
        is('ct direction', 'original'),
        is(icmpType, 'echo-request'),
        inSet(['iifname', saddr, daddr], set),
        accept,
      ),
    ),
    ...when(sets.egressEcho, (set) =>
      rule(
        is('ct direction', 'reply'),
        is(icmpType, 'echo-reply'),
        inSet(['iifname', daddr, saddr], set),
        accept,
      ),
    ),
    rule(
      is('ct state', 'related'),
      is(icmpType, family.errors),
      limit(ErrorsPerSecond, ErrorsPerSecond * 2),
      accept,
    ),
    ...neighbourDiscovery(family),
  ];
}

function outputOf(family: Family, sets: BoxSets): readonly Rule[] {
  const { saddr, daddr, icmpType } = family;
  return [
    ...when(sets.services, (set) =>
      rule(is('ct direction', 'reply'), inSet(['oifname', daddr, saddr, 'l4proto', 'th sport'], set), accept),
    ),
    ...when(sets.egress, (set) =>
      rule(
        is('ct direction', 'original'),
        inSet(['oifname', saddr, daddr, 'l4proto', 'th dport'], set),
        accept,
      ),
    ),
    ...when(sets.servicesEcho, (set) =>
      rule(
        is('ct direction', 'reply'),
        is(icmpType, 'echo-reply'),
        inSet(['oifname', daddr, saddr], set),
        accept,
      ),
    ),
    ...when(sets.egressEcho, (set) =>
      rule(
        is('ct direction', 'original'),
        is(icmpType, 'echo-request'),
        inSet(['oifname', saddr, daddr], set),
        accept,
      ),
    ),
    // Our own refusals, told to whom the model knows: a default drop would swallow them.
    ...when(sets.reachable, (set) =>
      rule(
        is('tcp flags', 'rst'),
        inSet(['oifname', daddr], set),
        limit(ResetsPerSecond, ResetsPerSecond * 2),
        accept,
      ),
    ),
    ...when(sets.reachable, (set) =>
      rule(
        is(icmpType, family.errors),
        inSet(['oifname', daddr], set),
        limit(ErrorsPerSecond, ErrorsPerSecond * 2),
        accept,
      ),
    ),
    ...neighbourDiscovery(family),
  ];
}

/** IPv6 finds its neighbours by ICMP; from the same wire only, which the hop limit proves (RFC 4861 §7.1). */
function neighbourDiscovery(family: Family): readonly Rule[] {
  if (family.number === 4) return [];
  const types = ['nd-neighbor-solicit', 'nd-neighbor-advert'];
  return [rule(is('icmpv6 type', types), is('ip6 hoplimit', 255), accept)];
}

function when(set: NftSet | undefined, make: (name: string) => Rule): readonly Rule[] {
  return set === undefined ? [] : [make(set.name)];
}

const BarredChain = 'barred';
