import type { Place } from '../finding.ts';
import { Places } from './places.ts';
import type { Reporter } from './reporter.ts';
import { didYouMean, suggest } from './suggest.ts';
import {
  quote,
  type YamlEntry,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from './yaml-tree.ts';

/** The part of JSON Schema draft-07 that the zone model's schema uses. */
export interface Shape {
  readonly type?: string | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly Shape[] | undefined;
  readonly properties?: Readonly<Record<string, Shape>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly patternProperties?: Readonly<Record<string, Shape>> | undefined;
  readonly items?: Shape | undefined;
  readonly minItems?: number | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly description?: string | undefined;
  readonly examples?: readonly unknown[] | undefined;
  /** Completes "<key> …"; editors show it as well. */
  readonly errorMessage?: string | undefined;
}

/** A plain value with the places of its parts; `sound` when it fits its shape but for unknown keys. */
export interface Shaped {
  readonly value: unknown;
  readonly places: Places;
  readonly sound: boolean;
}

/** Checks a tree against its shape and reports everything that does not fit, each at its own place. */
export function readShape(root: YamlNode, shape: Shape, reporter: Reporter): Shaped {
  const reader = new ShapeReader(reporter);
  const value = reader.read(root, shape, 'The file');
  return { value, places: reader.places, sound: reader.sound };
}

class ShapeReader {
  readonly places = new Places();
  sound = true;
  readonly #reporter: Reporter;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  read(node: YamlNode, shape: Shape, subject: string): unknown {
    if (node.kind === 'refused') return this.#unsound();
    if (shape.anyOf !== undefined) return this.#readUnion(node, shape, shape.anyOf, subject);
    if (node.kind === 'map' && shape.type === 'object') return this.#readMap(node, shape);
    if (node.kind === 'list' && shape.type === 'array') return this.#readList(node, shape, subject);
    if (node.kind === 'scalar' && fits(node, shape)) return node.value;
    return this.#mismatch(node, shape, subject);
  }

  #readMap(node: YamlMap, shape: Shape): unknown {
    const value: Record<string, unknown> = Object.create(null);
    this.places.open(value, node.at);
    for (const entry of node.entries) {
      const part = shapeOfKey(shape, entry.key);
      if (part === undefined) {
        this.#unknownKey(entry, shape);
        continue;
      }
      this.places.add(value, entry.key, entry.keyAt, entry.value.at);
      value[entry.key] = this.read(entry.value, part, quote(entry.key));
    }
    for (const key of shape.required ?? [])
      if (!node.entries.some((entry) => entry.key === key)) this.#missingKey(node.at, key, shape);
    return value;
  }

  #readList(node: YamlList, shape: Shape, subject: string): unknown {
    if (node.items.length < (shape.minItems ?? 0))
      return this.#mismatch(node, { ...shape, errorMessage: 'must not be empty' }, subject);
    const value: unknown[] = [];
    this.places.open(value, node.at);
    node.items.forEach((item, index) => {
      this.places.add(value, index, item.at, item.at);
      value.push(this.read(item, shape.items ?? {}, `An entry of ${subject}`));
    });
    return value;
  }

  /** Picks the one alternative that was meant by its kind and keys, so that what is wrong with *it* is said. */
  #readUnion(
    node: YamlMap | YamlList | YamlScalar,
    union: Shape,
    alternatives: readonly Shape[],
    subject: string,
  ): unknown {
    if (node.kind === 'scalar')
      return alternatives.some((alternative) => fits(node, alternative))
        ? node.value
        : this.#mismatch(node, union, subject);
    const type = node.kind === 'map' ? 'object' : 'array';
    const candidates = alternatives.filter((alternative) => alternative.type === type);
    const meant = node.kind === 'map' ? nearest(node, candidates) : candidates[0];
    return meant === undefined ? this.#mismatch(node, union, subject) : this.read(node, meant, subject);
  }

  #mismatch(node: YamlNode, shape: Shape, subject: string): undefined {
    const message = `${subject} ${expected(shape)}${found(node, shape)}.`;
    this.#reporter.error('S-006', node.at, message, hintFor(node, shape));
    return this.#unsound();
  }

  #unsound(): undefined {
    this.sound = false;
    return undefined;
  }

  #unknownKey(entry: YamlEntry, shape: Shape): void {
    const pattern = Object.values(shape.patternProperties ?? {})[0];
    if (pattern !== undefined) {
      const message = `${quote(entry.key)} cannot be a name here.`;
      const hint =
        shape.examples === undefined ? NameHint : `For example: ${shape.examples.map(String).join(' or ')}.`;
      this.#reporter.error('S-007', entry.keyAt, message, hint);
      return;
    }
    const known = Object.keys(shape.properties ?? {});
    this.#reporter.error(
      'S-004',
      entry.keyAt,
      `${quote(entry.key)} is not a key here.`,
      didYouMean(entry.key, known, 'keys'),
    );
  }

  #missingKey(at: Place, key: string, shape: Shape): void {
    this.sound = false;
    const part = shape.properties?.[key];
    const example = part?.examples?.[0];
    const hint =
      example === undefined ? `Add \`${key}:\`.` : `Add it, for example \`${key}: ${String(example)}\`.`;
    this.#reporter.error('S-005', at, `\`${key}\` is missing here.`, hint);
  }
}

