import type { Ruleset } from '../../../rules/nft/ruleset.ts';
import {
  accept,
  accepted,
  count,
  drop,
  goTo,
  inSet,
  is,
  isNot,
  jump,
  leave,
  limit,
  log,
  markFrom,
  meter,
  notInSet,
  notrack,
  recallMark,
  reject,
  rule,
  setMark,
  stampMark,
  tproxy,
  vmap,
} from '../../../rules/nft/statements.ts';

/** A ruleset that uses every node of the tree. */
export const sampleRuleset: Ruleset = {
  counters: ['no-flow'],
  sets: [
    {
      name: 'inspected',
      type: ['ifname', 'ipv4_addr', 'ipv4_addr', 'inet_service'],
      flags: ['interval'],
      counted: false,
      elements: [
        {
          key: ['sup0', '10.20.0.10', { first: '10.30.0.0', last: '10.30.0.15' }, 502],
          comment: 'C-05/F-01',
        },
      ],
    },
    { name: 'alive', type: ['mark'], flags: ['timeout'], counted: false, elements: [] },
    { name: 'barred', type: ['uid'], flags: [], counted: false, elements: [{ key: [998], comment: '' }] },
    {
      name: 'mac_known',
      type: ['ipv4_addr', 'ether_addr'],
      flags: [],
      counted: false,
      elements: [{ key: ['10.20.0.10', '02:00:5e:10:20:10'], comment: 'scada-1' }],
    },
    { name: 'wide6', type: ['ipv6_addr'], flags: [], counted: false, elements: [] },
  ],
  maps: [
    {
      name: 'flows/supervisory/process',
      type: ['ipv4_addr', 'ipv4_addr', 'inet_proto', 'inet_service'],
      flags: ['interval'],
      counted: true,
      elements: [
        {
          key: ['10.20.0.10', '10.30.0.11', 'tcp', { first: 443, last: 444 }],
          comment: 'C-05/F-02',
          verdict: accepted,
        },
        {
          key: [{ first: '10.20.0.0', last: '10.20.0.255' }, '10.30.0.12', 'udp', 514],
          comment: '',
          verdict: { kind: 'goto', chain: 'gate/7' },
        },
      ],
    },
    {
      name: 'numbers',
      type: ['nf_proto', 'ipv4_addr'],
      flags: [],
      counted: false,
      data: 'mark',
      elements: [
        { key: ['ipv4', '10.20.0.10'], comment: 'C-05/F-02', mark: 5 },
        { key: ['ipv4', '10.20.0.11'], comment: '', mark: 16_777_216 },
      ],
    },
  ],
  chains: [
    {
      name: 'gate/7',
      hook: undefined,
      rules: [
        rule(setMark(7)),
        { statements: [inSet(['mark'], 'alive'), count(), accept], comment: 'C-06/F-01' },
        rule(
          count('no-flow'),
          limit(20, 40),
          log('pst no-flow supervisory>process'),
          reject('admin-prohibited'),
        ),
        rule(is('l4proto', 'tcp'), reject('tcp reset')),
        rule(drop),
      ],
    },
    {
      name: 'inspector/0',
      hook: undefined,
      rules: [rule(is('l4proto', 'tcp'), tproxy(15502), setMark(1), accept)],
    },
    {
      name: 'mac',
      hook: undefined,
      rules: [rule(inSet(['ip saddr', 'ether saddr'], 'mac_known'), leave), rule(drop)],
    },
    {
      name: 'divert',
      hook: { hook: 'prerouting', priority: -300, policy: 'accept' },
      rules: [
        rule(isNot('iifname', 'lo'), jump('mac')),
        rule(inSet(['iifname', 'ip saddr', 'ip daddr', 'tcp dport'], 'inspected'), notrack),
        rule(notInSet(['iifname', 'ip saddr', 'ip daddr', 'tcp dport'], 'inspected'), leave),
        rule(is('socket transparent', 1), is('socket wildcard', 0), goTo('inspector/0')),
      ],
    },
    {
      name: 'forward',
      hook: { hook: 'forward', priority: 0, policy: 'drop' },
      rules: [
        rule(is('ct state', 'invalid'), drop),
        rule(is('tcp flags', 'rst'), accept),
        rule(is('icmp type', ['echo-request', 'destination-unreachable']), accept),
        rule(
          is('ct direction', 'original'),
          vmap(['ip saddr', 'ip daddr', 'l4proto', 'th dport'], 'flows/supervisory/process'),
        ),
      ],
    },
    {
      name: 'output',
      hook: { hook: 'output', priority: 0, policy: 'drop' },
      rules: [rule(inSet(['skuid'], 'barred'), is('ct state', 'new'), drop)],
    },
    {
      name: 'admit',
      hook: undefined,
      rules: [
        rule(markFrom(['nfproto', 'ip saddr'], 'numbers'), stampMark),
        rule(is('ct state', 'related'), recallMark),
        rule(meter('packets/1', ['mark'], { perSecond: 50, burst: 50, forget: 0 }), drop),
        rule(meter('new_by/1', ['mark', 'ip saddr'], { perSecond: 5, burst: 5, forget: 60 }), drop),
        rule(meter('open_by/1', ['mark', 'ip saddr'], { connections: 4 }), drop),
      ],
    },
  ],
};
