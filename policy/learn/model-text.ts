import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** Where lines can be put into the text of a model without touching one that is there. */
export interface ModelText {
  /**
   * The end of the map or list at this path: the number of the line behind which to put it, 0-based count of lines
   * before, and the indentation of its entries. A sentence where nothing can be added.
   */
  readonly endOf: (path: readonly string[]) => Spot | string;
  /** Whether there is something at this path. */
  readonly has: (path: readonly string[]) => boolean;
  /** The text with these lines in it, in the line endings it has. */
  readonly withLines: (insertions: readonly Insertion[]) => string;
  readonly lines: readonly string[];
}

export interface Spot {
  /** Lines of the text that come before. */
  readonly after: number;
  readonly indent: string;
}

export interface Insertion {
  readonly after: number;
  readonly lines: readonly string[];
}

/** The text must be a model that was read without errors. */
export function readModelText(text: string): ModelText {
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false, uniqueKeys: false });
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(ending);
  if (lines.at(-1) === '') lines.pop();

  function endOf(path: readonly string[]): Spot | string {
    const node = nodeAt(document, path);
    const name = path.join('.') || 'The model';
    if (!(isMap(node) || isSeq(node)) || node.items.length === 0)
      return `${name} is no block that lines can be added to.`;
    if (node.flow === true) return `${name} stands in brackets: write it as a block, one entry a line.`;
    const start = startOf(node, text);
    const end = node.items.length === 0 ? undefined : endOfLast(node);
    if (start === undefined || end === undefined) return `${name} has no place for another entry.`;
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    const indent = text.slice(lineStart, start);
    if (!/^ *$/.test(indent))
      return `${name} begins behind something else on its line: begin it on a line of its own.`;
    return { after: lineOf(text, end), indent };
  }

  return {
    endOf,
    has: (path) => nodeAt(document, path) !== undefined,
    withLines: (insertions) => {
      const out: string[] = [];
      for (let line = 0; line <= lines.length; line++) {
        for (const { after, lines: more } of insertions) if (after === line) out.push(...more);
        if (line < lines.length) out.push(lines[line] ?? '');
      }
      return out.join(ending) + ending;
    },
    lines,
  };
}

function nodeAt(document: Document.Parsed, path: readonly string[]): Node | undefined {
  let node: unknown = document.contents;
  for (const key of path) {
    if (!isMap(node)) return undefined;
    node = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)?.value;
  }
  return isMap(node) || isSeq(node) || isScalar(node) ? node : undefined;
}

/** Where the first entry begins: its key, or the dash in front of it. */
function startOf(node: YAMLMap | YAMLSeq, text: string): number | undefined {
  const [first] = node.items;
  if (isMap(node)) {
    const key: unknown = node.items[0]?.key;
    return isScalar(key) ? key.range?.[0] : undefined;
  }
  const at = (first as Node | undefined)?.range?.[0];
  if (at === undefined) return undefined;
  const dash = text.lastIndexOf('-', at - 1);
  return dash < 0 ? undefined : dash;
}

/** Behind the last character of the last entry, without comments that follow. */
function endOfLast(node: YAMLMap | YAMLSeq): number | undefined {
  const last: unknown = isMap(node)
    ? (node.items.at(-1)?.value ?? node.items.at(-1)?.key)
    : node.items.at(-1);
  return lastCharacter(last);
}

function lastCharacter(node: unknown): number | undefined {
  if ((isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0) return endOfLast(node);
  return (node as Node | undefined)?.range?.[1];
}

/** How many lines there are up to and with the one that the character before `end` is on. */
function lineOf(text: string, end: number): number {
  let count = 1;
  for (let at = 0; at < end - 1; at++) if (text[at] === '\n') count++;
  return count;
}