function shapeOfKey(shape: Shape, key: string): Shape | undefined {
  if (shape.properties !== undefined && Object.hasOwn(shape.properties, key)) return shape.properties[key];
  for (const [pattern, part] of Object.entries(shape.patternProperties ?? {}))
    if (matches(pattern, key)) return part;
  return undefined;
}

/** The alternative with the most of its required keys present and the fewest keys it does not know. */
function nearest(node: YamlMap, candidates: readonly Shape[]): Shape | undefined {
  const keys = new Set(node.entries.map((entry) => entry.key));
  const shared = (candidates[0]?.required ?? []).filter((key) =>
    candidates.every((candidate) => candidate.required?.includes(key)),
  );
  let best: Shape | undefined;
  let bestScore = -1;
  for (const candidate of candidates) {
    const own = (candidate.required ?? []).filter((key) => !shared.includes(key));
    const present = own.filter((key) => keys.has(key)).length;
    // An alternative of which nothing own is there was not meant, unless it asks for nothing of its own.
    const score = own.length === 0 ? 0 : present === 0 ? -1 : present;
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function fits(node: YamlScalar, shape: Shape): boolean {
  const { value } = node;
  if (shape.const !== undefined) return value === shape.const;
  if (shape.enum !== undefined) return shape.enum.includes(value);
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' && (shape.pattern === undefined || matches(shape.pattern, value));
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && inBounds(value, shape);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && inBounds(value, shape);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return false;
  }
}

function inBounds(value: number, shape: Shape): boolean {
  return (
    value >= (shape.minimum ?? -Infinity) &&
    value <= (shape.maximum ?? Infinity) &&
    value > (shape.exclusiveMinimum ?? -Infinity)
  );
}

function expected(shape: Shape): string {
  if (shape.errorMessage !== undefined) return shape.errorMessage;
  if (shape.enum !== undefined)
    return `must be ${shape.enum.length === 1 ? '' : 'one of '}${list(shape.enum)}`;
  switch (shape.type) {
    case 'object':
      return 'must be a mapping of keys to values';
    case 'array':
      return 'must be a list';
    case 'boolean':
      return 'must be true or false';
    default:
      return 'must be something else';
  }
}

function list(values: readonly unknown[]): string {
  const shown = values.slice(0, MaxNamed).map(String).join(', ');
  return values.length > MaxNamed ? `${shown}, …` : shown;
}

/** What stands there instead; nothing where saying it would not help. */
function found(node: YamlNode, shape: Shape): string {
  if (node.kind === 'map') return takes(shape, 'object') ? '' : ', not a mapping';
  if (node.kind === 'list') return takes(shape, 'array') ? '' : ', not a list';
  if (node.kind === 'refused') return '';
  if (node.value === null || node.value === '') return ', and is empty';
  if (typeof node.value === 'string') return `, not ${quote(node.value)}`;
  return `, not ${typeof node.value === 'number' ? 'the number ' : ''}${String(node.value)}`;
}

function takes(shape: Shape, type: string): boolean {
  return shape.type === type || (shape.anyOf ?? []).some((alternative) => alternative.type === type);
}

function hintFor(node: YamlNode, shape: Shape): string {
  const meant = meantWord(node, shape.anyOf ?? []);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  if (node.kind === 'scalar' && typeof node.value === 'string' && shape.enum !== undefined)
    return suggestChoice(node.value, shape.enum.map(String));
  if (node.kind === 'scalar' && shape.type === 'string' && typeof node.value === 'number')
    return `Write it in quotes if it is meant as text: "${node.value}".`;
  if (shape.examples !== undefined) return `For example: ${shape.examples.map(String).join(' or ')}.`;
  if (shape.properties !== undefined) return `The keys are: ${Object.keys(shape.properties).join(', ')}.`;
  return shape.description ?? 'Correct the value.';
}

/** The word of an alternative that a person most likely meant. */
function meantWord(node: YamlNode, alternatives: readonly Shape[]): string | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  return suggest(node.value, alternatives.flatMap((alternative) => alternative.enum ?? []).map(String));
}

/** The message has already named the choices when they are few. */
function suggestChoice(written: string, choices: readonly string[]): string {
  const meant = suggest(written, choices);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  return choices.length > MaxNamed ? didYouMean(written, choices, 'choices') : 'Choose one of these.';
}

const NameHint =
  'Names start with a letter or digit, then letters, digits, dot, underscore, hyphen; devices have at most 15, conduits and flows 32.';

/** As many choices as a message names. */
const MaxNamed = 8;

const patterns = new Map<string, RegExp>();

function matches(pattern: string, text: string): boolean {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = new RegExp(pattern);
    patterns.set(pattern, compiled);
  }
  return compiled.test(text);
}
