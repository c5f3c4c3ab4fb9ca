import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Composed, composeDocument } from '../../../policy/model/inline-maps.ts';

/** Lines that are read ahead, lines that look so, and what may stand around them. */
const lines = [
  'a: {ip: 10.0.0.1, criticality: high}',
  'b: {src: a0-0, dst: [a1-0, b], port: 502}',
  'b: {n: null, t: True, e: 1e3, h: 0x1F, o: 0o7, z: 007}',
  'c: {v: 1.50, w: 1., d: 2026-01-01, y: yes, l: [1, 0b1, x]}',
  'true: {1: 2}',
  'd: {a: 1, a: 2}',
  'e: {a: "b"} # said',
  'e: {a: b}',
  'f: {a: {b: c}}',
  'g: {}',
  'h: &x {a: b}',
  'i: *x',
  'j: !!str {a: b}',
  '- {a: b}',
  '- a: {a: b}',
  '  k: {a: b}',
  '  m: {a: b}\r',
  '    n: [1, {a: b}]',
  '? o: {a: b}',
  ': p: {a: b}',
  'q: |',
  'q: >-',
  'r: "text',
  '  text"',
  "s: 'text",
  "  text'",
  't: text',
  'u:',
  'v: {',
  '  w: {a: b}',
  '}',
  'x: [',
  ']',
  ',',
  '# y: {a: b}',
  '%YAML 1.1',
  '%YAML 1.1\n---\nc: {a: yes, b: 010}',
  'h: &x\n  k: {a: b}\ni: *x\nj: *x',
  '---',
  '...',
  '',
  '\u2028z: {a: b}',
  'z: {a: b}\u2028',
  'z: {a: b}\r}',
];

test('a document says the same whether or not its inline mappings are read ahead', () => {
  const line = fc
    .tuple(fc.constantFrom('', '  ', '    '), fc.constantFrom(...lines))
    .map((parts) => parts.join(''));
  const text = fc.array(line, { maxLength: 7 }).map((all) => all.join('\n'));
  fc.assert(
    fc.property(text, (each) => {
      expect(describe(each, composeDocument(each))).toEqual(describe(each));
    }),
    { numRuns: 1000 },
  );
});

test.for(lines)('%j says the same by itself', (line) => {
  expect(describe(line, composeDocument(line))).toEqual(describe(line));
});

test('an inline mapping is where it stands', () => {
  const { document } = composeDocument('zones:\n  a: {ip: [10.0.0.1, x], port: 502}');
  expect(wordsOf(document.contents).join(' ')).toBe(
    '0 0 zones= 9 9 a= 12 13 ip= 17 18=10.0.0.1 28=x 32 port= 38=502',
  );
});

function describe(text: string, composed = plain(text)): unknown {
  const { document, lines: counter } = composed;
  return {
    problems: [...document.errors, ...document.warnings].map(({ code, pos, message }) => ({
      code,
      pos,
      message,
    })),
    version: document.directives?.yaml,
    lines: counter.lineStarts,
    words: document.errors.length > 0 ? [] : wordsOf(document.contents),
  };
}

function plain(text: string): Composed {
  const counter = new LineCounter();
  const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false } as const;
  return {
    document: parseDocument(text, { ...options, prettyErrors: false, lineCounter: counter }),
    lines: counter,
  };
}

/** All that the reader looks at: where it is, and what it says. */
function wordsOf(node: unknown): string[] {
  if (isMap(node)) {
    const pairs = node.items.flatMap(({ key, value }) => [
      ...wordsOf(key).map((word) => (isScalar(key) ? `${key.range?.[0]} ${key.source}=` : word)),
      ...wordsOf(value),
    ]);
    return [`${node.range?.[0]}`, ...pairs];
  }
  if (isSeq(node)) return [`${node.range?.[0]}`, ...node.items.flatMap(wordsOf)];
  if (isAlias(node)) return [`${node.range?.[0]}*${node.source}`];
  return isScalar(node) ? [`${node.range?.[0]}=${String(node.value)}${node.anchor ?? ''}`] : ['nothing'];
}
