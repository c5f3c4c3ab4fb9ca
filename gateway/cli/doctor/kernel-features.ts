import type { Chain, Rule, Ruleset } from '../../../rules/nft/ruleset.ts';
import {
  accept,
  accepted,
  drop,
  inSet,
  is,
  limit,
  log,
  markFrom,
  meter,
  notrack,
  reject,
  setMark,
  stampMark,
  tproxy,
  vmap,
} from '../../../rules/nft/statements.ts';

/** One ability of the kernel's nftables that the kernel back end uses, as the smallest ruleset that needs it. */
export interface KernelFeature {
  readonly code: string;
  readonly what: string;
  readonly ruleset: Ruleset;
  /** What cannot be enforced without it. */
  readonly meaning: string;
  /** Module that brings it. */
  readonly module: string;
}

/** Each ruleset is of the form the gateway itself writes, and goes the same way into the kernel. */
export const KernelFeatures: readonly KernelFeature[] = [
  {
    code: 'nft-default-drop',
    what: 'Default drop in an inet table',
    ruleset: chains(base('forward', 0, 'drop')),
    meaning: 'There is nothing to enforce with.',
    module: 'nf_tables',
  },
  {
    code: 'nft-verdict-map',
    what: 'Verdict map with ranges and counters',
    ruleset: {
      ...empty(),
      maps: [
        {
          name: 'flows',
          type: ['ipv4_addr', 'ipv4_addr', 'inet_proto', 'inet_service'],
          flags: ['interval'],
          counted: true,
          elements: [
            {
              key: [
                { first: '192.0.2.0', last: '192.0.2.255' },
                '198.51.100.7',
                'tcp',
                { first: 20000, last: 20010 },
              ],
              comment: 'C-01/F-01',
              verdict: accepted,
            },
          ],
        },
      ],
      chains: [
        base('forward', 0, 'drop', {
          statements: [vmap(['ip saddr', 'ip daddr', 'l4proto', 'th dport'], 'flows')],
          comment: '',
        }),
      ],
    },
    meaning:
      'Flows cannot be looked up at a cost that does not grow with the policy, nor counted one by one.',
    module: 'nf_tables',
  },
  {
    code: 'nft-mark-map',
    what: 'Marks from maps, kept with the connection',
    ruleset: {
      ...empty(),
      maps: [
        {
          name: 'flows',
          type: ['ipv4_addr', 'ipv4_addr', 'inet_proto', 'inet_service'],
          flags: [],
          counted: false,
          data: 'mark',
          elements: [{ key: ['192.0.2.1', '198.51.100.7', 'tcp', 502], comment: 'C-01/F-01', mark: 1 }],
        },
      ],
      chains: [
        base('forward', 0, 'drop', {
          statements: [markFrom(['ip saddr', 'ip daddr', 'l4proto', 'th dport'], 'flows'), stampMark],
          comment: '',
        }),
      ],
    },
    meaning: 'A packet cannot be told the flow it belongs to, so none passes.',
    module: 'nf_tables',
  },
  {
    code: 'nft-meter',
    what: 'Limits kept apart by flow and source',
    ruleset: chains(
      base(
        'forward',
        0,
        'drop',
        {
          statements: [meter('rate', ['mark', 'ip saddr'], { perSecond: 5, burst: 5, forget: 60 }), drop],
          comment: '',
        },
        { statements: [meter('open', ['mark', 'ip saddr'], { connections: 4 }), drop], comment: '' },
      ),
    ),
    meaning: 'Flows with limits cannot be enforced, and a policy that has any is refused.',
    module: 'nft_connlimit',
  },
  {
    code: 'nft-timeout',
    what: 'Set elements that end by themselves',
    ruleset: {
      ...empty(),
      sets: [{ name: 'alive', type: ['mark'], flags: ['timeout'], counted: false, elements: [] }],
      chains: [base('forward', 0, 'drop', { statements: [inSet(['mark'], 'alive'), accept], comment: '' })],
    },
    meaning: 'A permission with an end would need a living process to end it.',
    module: 'nf_tables',
  },
  {
    code: 'nft-user',
    what: 'Output rules by user',
    ruleset: {
      ...empty(),
      sets: [{ name: 'barred', type: ['uid'], flags: [], counted: false, elements: [] }],
      chains: [base('output', 0, 'drop', { statements: [inSet(['skuid'], 'barred'), drop], comment: '' })],
    },
    meaning: 'The users of front and inspectors cannot be barred from opening connections into a zone.',
    module: 'nf_tables',
  },
  {
    code: 'nft-tproxy',
    what: 'Transparent diversion (tproxy)',
    ruleset: chains(
      base('prerouting', -150, 'accept', {
        statements: [is('l4proto', 'tcp'), is('nfproto', 'ipv4'), tproxy(15502), setMark(1), accept],
        comment: '',
      }),
    ),
    meaning: 'Modbus connections cannot be brought to the inspector without the plant noticing.',
    module: 'nft_tproxy',
  },
  {
    code: 'nft-socket',
    what: 'Match on transparent sockets',
    ruleset: chains(
      base('prerouting', -150, 'accept', {
        statements: [is('socket transparent', 1), is('socket wildcard', 0), setMark(1), accept],
        comment: '',
      }),
    ),
    meaning: 'Answers of servers cannot be brought back to the inspector.',
    module: 'nft_socket',
  },
  {
    code: 'nft-notrack',
    what: 'Leaving connection tracking out (notrack)',
    ruleset: chains(base('prerouting', -300, 'accept', { statements: [notrack], comment: '' })),
    meaning: 'A tracked inspected connection would live on as established after the inspector’s death.',
    module: 'nft_ct',
  },
  {
    code: 'nft-conntrack',
    what: 'Connection tracking',
    ruleset: chains(
      base('forward', 0, 'drop', {
        statements: [is('ct state', ['established', 'related']), accept],
        comment: '',
      }),
    ),
    meaning: 'Answers of uninspected flows cannot be told from new connections.',
    module: 'nf_conntrack',
  },
  {
    code: 'nft-log',
    what: 'Log group for drops (NFLOG)',
    ruleset: chains(
      base('forward', 0, 'drop', { statements: [limit(10, 5), log('penstock'), drop], comment: '' }),
    ),
    meaning: 'Drops are counted but nobody learns whose they were.',
    module: 'nfnetlink_log',
  },
  {
    code: 'nft-reject',
    what: 'Refusing with a reset',
    ruleset: chains(
      base('forward', 0, 'drop', { statements: [is('l4proto', 'tcp'), reject('tcp reset')], comment: '' }),
    ),
    meaning: 'Clients of a dead inspector would wait for their time-out.',
    module: 'nft_reject_inet',
  },
  {
    code: 'nft-ether',
    what: 'Source MAC address',
    ruleset: chains(
      base('prerouting', -300, 'accept', {
        statements: [is('ether saddr', '02:00:00:00:00:01'), accept],
        comment: '',
      }),
    ),
    meaning: 'An asset’s address cannot be tied to its network card.',
    module: 'nf_tables',
  },
  {
    code: 'nft-ipv6',
    what: 'IPv6 rules',
    ruleset: chains(
      base('forward', 0, 'drop', { statements: [is('ip6 saddr', '2001:db8::1'), accept], comment: '' }),
    ),
    meaning: 'Modelled IPv6 flows cannot be permitted; all other IPv6 is dropped as ever.',
    module: 'nf_tables',
  },
];

function empty(): Ruleset {
  return { counters: [], sets: [], maps: [], chains: [] };
}

function chains(...list: readonly Chain[]): Ruleset {
  return { ...empty(), chains: list };
}

function base(
  hook: 'prerouting' | 'forward' | 'output',
  priority: number,
  policy: 'accept' | 'drop',
  ...rules: readonly Rule[]
): Chain {
  return { name: hook, hook: { hook, priority, policy }, rules };
}
