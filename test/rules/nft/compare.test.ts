import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareRulesets } from '../../../rules/nft/compare.ts';
import { renderReplace } from '../../../rules/nft/render.ts';
import type { NftBatch, NftElement } from '../../../rules/nft/schema.ts';
import { sampleRuleset } from './sample-ruleset.ts';

/** What nft 1.0.6 listed after it was given the sample ruleset, one object per line. */
const lines = readFileSync(new URL('../../golden/nft/listing-1.0.6.json', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.trim().replace(/,$/, ''))
  .filter((line) => line.startsWith('{"'));
const sent: readonly NftBatch[] = [renderReplace(sampleRuleset)];
const inTable = { family: 'inet', table: 'penstock' } as const;

test('what nft 1.0.6 lists is what was sent', () => {
  expect(compareRulesets(sent, listing(lines))).toEqual([]);
});

test('counts and handles are no difference', () => {
  const busy = lines.map((line) =>
    line.replace(/"(handle|packets|bytes)": \d+/g, (_, key: string) => `"${key}": 4711`),
  );
  expect(busy).not.toEqual(lines);
  expect(compareRulesets(sent, listing(busy))).toEqual([]);
});

test.for<[string, string, string]>([
  [
    'a range for a prefix',
    '{"prefix": {"addr": "10.30.0.0", "len": 28}}',
    '{"range": ["10.30.0.0", "10.30.0.15"]}',
  ],
  ['one flag outside a list', '"flags": ["interval"], "elem": [{', '"flags": "interval", "elem": [{'],
  [
    'a set in another order',
    '["destination-unreachable", "echo-request"]',
    '["echo-request", "destination-unreachable"]',
  ],
])('%s is no difference', ([, written, otherwise]) => {
  const changed = lines.map((line) => line.replace(written, otherwise));
  expect(changed).not.toEqual(lines);
  expect(compareRulesets(sent, listing(changed))).toEqual([]);
});

test.for<[string, RegExp, string, string, string]>([
  // name, first difference, a line that contains this, what in it, becomes
  [
    'a policy that accepts',
    /^chain forward is "type filter, hook forward, prio 0, policy accept"/,
    '"hook": "forward"',
    '"drop"',
    '"accept"',
  ],
  [
    'a chain without its hook',
    /^chain forward is "" instead/,
    '"hook": "forward"',
    ', "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"',
    '',
  ],
  ['another priority', /^chain divert is .*prio 0/, '"name": "divert"', '-300', '0'],
  ['a set without ranges', /^set inspected is/, '"name": "inspected"', '"flags": ["interval"], ', ''],
  ['a map that does not count', /^map flows/, '"map": "verdict"', ', "stmt": [{"counter": null}]', ''],
  ['a wider element', /10.30.0.0\/28 . 502 is missing/, '"name": "inspected"', '"len": 28', '"len": 24'],
  ['an element nobody sent', /^barred: element 0 was not sent/, '"name": "barred"', '[998]', '[998, 0]'],
  ['an element that is gone', /^barred: element 998 is missing/, '"name": "barred"', ', "elem": [998]', ''],
  [
    'an element with another verdict',
    /"accept" instead of "goto gate\/7"/,
    '"map": "verdict"',
    '{"goto": {"target": "gate/7"}}',
    '{"accept": null}',
  ],
  ['an element of another flow', /"comment C-99\/F-01/, '"map": "verdict"', 'C-05/F-02', 'C-99/F-01'],
  ['a rule of another flow', /^gate\/7: rule 2/, '"comment": "C-06/F-01"', 'C-06/F-01', 'C-99/F-01'],
  [
    'a rule that lost a match',
    /^output: rule 1/,
    '@barred',
    '{"match": {"op": "==", "left": {"meta": {"key": "skuid"}}, "right": "@barred"}}, ',
    '',
  ],
  ['a match turned round', /^divert: rule 1/, '"right": "lo"', '"!="', '"=="'],
  ['a bit test made an equality', /^forward: rule 1/, '"right": "invalid"', '"op": "in"', '"op": "=="'],
  ['a key in another order', /^divert: rule 2/, '{"notrack": null}', '"saddr"', '"daddr"'],
  ['another log prefix', /^gate\/7: rule 3/, '"log"', 'supervisory>process', 'process>supervisory'],
  ['a log to another group', /^gate\/7: rule 3/, '"log"', '"group": 5', '"group": 6'],
  ['another limit', /^gate\/7: rule 3/, '"log"', '"rate": 20', '"rate": 2000'],
  ['another answer to the refused', /^gate\/7: rule 4/, 'tcp reset', 'tcp reset', 'icmpx'],
  ['another listener', /^inspector\/0: rule 1/, '"tproxy"', '15502', '15503'],
  ['another mark', /^gate\/7: rule 1/, '"value": 7', '"value": 7', '"value": 8'],
  ['another flow’s number', /^numbers: element ipv4 . 10.20.0.10 is/, '"map": "mark"', '}}, 5]', '}}, 6]'],
  [
    'a map of another kind',
    /^map numbers is .*map verdict/,
    '"map": "mark"',
    '"map": "mark"',
    '"map": "verdict"',
  ],
  ['a mark from another map', /^admit: rule 1/, '@numbers', '@numbers', '@others'],
  [
    'a mark from the packet and not its connection',
    /^admit: rule 2/,
    '"related"',
    '"value": {"ct"',
    '"value": {"meta"',
  ],
  ['a higher ceiling', /^admit: rule 3/, '"packets/1"', '"rate": 50', '"rate": 51'],
  ['a ceiling turned round', /^admit: rule 3/, '"packets/1"', ', "inv": true', ''],
  ['an account that is kept for longer', /^admit: rule 4/, '"new_by/1"', '"timeout": 60', '"timeout": 600'],
  ['more connections', /^admit: rule 5/, '"open_by/1"', '"val": 4', '"val": 5'],
])('%s is a difference', ([, sentence, line, written, otherwise]) => {
  const changed = replaceIn(line, written, otherwise);
  expect(compareRulesets(sent, listing(changed))[0]).toMatch(sentence);
});

test.for<[string, RegExp, string]>([
  ['a chain', /^chain mac is missing/, '"name": "mac"'],
  ['a set', /^set alive is missing/, '"name": "alive"'],
  ['a map', /^map flows\/supervisory\/process is missing/, '"map": "verdict"'],
  ['a counter', /^counter no-flow is missing/, '{"counter": {"family"'],
  ['a rule', /^forward: rule 1 is/, '"right": "invalid"'],
  ['the last rule', /^admit: rule 5 is missing/, '"open_by/1"'],
  ['the table', /^The kernel holds no table/, '{"table": {'],
])('%s that is gone is a difference', ([, sentence, line]) => {
  const rest = lines.filter((one) => !one.includes(line));
  expect(rest.length).toBe(lines.length - 1);
  expect(compareRulesets(sent, listing(rest))[0]).toMatch(sentence);
});

test('a chain and a rule that nobody sent are differences', () => {
  const chain = { chain: { ...inTable, name: 'extra', handle: 1 } };
  const rule = { rule: { ...inTable, chain: 'forward', handle: 9, expr: [{ accept: null }] } };
  const more = [...lines, JSON.stringify(chain), JSON.stringify(rule)];
  expect(compareRulesets(sent, listing(more))).toEqual([
    'chain extra was not sent.',
    'forward: rule 5 was not sent: accept.',
  ]);
});

test('what is no listing is no table', () => {
  for (const value of [undefined, null, {}, { nftables: 1 }, { nftables: [] }, 'x']) {
    expect(compareRulesets(sent, value)).toEqual(['The kernel holds no table inet penstock.']);
  }
});

test('what other tables hold is none of our business', () => {
  const other = { chain: { family: 'inet', table: 'other', name: 'forward', policy: 'accept' } };
  expect(compareRulesets(sent, listing([...lines, JSON.stringify(other)]))).toEqual([]);
});

test('an element that ends by itself may be there or gone, one without end may not be gone', () => {
  const timed = [...sent, alive([{ elem: { val: 7, timeout: 60 } }])];
  expect(compareRulesets(timed, listing(lines))).toEqual([]);
  const flags = '"flags": ["timeout"]';
  const held = replaceIn(
    '"name": "alive"',
    flags,
    `${flags}, "elem": [{"elem": {"val": 7, "timeout": 60, "expires": 59}}]`,
  );
  expect(compareRulesets(timed, listing(held))).toEqual([]);
  expect(compareRulesets([...sent, alive([8])], listing(held))).toEqual([
    'alive: element 8 is missing.',
    'alive: element 7 was not sent.',
  ]);
  expect(compareRulesets([...sent, alive([7])], listing(held))).toHaveLength(1);
});

test('what was flushed, deleted or replaced later is not expected any more', () => {
  const barred = { ...inTable, name: 'barred' };
  const flushed: NftBatch = { nftables: [{ flush: { set: barred } }] };
  const deleted: NftBatch = { nftables: [{ delete: { element: { ...barred, elem: [998] } } }] };
  const difference = ['barred: element 998 was not sent.'];
  expect(compareRulesets([...sent, flushed], listing(lines))).toEqual(difference);
  expect(compareRulesets([...sent, deleted], listing(lines))).toEqual(difference);
  expect(compareRulesets([...sent, flushed, ...sent], listing(lines))).toEqual([]);
});

function listing(objects: readonly string[]): unknown {
  return JSON.parse(`{"nftables": [${objects.join(',')}]}`);
}

/** The listing with one thing changed in the first line that contains a text. */
function replaceIn(line: string, written: string, otherwise: string): readonly string[] {
  const index = lines.findIndex((one) => one.includes(line) && one.includes(written));
  expect(index, `${line} with ${written}`).toBeGreaterThanOrEqual(0);
  return lines.map((one, at) => (at === index ? one.replace(written, otherwise) : one));
}

function alive(elem: NftElement[]): NftBatch {
  const set = { ...inTable, name: 'alive' };
  return { nftables: [{ flush: { set } }, { add: { element: { ...set, elem } } }] };
}
