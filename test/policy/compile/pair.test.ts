import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { walk } from '../../../rules/nft/walk.ts';
import { firstPacket, type Packet } from '../../../rules/nft/walk-packet.ts';
import { readTable } from '../../../rules/nft/walk-table.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText } from './compile-text.ts';

const site = readFileSync(new URL('../../golden/compile/pair/zones.yaml', import.meta.url), 'utf8');

const vendor = `
vendor_access:
  maker:
    company: Maker
    people: [{id: ann@maker.example}]
    entry: {zone: office, asset: pc}
    targets: [{asset: plc, port: 22}]
    limits: {max_duration: PT4H, idle: PT15M, concurrent: 1}
`;

const left = policyFor('left');
const right = policyFor('right');

const advert = { source: '10.1.0.3', destination: '10.1.0.2', protocol: 'vrrp' };
const states = { source: '192.0.2.2', destination: '192.0.2.1', protocol: 'udp', destinationPort: 3780 };

test('a box hears of the other who carries, on the leg where the other is', () => {
  expect(heard({ ...advert, iifname: 'a0' })).toBe('accepted');
  expect(said({ ...turned(advert), oifname: 'a0' })).toBe('accepted');
});

test.each<[string, Partial<Packet>]>([
  ['another host', { iifname: 'a0', source: '10.1.0.10' }],
  ['the other box on another leg', { iifname: 'b0' }],
  ['the other box on the link', { iifname: 'c0' }],
  ['the other box to the shared address', { iifname: 'a0', destination: '10.1.0.1' }],
  ['the other box to everybody', { iifname: 'a0', destination: '224.0.0.18', pkttype: 'multicast' }],
])('and does not believe %s', (_, change) => {
  expect(heard({ ...advert, ...change })).toBe('refused');
});

test('a box hears of the states of connections on the link, and says its own', () => {
  expect(heard({ ...states, iifname: 'c0' })).toBe('accepted');
  expect(said({ ...turned(states), oifname: 'c0' })).toBe('accepted');
});

test.each<[string, Partial<Packet>]>([
  ['on a leg', { iifname: 'a0' }],
  ['from anybody else', { iifname: 'c0', source: '192.0.2.3' }],
  ['on another port', { iifname: 'c0', destinationPort: 22 }],
  ['over TCP', { iifname: 'c0', protocol: 'tcp' }],
])('and not %s', (_, change) => {
  expect(heard({ ...states, ...change })).toBe('refused');
});

test('nobody is forwarded to the link or from it', () => {
  const way = { source: '10.1.0.10', destination: '192.0.2.2', protocol: 'udp', destinationPort: 3780 };
  expect(verdict(left, { ...way, iifname: 'a0', oifname: 'c0' })).toBe('refused');
  expect(verdict(left, { ...turned(way), iifname: 'c0', oifname: 'a0' })).toBe('refused');
});

test('the shared address leads to no service of the box', () => {
  const ssh = { iifname: 'a0', source: '10.1.0.10', protocol: 'tcp', destinationPort: 22 };
  expect(heard({ ...ssh, destination: '10.1.0.2' })).toBe('accepted');
  expect(heard({ ...ssh, destination: '10.1.0.1' })).toBe('refused');
});

test('an error about a connection passes under the stamp of this box, and not under that of the other', () => {
  const error = (mark: number) => ({
    iifname: 'b0',
    oifname: 'a0',
    source: '10.2.0.30',
    destination: '10.1.0.10',
    protocol: 'icmp',
    icmpType: 'destination-unreachable',
    connection: { state: 'related', direction: 'reply', mark } as const,
  });
  const [mine, theirs] = [left, right].map(({ flows }) => flows.map(({ number }) => number));
  expect(mine?.map((mark) => verdict(left, error(mark)))).toEqual(['accepted', 'accepted']);
  expect(theirs?.map((mark) => verdict(left, error(mark)))).toEqual(['refused', 'refused']);
});

test('a connection that the other box has let begin passes by the policy of this one alone', () => {
  const without = compileText(site.replace(/ +F-02.*\n/, '')).policies.get('right') ?? right;
  const known = { state: 'established', direction: 'original', mark: left.flows[1]?.number ?? 0 } as const;
  const packet = (port: number) => ({
    ...{ iifname: 'a9', oifname: 'b9', source: '10.1.0.10', destination: '10.2.0.30', protocol: 'tcp' },
    ...{ sourcePort: 40_000, destinationPort: port, tcpFlags: ['ack'], connection: known },
  });
  expect(verdict(without, packet(443))).toBe('accepted');
  expect(verdict(without, packet(80))).toBe('refused');
  expect(verdict(right, packet(80))).toBe('accepted');
});

test('what a vendor may reach has no number of the other box either, nor of a flow', () => {
  const { policies } = compileText(`${site}${vendor}`);
  const numbers = ['left', 'right'].flatMap((box) => {
    const { flows, vendors } = policies.get(box) ?? left;
    return [...flows, ...vendors.flatMap(({ targets }) => targets)].map(({ number }) => number);
  });
  expect(numbers).toHaveLength(6);
  expect(new Set(numbers).size).toBe(6);
});

function heard(packet: Partial<Packet>): string {
  return verdict(left, { oifname: '', ...packet });
}

function said(packet: Partial<Packet>): string {
  return verdict(left, { iifname: '', ...packet });
}

function verdict(policy: Policy, packet: Partial<Packet>): string {
  const ends = { iifname: '', oifname: '', source: '', destination: '', protocol: '' };
  return walk(readTable(JSON.parse(policy.nft)), firstPacket({ ...ends, ...packet })).verdict;
}

function turned<T extends { readonly source: string; readonly destination: string }>(packet: T): T {
  return { ...packet, source: packet.destination, destination: packet.source };
}

function policyFor(gateway: string): Policy {
  const policy = compileText(site).policies.get(gateway);
  if (policy === undefined) throw new Error(`the model does not compile for ${gateway}`);
  return policy;
}
