import { expect, test } from 'vitest';
import { batchText, renderReplace } from '../../../rules/nft/render.ts';
import { findForeignJson } from '../../../rules/nft/schema.ts';
import { describeBatch } from '../../../rules/nft/text.ts';
import { sampleRuleset } from './sample-ruleset.ts';

test('a ruleset replaces the table in one transaction', () => {
  const { nftables } = renderReplace(sampleRuleset);
  const table = { table: { family: 'inet', name: 'penstock' } };
  expect(nftables.slice(0, 3)).toEqual([{ add: table }, { delete: table }, { add: table }]);
});

test('what is referred to stands before what refers to it', () => {
  const kinds = renderReplace(sampleRuleset)
    .nftables.slice(3)
    .map((command) => Object.keys('add' in command ? command.add : {})[0]);
  const order = ['counter', 'chain', 'set', 'map', 'element', 'rule'];
  expect(kinds).toEqual([...kinds].sort((one, other) => order.indexOf(one!) - order.indexOf(other!)));
});

test('the same tree gives the same bytes', () => {
  const again = renderReplace(structuredClone(sampleRuleset));
  expect(batchText(again)).toBe(batchText(renderReplace(sampleRuleset)));
});

test('what is rendered is of the form the schema takes', () => {
  expect(findForeignJson(renderReplace(sampleRuleset))).toBeUndefined();
});

test('a ruleset without elements asks for none to be added', () => {
  const bare = {
    ...sampleRuleset,
    sets: sampleRuleset.sets.map((set) => ({ ...set, elements: [] })),
    maps: sampleRuleset.maps.map((map) => ({ ...map, elements: [] })),
  };
  expect(batchText(renderReplace(bare))).not.toContain('"element"');
});

test('every node of the tree has a readable form', () => {
  expect(describeBatch(renderReplace(sampleRuleset)).split('\n')).toEqual([
    'counter no-flow',
    '',
    'set inspected { type ifname . ipv4_addr . ipv4_addr . inet_service; flags interval }',
    '  sup0 . 10.20.0.10 . 10.30.0.0/28 . 502 : comment C-05/F-01',
    '',
    'set alive { type mark; flags timeout }',
    '',
    'set barred { type uid }',
    '  998',
    '',
    'set mac_known { type ipv4_addr . ether_addr }',
    '  10.20.0.10 . 02:00:5e:10:20:10 : comment scada-1',
    '',
    'set wide6 { type ipv6_addr }',
    '',
    'map flows/supervisory/process { type ipv4_addr . ipv4_addr . inet_proto . inet_service : verdict; flags interval; counter }',
    '  10.20.0.10 . 10.30.0.11 . tcp . 443-444 : comment C-05/F-02 : accept',
    '  10.20.0.0/24 . 10.30.0.12 . udp . 514 : goto gate/7',
    '',
    'map numbers { type nf_proto . ipv4_addr : mark }',
    '  ipv4 . 10.20.0.10 : comment C-05/F-02 : 5',
    '  ipv4 . 10.20.0.11 : 16777216',
    '',
    'chain gate/7',
    '  meta mark set 7',
    '  meta mark @alive counter accept comment C-06/F-01',
    '  counter name no-flow limit rate 20/second burst 40 log group 5 prefix "pst no-flow supervisory>process" queue-threshold 16 snaplen 128 reject expr "admin-prohibited" type "icmpx"',
    '  meta l4proto tcp reject type "tcp reset"',
    '  drop',
    '',
    'chain inspector/0',
    '  meta l4proto tcp tproxy addr "127.0.0.1" family "ip" port 15502 meta mark set 1 accept',
    '',
    'chain mac',
    '  ip saddr . ether saddr @mac_known return',
    '  drop',
    '',
    'chain divert { hook prerouting priority -300; policy accept }',
    '  meta iifname != lo jump mac',
    '  meta iifname . ip saddr . ip daddr . tcp dport @inspected notrack',
    '  meta iifname . ip saddr . ip daddr . tcp dport != @inspected return',
    '  socket transparent 1 socket wildcard 0 goto inspector/0',
    '',
    'chain forward { hook forward priority 0; policy drop }',
    '  ct state in invalid drop',
    '  tcp flags in rst accept',
    '  icmp type { destination-unreachable, echo-request } accept',
    '  ct direction original ip saddr . ip daddr . meta l4proto . th dport vmap @flows/supervisory/process',
    '',
    'chain output { hook output priority 0; policy drop }',
    '  meta skuid @barred ct state in new drop',
    '',
    'chain admit',
    '  meta mark set meta nfproto . ip saddr map @numbers ct mark set meta mark',
    '  ct state in related meta mark set ct mark',
    '  meter packets/1 size 65535 { meta mark limit rate over 50/second burst 50 } drop',
    '  meter new_by/1 size 65535 { meta mark . ip saddr timeout 60s limit rate over 5/second burst 5 } drop',
    '  meter open_by/1 size 65535 { meta mark . ip saddr ct count over 4 } drop',
    '',
  ]);
});
