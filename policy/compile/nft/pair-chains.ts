import type { DataType, NftSet, Rule, Selector } from '../../../rules/nft/ruleset.ts';
import { accept, inSet, is, rule } from '../../../rules/nft/statements.ts';
import { type PairWay, StatesPort } from '../pair.ts';
import type { Part } from './part.ts';
import type { Plan } from './plan.ts';

/** Only the ruleset of a box that is one of a pair has it. */
export const PairSet = 'pair';

/**
 * What the two boxes of a pair say to each other, and nobody else to either: who carries (VRRP, unicast) on every
 * leg, and the states of connections on their own cable. Nothing of it is forwarded, and the shared addresses are
 * in no set: nobody reaches the box by them.
 */
export function pairRules({ pair }: Plan): Part {
  if (pair === undefined) return { sets: [], maps: [], chains: [] };
  return { sets: [waySet(PairSet, pair.legs), waySet(LinkSet, [pair.link])], maps: [], chains: [] };
}

/** In the input chain. */
export function heardFromPair({ pair }: Plan): readonly Rule[] {
  return pair === undefined ? [] : spoken(['iifname', 'ip saddr', 'ip daddr']);
}

/** In the output chain. */
export function saidToPair({ pair }: Plan): readonly Rule[] {
  return pair === undefined ? [] : spoken(['oifname', 'ip daddr', 'ip saddr']);
}

/** @param key device, the other box's address, the own */
function spoken(key: readonly Selector[]): readonly Rule[] {
  return [
    rule(is('l4proto', 'vrrp'), inSet(key, PairSet), accept),
    rule(is('udp dport', StatesPort), inSet(key, LinkSet), accept),
  ];
}

function waySet(name: string, ways: readonly PairWay[]): NftSet {
  const type: readonly DataType[] = ['ifname', 'ipv4_addr', 'ipv4_addr'];
  const elements = ways.map(({ device, own, peer }) => ({ key: [device, peer, own], comment: '' }));
  return { name, type, flags: [], counted: true, elements };
}

const LinkSet = 'pair_link';
