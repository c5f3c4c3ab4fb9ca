/**
 * Our nftables table as a tree, in nft's own words. Only what Penstock uses is here, so that whatever can be
 * written down can also be rendered, checked by the schema and compared with what the kernel says it holds.
 */
export interface Ruleset {
  readonly counters: readonly string[];
  readonly sets: readonly NftSet[];
  readonly maps: readonly (VerdictMap | MarkMap)[];
  readonly chains: readonly Chain[];
}

/** Our table; no other program writes into it, and we write into no other. Family `inet`. */
export const TableName = 'penstock';

export interface NftSet {
  readonly name: string;
  readonly type: readonly DataType[];
  readonly flags: readonly SetFlag[];
  /** Each element counts its packets and bytes. */
  readonly counted: boolean;
  readonly elements: readonly Element[];
}

export interface VerdictMap extends Omit<NftSet, 'elements'> {
  readonly elements: readonly (Element & { readonly verdict: NftVerdict })[];
}

/** Gives a packet's mark a number: which flow it belongs to. */
export interface MarkMap extends Omit<NftSet, 'elements'> {
  readonly data: 'mark';
  readonly elements: readonly (Element & { readonly mark: number })[];
}

export type DataType =
  | 'ifname'
  | 'nf_proto'
  | 'ipv4_addr'
  | 'ipv6_addr'
  | 'inet_proto'
  | 'inet_service'
  | 'ether_addr'
  | 'mark'
  | 'uid';
export type SetFlag = 'interval' | 'timeout';

export interface Element {
  /** One field per data type of the set. */
  readonly key: readonly Field[];
  /** Id of what it stands for, e.g. a flow; empty for none. */
  readonly comment: string;
}

/** One value, or an inclusive range. Addresses as text, ports and numbers as numbers. */
export type Field = string | number | { readonly first: string | number; readonly last: string | number };

export interface Chain {
  readonly name: string;
  readonly hook: Hook | undefined;
  readonly rules: readonly Rule[];
}

/** Where a base chain hangs in the kernel. Priority as a number: raw -300, mangle -150, filter 0. */
export interface Hook {
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output';
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

export interface Rule {
  readonly statements: readonly Statement[];
  readonly comment: string;
}

/** What a rule looks at. */
export type Selector =
  | 'iifname'
  | 'oifname'
  | 'nfproto'
  | 'l4proto'
  | 'pkttype'
  | 'mark'
  | 'skuid'
  | 'ct state'
  | 'ct direction'
  | 'ether saddr'
  | 'ip saddr'
  | 'ip daddr'
  | 'ip6 saddr'
  | 'ip6 daddr'
  | 'ip6 hoplimit'
  | 'tcp sport'
  | 'tcp dport'
  | 'tcp flags'
  | 'udp sport'
  | 'udp dport'
  | 'th sport'
  | 'th dport'
  | 'icmp type'
  | 'icmpv6 type'
  | 'socket transparent'
  | 'socket wildcard';

export type Statement =
  | { readonly kind: 'match'; readonly selector: Selector; readonly op: Operator; readonly value: MatchValue }
  | { readonly kind: 'lookup'; readonly key: readonly Selector[]; readonly set: string; readonly in: boolean }
  | { readonly kind: 'vmap'; readonly key: readonly Selector[]; readonly map: string }
  | { readonly kind: 'counter'; readonly name: string }
  | { readonly kind: 'limit'; readonly perSecond: number; readonly burst: number }
  | { readonly kind: 'log'; readonly prefix: string }
  | { readonly kind: 'reject'; readonly how: 'tcp reset' | 'admin-prohibited' }
  | { readonly kind: 'tproxy'; readonly port: number }
  | { readonly kind: 'set-mark'; readonly mark: number }
  /** Sets the mark to what a {@link MarkMap} says; ends the rule where it says nothing. */
  | { readonly kind: 'mark-from'; readonly key: readonly Selector[]; readonly map: string }
  /** Sets the mark to the one the connection was stamped with, or stamps the connection with it. */
  | { readonly kind: 'recall-mark' }
  | { readonly kind: 'stamp-mark' }
  | {
      readonly kind: 'meter';
      readonly name: string;
      readonly key: readonly Selector[];
      readonly over: Ceiling;
    }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'verdict'; readonly verdict: NftVerdict };

/** What a meter lets each of its keys have; the rule goes on with what is above. */
export type Ceiling =
  /** `forget`: seconds after which a key begins anew; 0 is never. */
  | { readonly perSecond: number; readonly burst: number; readonly forget: number }
  /** Connections open at one time. */
  | { readonly connections: number };

/** `in` tests bits of a bit mask (`ct state`, `tcp flags`). */
export type Operator = '==' | '!=' | 'in';
/** A list matches any of its values. */
export type MatchValue = string | number | readonly string[];

export type NftVerdict =
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'return' }
  | { readonly kind: 'goto'; readonly chain: string }
  | { readonly kind: 'jump'; readonly chain: string };

/** Keys one meter tells apart; the kernel holds no more of them. */
export const MeterSize = 65_535;
/** NFLOG group the drops go to. */
export const LogGroup = 5;
/** libnftables 1.0.6 aborts its process on long prefixes and exits on long comments; far below is safe. */
export const MaxLogPrefix = 63;
export const MaxComment = 120;
export const MaxName = 63;
/** A chain is walked rule by rule: what grows with the policy belongs into sets and maps. */
export const MaxRulesPerChain = 50;
