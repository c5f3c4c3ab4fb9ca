import type { DataType, Selector } from '../../../rules/nft/ruleset.ts';

/** The keys packets are looked up by. A key and the data types of its set are two halves of one thing. */

/** A request of a diverted connection, as it arrives on the client's side. */
export const RequestIn: readonly Selector[] = ['iifname', 'ip saddr', 'ip daddr', 'tcp dport'];
/** An answer, as it arrives on the server's side. */
export const AnswerIn: readonly Selector[] = ['iifname', 'ip saddr', 'ip daddr', 'tcp sport'];
/** An answer on its way out to the client, as the key of the request it belongs to. */
export const AnswerOut: readonly Selector[] = ['oifname', 'ip daddr', 'ip saddr', 'tcp sport'];
/** A request on its way out to the server, as the key of the answers to it. */
export const RequestOut: readonly Selector[] = ['oifname', 'ip daddr', 'ip saddr', 'tcp dport'];

/** What the box itself sends to a vendor's target, and what it is answered. */
export const Dialled: readonly Selector[] = ['oifname', 'ip saddr', 'ip daddr', 'tcp dport'];
export const AnswerToDial: readonly Selector[] = ['iifname', 'ip daddr', 'ip saddr', 'tcp sport'];

/** One address family: what differs between IPv4 and IPv6 stands here and nowhere else. */
export interface Family {
  readonly number: 4 | 6;
  /** Ends the names of the family's own sets and maps. */
  readonly suffix: '' | '6';
  readonly nfproto: 'ipv4' | 'ipv6';
  readonly address: DataType;
  readonly saddr: Selector;
  readonly daddr: Selector;
  readonly icmpType: Selector;
  /** Errors about a packet that was permitted. Redirects are not among them: they reroute. */
  readonly errors: readonly string[];
  readonly all: { readonly first: string; readonly last: string };
}

export const IPv4: Family = {
  number: 4,
  suffix: '',
  nfproto: 'ipv4',
  address: 'ipv4_addr',
  saddr: 'ip saddr',
  daddr: 'ip daddr',
  icmpType: 'icmp type',
  errors: ['destination-unreachable', 'time-exceeded', 'parameter-problem'],
  all: { first: '0.0.0.0', last: '255.255.255.255' },
};

export const IPv6: Family = {
  number: 6,
  suffix: '6',
  nfproto: 'ipv6',
  address: 'ipv6_addr',
  saddr: 'ip6 saddr',
  daddr: 'ip6 daddr',
  icmpType: 'icmpv6 type',
  errors: ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'],
  all: { first: '::', last: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
};

/** The families that pass. */
export function families(ipv6: boolean): readonly Family[] {
  return ipv6 ? [IPv4, IPv6] : [IPv4];
}
