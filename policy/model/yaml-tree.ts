import { type Document, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Place } from '../finding.ts';
import { composeDocument } from './inline-maps.ts';
import type { Reporter } from './reporter.ts';

/** YAML 1.2 reduced to what a model may be made of, each node with its place. */
export type YamlNode = YamlMap | YamlList | YamlScalar | YamlRefused;

export interface YamlMap {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: readonly YamlEntry[];
}

export interface YamlEntry {
  /** As it stands in the text, so that `140` and `2.10` stay what was written. */
  readonly key: string;
  readonly keyAt: Place;
  readonly value: YamlNode;
}

export interface YamlList {
  readonly kind: 'list';
  readonly at: Place;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: Place;
  readonly value: string | number | boolean | null;
}

/** What could not be read; it has been reported, so nothing more is said about it. */
export interface YamlRefused {
  readonly kind: 'refused';
  readonly at: Place;
}

/**
 * Reads YAML 1.2 text. Reports every syntax error, duplicate key, foreign tag and unbounded or circular
 * alias; undefined when the text is no document at all.
 */
export function parseYaml(text: string, reporter: Reporter): YamlNode | undefined {
  if (text.length > MaxLength) {
    reporter.error(
      'S-001',
      Start,
      'The file is too large to be a zone model.',
      'Split the site into several models.',
    );
    return undefined;
  }
  const { document, lines } = composeDocument(text);
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  reportSyntax(document, place, reporter);
  if (document.errors.length > 0) return undefined;
  return new TreeBuilder(place, reporter).build(document.contents, Start, 0);
}

/** A model of 10 000 assets is about 2 MB. */
const MaxLength = 16 * 1024 * 1024;
const MaxDepth = 40;
/** Nodes that may be reached through aliases, against texts that expand without end. */
const MaxAliased = 20_000;
/** One lost bracket makes a problem of every line after it. */
const MaxSyntaxFindings = 20;
const Start: Place = { line: 1, column: 1 };

function reportSyntax(document: Document.Parsed, place: (offset: number) => Place, reporter: Reporter): void {
  for (const { code, message, pos } of [...document.errors, ...document.warnings].slice(
    0,
    MaxSyntaxFindings,
  )) {
    const at = place(pos[0]);
    if (code === 'MULTIPLE_DOCS') {
      reporter.error(
        'S-001',
        at,
        'A second document begins here.',
        'Keep one model per file: remove the `---` line.',
      );
      continue;
    }
    if (code === 'RESOURCE_EXHAUSTION') {
      reporter.error('S-001', at, 'This is nested too deeply to be read.', 'Remove the nesting.');
      continue;
    }
    const problem = message.replace(/\s+/g, ' ').replace(/\.$/, '');
    const hint = 'Correct the YAML here; check quotes, brackets and indentation above this line.';
    reporter.error('S-001', at, `This is not valid YAML: ${problem}.`, hint);
  }
  const version = document.directives?.yaml;
  if (version?.explicit === true && version.version !== '1.2')
    reporter.error(
      'S-001',
      Start,
      `The file asks for YAML ${version.version}.`,
      'Remove the %YAML line: models are YAML 1.2.',
    );
}

class TreeBuilder {
  readonly #place: (offset: number) => Place;
  readonly #reporter: Reporter;
  readonly #anchors = new Map<string, unknown>();
  readonly #open = new Set<unknown>();
  #insideAlias = 0;
  #aliased = 0;

  constructor(place: (offset: number) => Place, reporter: Reporter) {
    this.#place = place;
    this.#reporter = reporter;
  }

  build(node: unknown, fallback: Place, depth: number): YamlNode {
    const at = this.#placeOf(node, fallback);
    if (this.#insideAlias > 0) this.#aliased++;
    if (depth > MaxDepth) return this.#refuse(at, 'This is nested too deeply.', 'Remove the nesting.');
    if (isAlias(node)) return this.#follow(node.source, at, depth);
    if (isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      this.#open.add(node);
      const built = isMap(node) ? this.#map(node.items, at, depth) : this.#list(node.items, at, depth);
      this.#open.delete(node);
      return built;
    }
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      return this.#scalar(node.value, at);
    }
    return { kind: 'scalar', at, value: null };
  }

  #map(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    at: Place,
    depth: number,
  ): YamlMap {
    const entries: YamlEntry[] = [];
    const lines = new Map<string, number>();
    for (const { key, value } of items) {
      const keyAt = this.#placeOf(key, at);
      const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
      if (name === undefined) {
        this.#refuse(keyAt, 'This key is not a plain name.', 'Write a name, a colon and a value.');
        continue;
      }
      const earlier = lines.get(name);
      if (earlier !== undefined) {
        const message = `${quote(name)} stands here a second time; it is already on line ${earlier}.`;
        this.#reporter.error('S-002', keyAt, message, 'Merge the two or rename one.');
        continue;
      }
      lines.set(name, keyAt.line);
      entries.push({ key: name, keyAt, value: this.build(value, keyAt, depth + 1) });
    }
    return { kind: 'map', at, entries };
  }

  #list(items: readonly unknown[], at: Place, depth: number): YamlList {
    return { kind: 'list', at, items: items.map((item) => this.build(item, at, depth + 1)) };
  }

  #scalar(value: unknown, at: Place): YamlNode {
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    )
      return { kind: 'scalar', at, value };
    return this.#refuse(at, 'This is not text, a number or true or false.', 'Write it in quotes.');
  }

  #follow(anchor: string, at: Place, depth: number): YamlNode {
    const target = this.#anchors.get(anchor);
    if (target === undefined)
      return this.#refuse(at, `No anchor ${quote(anchor)} stands above.`, 'Name one that does.');
    if (this.#open.has(target))
      return this.#refuse(at, `The alias ${quote(anchor)} contains itself.`, 'Write the value out.');
    if (this.#aliased > MaxAliased)
      return this.#refuse(at, 'Aliases here expand to too much.', 'Write the values out.');
    this.#insideAlias++;
    const built = this.build(target, at, depth + 1);
    this.#insideAlias--;
    return built;
  }

  #refuse(at: Place, message: string, hint: string): YamlRefused {
    this.#reporter.error('S-003', at, message, hint);
    return { kind: 'refused', at };
  }

  #placeOf(node: unknown, fallback: Place): Place {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
    return range == null ? fallback : this.#place(range[0]);
  }
}

/** Text of the file as it may stand in a message: quoted, one line, no control characters, not long. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return `\`${short.replace(/[\p{C}\p{Z}`]+/gu, ' ')}\``;
}
