import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFinding } from '../../../policy/finding.ts';
import { readModel } from '../../../policy/model/read-model.ts';

const minimal = readFileSync(new URL('../../golden/lint/ok/minimal.yaml', import.meta.url), 'utf8');

/** Nine levels of nine aliases: four hundred million nodes when written out. */
const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]']
  .concat(
    [...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`)}]`),
  )
  .join('\n');

test.for([
  { name: 'a hundred thousand brackets', text: '['.repeat(100_000) },
  { name: 'nested flow maps', text: '{a: '.repeat(20_000) },
  { name: 'nested block lists', text: `${'- '.repeat(50_000)}a` },
  {
    name: 'nested block maps',
    text: Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  },
  { name: 'nested keys', text: `${'? '.repeat(20_000)}a` },
  { name: 'aliases that expand without end', text: laughs },
  {
    name: 'expanding aliases in a real place',
    text: minimal.replace('purpose: polling', `purpose: polling\n    x: &x [1]\n    y: *x`),
  },
  { name: 'an alias of what contains it', text: 'zones: &z\n  a: *z' },
  { name: 'control characters', text: 'a: \u0000\u001b[31m' },
  { name: 'a lone surrogate', text: 'kind: "\ud800"' },
  { name: 'a document of 17 MB', text: ' '.repeat(17 * 1024 * 1024) },
  { name: 'a key that is a list', text: '[a, b]: c' },
  { name: 'a prototype key', text: minimal.replace('plc:', '__proto__:') },
  { name: 'a byte order mark and nothing', text: '\ufeff' },
])('$name gives findings and no model', ({ text }) => {
  const result = readModel(text, 'a.yaml');
  expect(result.ok).toBe(false);
  expect(result.findings.length).toBeGreaterThan(0);
});

test('no finding carries a control character to the terminal', () => {
  const text = minimal.replace('plc:', '"p\\e[2J\\u202Elc":').replace('kind: control', 'kind: "\\a\\u009b"');
  const lines = readModel(text, 'a.yaml').findings.map(formatFinding);
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatch(/^[\P{C}]+$/u);
});

test('no text of a model turns round the order in which it is shown', () => {
  const text = minimal.replace(/rationale: [^,}\n]*/, 'rationale: "safe \\u202Ekcatta\\u2069"');
  expect(text).not.toBe(minimal);
  expect(readModel(text, 'a.yaml').findings.map(({ code }) => code)).toEqual(['S-006']);
});

test('a finding quotes only the beginning of a long text', () => {
  const text = minimal.replace('kind: control', `kind: ${'x'.repeat(10_000)}`);
  expect(readModel(text, 'a.yaml').findings[0]?.message.length).toBeLessThan(200);
});

test('any text gives a model or findings, never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const { ok, findings } = readModel(text, 'a.yaml');
      expect(ok || findings.length > 0).toBe(true);
    }),
  );
});

test('any one damaged line gives a model or findings at a line of the file', () => {
  const lines = minimal.split('\n');
  const damage = fc.record({
    line: fc.nat(lines.length - 1),
    column: fc.nat(60),
    insert: fc.string({ maxLength: 8 }),
    remove: fc.nat(8),
  });
  fc.assert(
    fc.property(damage, ({ line, column, insert, remove }) => {
      const old = lines[line] ?? '';
      const damaged = old.slice(0, column) + insert + old.slice(column + remove);
      const text = lines.with(line, damaged).join('\n');
      for (const finding of readModel(text, 'a.yaml').findings) {
        expect(finding.line).toBeLessThanOrEqual(text.split('\n').length + 1);
        expect(finding.code).toMatch(/^[A-Z]-\d{3}$/);
        expect(finding.hint).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
});
