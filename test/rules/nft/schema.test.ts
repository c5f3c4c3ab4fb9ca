import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderReplace } from '../../../rules/nft/render.ts';
import { findForeignJson, isNftBatch } from '../../../rules/nft/schema.ts';
import { sampleRuleset } from './sample-ruleset.ts';

type Json = Record<string, unknown>;
const batch = JSON.parse(JSON.stringify(renderReplace(sampleRuleset))) as Json;
const inTable = { family: 'inet', table: 'penstock' };

test('a typo that libnftables would pass over is refused, with its place', () => {
  const chain = { ...inTable, name: 'forward', type: 'filter', hook: 'forward', prio: 0, polcy: 'drop' };
  expect(findForeignJson({ nftables: [{ add: { chain } }] })).toMatch(
    /^command 0 is not of our form: .*polcy/,
  );
});

test('an unknown key is refused at every place of a ruleset', () => {
  const places = objectsOf(batch);
  expect(places.length).toBeGreaterThan(200);
  for (const path of places) {
    const changed = structuredClone(batch);
    at(changed, path)['extra'] = 1;
    expect(isNftBatch(changed), path.join('/')).toBe(false);
  }
});

test('a missing key is refused, but for those that may be left out', () => {
  const optional = new Set(['comment', 'flags', 'stmt']);
  for (const path of objectsOf(batch)) {
    for (const key of Object.keys(at(batch, path))) {
      if (optional.has(key)) continue;
      const changed = structuredClone(batch);
      delete at(changed, path)[key];
      // A base chain without its hook is a chain; the compiler's golden files hold which is which.
      if (isNftBatch(changed)) expect(`${path.join('/')}/${key}`).toMatch(/never/);
    }
  }
});

test.for<[string, unknown]>([
  ['another table', { add: { table: { family: 'inet', name: 'filter' } } }],
  ['another family', { add: { table: { family: 'ip', name: 'penstock' } } }],
  ['a chain of another table', { add: { chain: { family: 'inet', table: 'filter', name: 'x' } } }],
  ['a flush of everything', { flush: { ruleset: null } }],
  ['a flush of the table', { flush: { table: { family: 'inet', name: 'penstock' } } }],
  ['a deleted chain', { delete: { chain: { ...inTable, name: 'forward' } } }],
  ['an inserted rule', { insert: { rule: { ...inTable, chain: 'forward', expr: [{ accept: null }] } } }],
  ['a quota', rule({ quota: { val: 1 } })],
  ['a queue', rule({ queue: { num: 0 } })],
  ['a verdict with a value', rule({ accept: true })],
  ['two verdicts in one', rule({ accept: null, drop: null })],
  ['no statement', { add: { rule: { ...inTable, chain: 'forward', expr: [] } } }],
  ['tproxy to another host', rule({ tproxy: { family: 'ip', addr: '10.0.0.1', port: 15502 } })],
  ['a mark of the connection', rule({ mangle: { key: { ct: { key: 'mark' } }, value: 1 } })],
  ['a prefix of 64 characters', rule(log('a'.repeat(64)))],
  ['a prefix with a newline', rule(log('pst\ninjected'))],
  [
    'a comment of 121 characters',
    { add: { rule: { ...inTable, chain: 'x', comment: 'a'.repeat(121), expr: [{ drop: null }] } } },
  ],
  ['a name of 64 characters', { add: { chain: { ...inTable, name: 'a'.repeat(64) } } }],
  ['a device with a wildcard', { add: { element: { ...inTable, name: 's', elem: ['eth*'] } } }],
  [
    'an element without end',
    { add: { element: { ...inTable, name: 's', elem: [{ elem: { val: 1, timeout: 0 } }] } } },
  ],
  ['a limit of none', rule({ limit: { rate: 0, burst: 1, per: 'second' } })],
  [
    'a set inside a rule that names a set',
    rule({ match: { op: '==', left: { meta: { key: 'mark' } }, right: '@a b' } }),
  ],
  ['an empty command', {}],
  ['no object', 'add table'],
])('%s is refused', ([, command]) => {
  expect(isNftBatch({ nftables: [command] })).toBe(false);
});

test('nothing, and what is no batch, are refused with words', () => {
  for (const value of [undefined, null, 1, 'x', [], {}, { nftables: {} }]) {
    expect(findForeignJson(value)).toBe('it is no list of commands');
  }
  expect(findForeignJson({ ...batch, metainfo: {} })).toBe('it has keys beside the commands');
});

test('no JSON makes the check throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void findForeignJson({ nftables: [value] })));
});

function rule(statement: unknown): unknown {
  return { add: { rule: { ...inTable, chain: 'forward', expr: [statement] } } };
}

function log(prefix: string): unknown {
  return { log: { prefix, group: 5, snaplen: 128, 'queue-threshold': 16 } };
}

/** The path of every object in a value. */
function objectsOf(value: unknown, path: readonly (string | number)[] = []): readonly (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, child]) =>
    objectsOf(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Array.isArray(value) ? [...inner] : [[...path], ...inner];
}

function at(value: Json, path: readonly (string | number)[]): Json {
  return path.reduce<Json>((node, key) => node[key] as Json, value);
}
