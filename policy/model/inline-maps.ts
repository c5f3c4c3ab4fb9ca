import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Pair,
  parseDocument,
  Scalar,
  YAMLMap,
  YAMLSeq,
} from 'yaml';

/** A YAML document, and what tells the line of an offset in it. */
export interface Composed {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * What `parseDocument` makes of a text, sooner. Nearly all of a large model are lines like
 * `PLC-1: {ip: 10.30.0.11, criticality: high}`, and the parser spends a dozen tokens on each. Such mappings of plain
 * words are hidden from it in quotes of their own length, so that everything stays where it is, and are filled in
 * afterwards. It alone decides whether a mapping stands there at all: where one of them turns out to be something
 * else, or anything is wrong with the text, all of it is parsed as it is.
 */
export function composeDocument(text: string): Composed {
  const hidden = new Map<number, YAMLMap>();
  const cover = (line: string, before: string, map: string, offset: number): string => {
    const start = offset + before.length;
    const read = readMap(map, start);
    if (read === undefined) return line;
    hidden.set(start, read);
    return `${before}"${'-'.repeat(map.length - 2)}"`;
  };
  const composed = compose(text.replace(MapLine, cover));
  const { document } = composed;
  const isWhole = document.errors.length === 0 && document.warnings.length === 0;
  return isWhole && uncover(document.contents, hidden) === hidden.size ? composed : compose(text);
}

function compose(text: string): Composed {
  const lines = new LineCounter();
  const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false } as const;
  return { document: parseDocument(text, { ...options, prettyErrors: false, lineCounter: lines }), lines };
}

const Key = String.raw`\w[\w.-]{0,99}`;
const Word = String.raw`[a-zA-Z0-9][\w./-]{0,99}`;
const Value = String.raw`${Word}|\[${Word}(?:, ${Word})*\]`;
const MapLine = new RegExp(
  String.raw`^( *${Key}: )(\{${Key}: (?:${Value})(?:, ${Key}: (?:${Value}))*\})$`,
  'gm',
);
const Entry = new RegExp(`(${Key}): (${Value})`, 'g');

/** Puts the mappings back where the parser saw quoted text; how many of them. */
function uncover(node: unknown, hidden: ReadonlyMap<number, YAMLMap>): number {
  let found = 0;
  const uncovered = (value: unknown): unknown => {
    const map =
      isScalar(value) && value.type === 'QUOTE_DOUBLE' ? hidden.get(value.range?.[0] ?? -1) : undefined;
    found += map === undefined ? uncover(value, hidden) : 1;
    return map ?? value;
  };
  if (isMap(node)) for (const pair of node.items) pair.value = uncovered(pair.value);
  else if (isSeq(node)) node.items = node.items.map(uncovered);
  return found;
}

/** Undefined where a word stands for something that the parser had better read. */
function readMap(source: string, start: number): YAMLMap | undefined {
  const map = placed(new YAMLMap(), start, source);
  for (const { 1: key = '', 2: value = '', index } of source.matchAll(Entry)) {
    const valueStart = start + index + key.length + 2;
    const node = value.startsWith('[') ? readList(value, valueStart) : readWord(value, valueStart);
    if (node === undefined) return undefined;
    map.items.push(new Pair(textAt(key, start + index), node));
  }
  return map;
}

function readList(source: string, start: number): YAMLSeq | undefined {
  const list = placed(new YAMLSeq(), start, source);
  let next = start + 1;
  for (const word of source.slice(1, -1).split(', ')) {
    const node = readWord(word, next);
    if (node === undefined) return undefined;
    list.items.push(node);
    next += word.length + 2;
  }
  return list;
}

/** A word or a whole number; not what else the core schema knows (YAML 1.2.2 §10.3.2), such as `1e3` and `null`. */
function readWord(word: string, start: number): Scalar | undefined {
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(word)) return placed(new Scalar(Number(word)), start, word);
  const isText = Number.isNaN(Number(word)) && !/^(?:null|true|false)$/i.test(word);
  return isText ? textAt(word, start) : undefined;
}

function textAt(word: string, start: number): Scalar {
  const scalar = placed(new Scalar(word), start, word);
  scalar.source = word;
  return scalar;
}

function placed<T extends Scalar | YAMLMap | YAMLSeq>(node: T, start: number, source: string): T {
  const end = start + source.length;
  node.range = [start, end, end];
  return node;
}
