import { parsePrefix } from '../../../rules/address.ts';
import { GatedSets } from '../../../rules/nft/gates.ts';
import { devicesOf } from '../../../rules/nft/inspected.ts';
import type { Element } from '../../../rules/nft/ruleset.ts';
import {
  accept,
  inSet,
  is,
  isNot,
  jump,
  leave,
  notInSet,
  notrack,
  rule,
} from '../../../rules/nft/statements.ts';
import { addressSpanField, portSpanField } from './block.ts';
import { Inspected } from './divert.ts';
import { AnswerIn, AnswerOut, type Family, families, RequestIn, RequestOut } from './keys.ts';
import { baseChain, chain, type Part, rangeSet } from './part.ts';
import type { Plan } from './plan.ts';
import { refused } from './refuse.ts';

/**
 * Before the connection table: bound link-layer addresses, and what must not be tracked. An inspected
 * connection that were tracked could outlive its inspector as "established"; a tracked one-way packet
 * would open the way back.
 */
export function prefilterRules(plan: Plan): Part {
  const pairsOfSets = [
    ...(plan.hasInspected ? [Inspected] : []),
    ...(plan.hasGatedInspected ? [GatedSets] : []),
  ];
  const bound = families(plan.ipv6).filter((family) => boundAddresses(plan, family).length > 0);
  const placed = families(plan.ipv6).filter((family) => plan.box[family.number].placed !== undefined);
  const oneWay = plan.hasOneWay;
  return {
    sets: [
      ...bound.flatMap((family) => macSets(plan, family)),
      ...(oneWay
        ? [
            rangeSet(ForthSet, OneWayType, oneWayElements(plan, 'forth')),
            rangeSet(BackSet, OneWayType, oneWayElements(plan, 'back')),
          ]
        : []),
    ],
    maps: [],
    chains: [
      ...placed.map((family) => wireChain(family)),
      ...bound.map((family) => macChain(family)),
      // Before fragments are put together: those of a forger would be joined to those of whom he claims to be.
      baseChain('sources', { hook: 'prerouting', priority: BeforeDefragmentation, policy: 'accept' }, [
        ...placed.map((family) => ofPlant(family, 'source_wire')),
        ...bound.map((family) => ofPlant(family, 'mac')),
      ]),
      baseChain('raw_prerouting', { hook: 'prerouting', priority: Raw, policy: 'accept' }, [
        ...pairsOfSets.flatMap(({ inspected, answering }) => [
          rule(inSet(RequestIn, inspected), notrack, accept),
          rule(inSet(AnswerIn, answering), notrack, accept),
        ]),
        ...(oneWay
          ? [
              rule(inSet(['iifname', 'ip saddr', 'ip daddr', 'udp dport'], ForthSet), notrack),
              rule(inSet(['iifname', 'ip saddr', 'ip daddr', 'udp sport'], BackSet), notrack),
            ]
          : []),
      ]),
      baseChain('raw_output', { hook: 'output', priority: Raw, policy: 'accept' }, [
        ...pairsOfSets.flatMap(({ inspected, answering }) => [
          rule(inSet(AnswerOut, inspected), notrack, accept),
          rule(inSet(RequestOut, answering), notrack, accept),
        ]),
      ]),
    ],
  };
}

/** The other family has no such address to look up, and would fall to the end of the chain. */
function ofPlant({ nfproto, suffix }: Family, name: string) {
  return rule(isNot('iifname', 'lo'), is('nfproto', nfproto), jump(`${name}${suffix}`));
}

/**
 * An address of the model is believed only on the wire the model puts it on. Later look-ups would refuse it
 * as well, but the kernel answers some packets before them (its time has run out, nothing leads there), and
 * such an answer carries the forger's bytes into the zone he claims to be from.
 */
function wireChain(family: Family) {
  return chain(
    `source_wire${family.suffix}`,
    // First what almost every packet is: one look-up, and none for whether the address has a place at all.
    rule(inSet(['iifname', family.saddr], `reachable${family.suffix}`), leave),
    rule(notInSet([family.saddr], `placed${family.suffix}`), leave),
    ...refused('source-wire', '', 'silence'),
  );
}

/** A source that has a link-layer address in the model is believed only with it (62443-3-3 SR 1.2). */
function macChain(family: Family) {
  return chain(
    `mac${family.suffix}`,
    rule(notInSet([family.saddr], `mac_bound${family.suffix}`), leave),
    // A device without link-layer addresses fails this look-up, and so is refused.
    rule(inSet([family.saddr, 'ether saddr'], `mac_known${family.suffix}`), leave),
    ...refused('source-mac', '', 'silence'),
  );
}

function macSets(plan: Plan, family: Family) {
  const bound = boundAddresses(plan, family);
  const set = (
    name: string,
    type: readonly ('ipv4_addr' | 'ipv6_addr' | 'ether_addr')[],
    elements: Element[],
  ) => ({
    name: `${name}${family.suffix}`,
    type,
    flags: [],
    counted: false,
    elements,
  });
  return [
    set(
      'mac_bound',
      [family.address as 'ipv4_addr' | 'ipv6_addr'],
      bound.map(({ address, asset }) => ({ key: [address], comment: asset })),
    ),
    set(
      'mac_known',
      [family.address as 'ipv4_addr' | 'ipv6_addr', 'ether_addr'],
      bound.map(({ address, mac, asset }) => ({ key: [address, mac], comment: asset })),
    ),
  ];
}

function boundAddresses(plan: Plan, family: Family) {
  return plan.policy.assets.flatMap(({ name, mac, addresses }) =>
    mac === ''
      ? []
      : addresses.flatMap((text) => {
          const prefix = parsePrefix(text);
          if (prefix?.family !== family.number) return [];
          const address = String(
            addressSpanField(family.number, { first: prefix.first, last: prefix.first }),
          );
          return [{ asset: name, mac, address }];
        }),
  );
}

function oneWayElements(plan: Plan, way: 'forth' | 'back'): readonly Element[] {
  return plan.pairs.flatMap(({ from, to, oneWays }) =>
    devicesOf(plan.policy.interfaces, way === 'forth' ? from : to).flatMap((device) =>
      oneWays.map(({ flow, block: { source, destination, port } }) => {
        const ends = [addressSpanField(4, source), addressSpanField(4, destination)];
        if (way === 'back') ends.reverse();
        return { key: [device, ...ends, portSpanField(port)], comment: flow.id };
      }),
    ),
  );
}

const BeforeDefragmentation = -450;
const Raw = -300;
const ForthSet = 'one_way_forth';
const BackSet = 'one_way_back';
const OneWayType = ['ifname', 'ipv4_addr', 'ipv4_addr', 'inet_service'] as const;
