import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLogPrefix, parseLogPrefix } from '../../../rules/nft/log-prefix.ts';
import { renderReplace } from '../../../rules/nft/render.ts';
import type { Ruleset } from '../../../rules/nft/ruleset.ts';
import { accept, accepted, goTo, inSet, is, jump, log, rule, vmap } from '../../../rules/nft/statements.ts';

/** Names come from a file that a person wrote, and end in a language with quotes, braces and semicolons. */
const hostile = [
  '',
  ' ',
  'a b',
  'a"; accept; #',
  "a'b",
  'a}b',
  'a;b',
  'a\nb',
  'a\u0000b',
  'a\\b',
  'a*',
  '*',
  '@inspected',
  '$x',
  '-a',
  '/a',
  '.',
  'ä',
  'a\u202eb',
  '\ud800',
  'a'.repeat(64),
  'a'.repeat(100_000),
];

const places: readonly [string, (name: string) => Partial<Ruleset>][] = [
  ['a counter', (name) => ({ counters: [name] })],
  ['a chain', (name) => ({ chains: [chain(name)] })],
  ['a set', (name) => ({ sets: [set({ name })] })],
  ['a map', (name) => ({ maps: [{ ...set({ name }), elements: [] }] })],
  ['a chain that is gone to', (name) => ({ chains: [chain('x', rule(goTo(name)))] })],
  ['a chain that is jumped to', (name) => ({ chains: [chain('x', rule(jump(name)))] })],
  ['a set that is looked up', (name) => ({ chains: [chain('x', rule(inSet(['mark'], name), accept))] })],
  ['a map that is looked up', (name) => ({ chains: [chain('x', rule(vmap(['mark'], name)))] })],
  ['a device', (name) => ({ sets: [set({ type: ['ifname'], elements: [{ key: [name], comment: '' }] })] })],
  [
    'a device among other fields',
    (name) => ({
      sets: [set({ type: ['ifname', 'ifname'], elements: [{ key: ['lo', name], comment: '' }] })],
    }),
  ],
  [
    'a verdict of an element',
    (name) => ({
      maps: [{ ...set({}), elements: [{ key: [1], comment: '', verdict: { kind: 'goto', chain: name } }] }],
    }),
  ],
  ['a matched device', (name) => ({ chains: [chain('x', rule(is('iifname', name), accept))] })],
];

test.for(places)('a hostile name of %s is never rendered', ([, place]) => {
  for (const name of hostile) {
    expect(() => renderReplace(ruleset(place(name))), JSON.stringify(name.slice(0, 40))).toThrow(
      /cannot be rendered/,
    );
  }
});

test.for<[string, (text: string) => Partial<Ruleset>]>([
  [
    'comment of an element',
    (comment) => ({ maps: [{ ...set({}), elements: [{ key: [1], comment, verdict: accepted }] }] }),
  ],
  [
    'comment of a rule',
    (comment) => ({ chains: [{ name: 'x', hook: undefined, rules: [{ statements: [accept], comment }] }] }),
  ],
])('a hostile %s is never rendered', ([, place]) => {
  for (const text of hostile.filter((text) => !/^[A-Za-z0-9 ._,:/>-]{0,120}$/.test(text))) {
    expect(() => renderReplace(ruleset(place(text)))).toThrow(/cannot be rendered/);
  }
});

test('a log prefix is rendered only when libnftables 1.0.6 survives it', () => {
  expect(() => renderReplace(ruleset({ chains: [chain('x', rule(log('a'.repeat(64))))] }))).toThrow();
  const longest = formatLogPrefix({
    reason: 'no-flow',
    where: 'a'.repeat(200),
    verdict: 'would-refuse',
  });
  expect(longest.length).toBe(63);
  renderReplace(ruleset({ chains: [chain('x', rule(log(longest)))] }));
});

test('a number where libnftables would take another thing is never rendered', () => {
  for (const value of [-1, 1.5, Number.NaN, 2 ** 32, Number.POSITIVE_INFINITY]) {
    const elements = [{ key: [value], comment: '' }];
    expect(() => renderReplace(ruleset({ sets: [set({ elements })] }))).toThrow(/cannot be rendered/);
  }
});

test('any text that is rendered stays within the alphabet', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (name) => {
      let text: string;
      try {
        text = JSON.stringify(renderReplace(ruleset({ chains: [chain(name)] })));
      } catch {
        return;
      }
      expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_./-]{0,62}$/);
      expect(text).toContain(name);
    }),
  );
});

test('a log prefix says the reason and the place, and a foreign one says nothing', () => {
  const label = { reason: 'no-flow', where: 'supervisory>process', verdict: 'refuse' } as const;
  expect(formatLogPrefix(label)).toBe('pst no-flow supervisory>process');
  expect(parseLogPrefix('pst no-flow supervisory>process')).toEqual(label);
  expect(parseLogPrefix('pst no-conduit')).toEqual({ ...label, reason: 'no-conduit', where: '' });
  const passed = { ...label, verdict: 'would-refuse' } as const;
  expect(parseLogPrefix(formatLogPrefix(passed))).toEqual(passed);
  for (const foreign of ['', 'pst', 'pst ', 'pst toString', 'pst everything', 'IN-DROP no-flow']) {
    expect(parseLogPrefix(foreign), foreign).toBeUndefined();
  }
});

function ruleset(part: Partial<Ruleset>): Ruleset {
  return { counters: [], sets: [], maps: [], chains: [], ...part };
}

function chain(name: string, ...rules: Ruleset['chains'][number]['rules']): Ruleset['chains'][number] {
  return { name, hook: undefined, rules };
}

function set(part: Partial<Ruleset['sets'][number]>): Ruleset['sets'][number] {
  return { name: 'x', type: ['mark'], flags: [], counted: false, elements: [], ...part };
}
