import { describe, expect, test } from 'vitest';
import { renderReplace } from '../../../rules/nft/render.ts';
import type { Chain, Rule, Ruleset } from '../../../rules/nft/ruleset.ts';
import {
  accept,
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
import { walk } from '../../../rules/nft/walk.ts';
import { firstPacket, type Packet } from '../../../rules/nft/walk-packet.ts';
import { readTable } from '../../../rules/nft/walk-table.ts';

const ping = firstPacket({
  iifname: 'a0',
  oifname: 'b0',
  source: '10.1.0.10',
  destination: '10.2.0.30',
  protocol: 'tcp',
  sourcePort: 40_000,
  destinationPort: 502,
});

describe('a packet', () => {
  test.for<[string, readonly Rule[], readonly Chain[], 'accepted' | 'refused']>([
    ['comes to the policy where no rule decides', [rule(count('seen'))], [], 'refused'],
    ['goes by the first rule that decides', [rule(drop), rule(accept)], [], 'refused'],
    ['passes over a rule whose match fails', [rule(is('th dport', 503), drop), rule(accept)], [], 'accepted'],
    [
      'stops a rule at the match that fails',
      [rule(is('th dport', 503), setMark(9)), rule(is('mark', 0), accept)],
      [],
      'accepted',
    ],
    [
      'comes back from a chain it jumped to',
      [rule(jump('one')), rule(accept)],
      [chain('one', rule(leave), rule(drop))],
      'accepted',
    ],
    [
      'does not come back from one it went to',
      [rule(goTo('one')), rule(accept)],
      [chain('one', rule(leave))],
      'refused',
    ],
    [
      'comes back behind the jump from where that led on',
      [rule(jump('one')), rule(accept)],
      [chain('one', rule(goTo('two')), rule(drop)), chain('two', rule(count('seen')))],
      'accepted',
    ],
    [
      'is told apart by a list',
      [rule(is('th dport', 503), drop), rule(is('ct state', 'new'), accept)],
      [],
      'accepted',
    ],
    [
      'has no address of the other family',
      [rule(is('ip6 saddr', 'fd00::1'), accept), rule(isNot('ip6 saddr', 'fd00::1'), accept)],
      [],
      'refused',
    ],
    ['has no port of the other protocol', [rule(isNot('udp dport', 1), accept)], [], 'refused'],
    ['has no user where the box does not send it', [rule(isNot('skuid', 0), accept)], [], 'refused'],
    ['is below every limit', [rule(limit(1, 1), log('pst no-flow'), accept)], [], 'accepted'],
    [
      'is below every meter',
      [rule(meter('m', ['ip saddr'], { connections: 1 }), drop), rule(accept)],
      [],
      'accepted',
    ],
    ['is refused with an answer as without', [rule(reject('tcp reset'))], [], 'refused'],
    ['is found in a range', [rule(inSet(['ip saddr', 'th dport'], 'wide'), accept)], [], 'accepted'],
    ['is not found outside', [rule(notInSet(['ip daddr', 'th dport'], 'wide'), accept)], [], 'accepted'],
    [
      'has the verdict of a map',
      [rule(vmap(['iifname', 'oifname'], 'wires')), rule(drop)],
      [chain('wired', rule(accept))],
      'accepted',
    ],
    [
      'goes on where a map has nothing',
      [rule(vmap(['oifname', 'iifname'], 'wires')), rule(accept)],
      [chain('wired')],
      'accepted',
    ],
    [
      'takes its mark from a map',
      [rule(markFrom(['th dport'], 'marks')), rule(is('mark', 7), accept)],
      [],
      'accepted',
    ],
    [
      'stamps its connection and is known by it',
      [rule(setMark(5), stampMark, setMark(0), recallMark), rule(is('mark', 5), accept)],
      [],
      'accepted',
    ],
  ])('%s', ([, rules, chains, verdict]) => {
    expect(walk(tableOf(rules, chains), ping).verdict).toBe(verdict);
  });

  test('says by which element and counter it went', () => {
    const table = tableOf(
      [rule(vmap(['iifname', 'oifname'], 'wires'))],
      [chain('wired', rule(count('no-flow')), rule(drop))],
    );
    expect(walk(table, ping)).toEqual({
      verdict: 'refused',
      chain: 'wired',
      counter: 'no-flow',
      comment: 'C-01/F-01',
      mark: 0,
    });
  });

  test('that is not tracked has no direction', () => {
    const rules = [rule(is('ct direction', 'original'), drop), rule(is('ct state', 'untracked'), accept)];
    expect(walk(tableOf(rules, [base('raw', 'prerouting', -300, rule(notrack))]), ping).verdict).toBe(
      'accepted',
    );
    expect(walk(tableOf(rules, []), ping).verdict).toBe('refused');
  });

  test('is diverted where it is handed to a listener and the input takes it', () => {
    const divert = base(
      'divert',
      'prerouting',
      -150,
      rule(is('l4proto', 'tcp'), tproxy(15502), setMark(1), accept),
    );
    const input = base('input', 'input', 0, rule(is('mark', 1), accept));
    expect(walk(tableOf([rule(drop)], [divert, input]), ping).verdict).toBe('diverted');
    expect(walk(tableOf([rule(accept)], [divert, { ...input, rules: [rule(drop)] }]), ping).verdict).toBe(
      'refused',
    );
  });

  test('passes the chains of a hook by their priority, and one refusal is enough', () => {
    const first = base('first', 'prerouting', -10, rule(accept));
    const second = base('second', 'prerouting', 10, rule(is('iifname', 'a0'), drop));
    expect(walk(tableOf([rule(accept)], [second, first]), ping).verdict).toBe('refused');
  });

  test('of the box itself passes the output alone, and one for it the input', () => {
    const output = base('output', 'output', 0, rule(is('skuid', 0), accept));
    const input = base('input', 'input', 0, rule(is('th dport', 502), accept));
    const table = tableOf([rule(drop)], [output, input]);
    const own: Packet = { ...ping, iifname: '', uid: 0 };
    expect(walk(table, own).verdict).toBe('accepted');
    expect(walk(table, { ...own, uid: 5 }).verdict).toBe('refused');
    expect(walk(table, { ...ping, oifname: '' }).verdict).toBe('accepted');
  });
});

describe('a table', () => {
  test('is read with what was put into it and taken out of it later', () => {
    const batch = renderReplace(rulesetOf([rule(inSet(['ip saddr', 'th dport'], 'wide'), accept)], []));
    const key = { concat: [{ range: ['10.1.0.0', '10.1.0.255'] }, { range: [500, 510] }] };
    const inTable = { family: 'inet', table: 'penstock', name: 'wide' };
    const removed = { nftables: [{ delete: { element: { ...inTable, elem: [key] } } }] };
    expect(walk(readTable(batch), ping).verdict).toBe('accepted');
    expect(walk(readTable(batch, removed), ping).verdict).toBe('refused');
    expect(walk(readTable(batch, { nftables: [{ flush: { set: inTable } }] }), ping).verdict).toBe('refused');
  });

  test.for<[string, object]>([
    ['statement', { dup: { addr: '10.0.0.1' } }],
    ['statement', { queue: null }],
    ['key', { match: { op: '==', left: { meta: { key: 'cpu' } }, right: 1 } }],
    ['field', { match: { op: '==', left: { payload: { protocol: 'ip', field: 'ttl' } }, right: 1 } }],
    ['expression', { match: { op: '==', left: { fib: { result: 'type' } }, right: 'local' } }],
    ['comparison', { match: { op: '>', left: { meta: { key: 'mark' } }, right: 1 } }],
    ['set', { match: { op: '==', left: { meta: { key: 'mark' } }, right: '@nowhere' } }],
    ['verdict', { goto: { target: 'nowhere' } }],
  ])('with an unknown %s proves nothing: %j', ([, statement]) => {
    const chains = {
      add: { rule: { family: 'inet', table: 'penstock', chain: 'forward', expr: [statement] } },
    };
    const table = readTable(renderReplace(rulesetOf([], [])), { nftables: [chains] });
    expect(() => walk(table, ping)).toThrow(/the walker knows no such/);
  });
});

function tableOf(rules: readonly Rule[], chains: readonly Chain[]) {
  return readTable(renderReplace(rulesetOf(rules, chains)));
}

function rulesetOf(rules: readonly Rule[], chains: readonly Chain[]): Ruleset {
  const wired = chains.some(({ name }) => name === 'wired') ? [] : [chain('wired')];
  return {
    counters: ['seen', 'no-flow'],
    sets: [
      {
        name: 'wide',
        type: ['ipv4_addr', 'inet_service'],
        flags: ['interval'],
        counted: false,
        elements: [
          {
            key: [
              { first: '10.1.0.0', last: '10.1.0.255' },
              { first: 500, last: 510 },
            ],
            comment: '',
          },
        ],
      },
    ],
    maps: [
      {
        name: 'wires',
        type: ['ifname', 'ifname'],
        flags: [],
        counted: false,
        elements: [{ key: ['a0', 'b0'], comment: 'C-01/F-01', verdict: { kind: 'goto', chain: 'wired' } }],
      },
      {
        name: 'marks',
        data: 'mark',
        type: ['inet_service'],
        flags: [],
        counted: false,
        elements: [{ key: [502], comment: '', mark: 7 }],
      },
    ],
    chains: [...chains, ...wired, base('forward', 'forward', 0, ...rules)],
  };
}

function chain(name: string, ...rules: readonly Rule[]): Chain {
  return { name, hook: undefined, rules };
}

function base(
  name: string,
  hook: NonNullable<Chain['hook']>['hook'],
  priority: number,
  ...rules: readonly Rule[]
): Chain {
  return {
    name,
    hook: { hook, priority, policy: hook === 'prerouting' ? 'accept' : 'drop' },
    rules,
  };
}
