import { canonicalElement, canonicalField, canonicalStatement } from './canonical.ts';
import { TableName } from './ruleset.ts';
import type { NftAdd, NftBatch } from './schema.ts';

/**
 * What the kernel holds against what was sent to it: one sentence per difference, none when it is the same.
 * libnftables drops what it does not understand and says nothing, so what counts is what comes back.
 * @param sent every batch since our table was last made, in order
 * @param listed the parsed answer to `list table inet penstock` in JSON
 */
export function compareRulesets(sent: readonly NftBatch[], listed: unknown): readonly string[] {
  const wanted = replay(sent);
  const held = readListing(listed);
  if (held === undefined) return ['The kernel holds no table inet penstock.'];
  return [
    ...compareMaps(wanted.objects, held.objects, (name) => name),
    ...[...wanted.elements].flatMap(([set, elements]) =>
      compareElements(set, elements, held.elements.get(set) ?? new Map()),
    ),
    ...[...wanted.rules].flatMap(([chain, rules]) => compareRules(chain, rules, held.rules.get(chain) ?? [])),
  ];
}

/** A table in comparable form. Keys and values are canonical text. */
interface Canonical {
  /** `chain forward`, `set inspected`, `counter drop/no-flow` and their properties. */
  readonly objects: Map<string, string>;
  readonly elements: Map<string, Map<string, CanonicalElement>>;
  readonly rules: Map<string, string[]>;
}

interface CanonicalElement {
  readonly data: string;
  /** Ends by itself, so it may be gone by now. */
  readonly timed: boolean;
}

function replay(batches: readonly NftBatch[]): Canonical {
  let table = empty();
  for (const command of batches.flatMap(({ nftables }) => nftables)) {
    if ('delete' in command && 'table' in command.delete) table = empty();
    else if ('delete' in command && 'element' in command.delete) remove(table, command.delete.element);
    else if ('flush' in command) {
      const { name } = 'set' in command.flush ? command.flush.set : command.flush.map;
      table.elements.get(name)?.clear();
    } else if ('add' in command) take(table, command.add);
  }
  return table;
}

function readListing(listed: unknown): Canonical | undefined {
  const items = (listed as { readonly nftables?: unknown } | null)?.nftables;
  if (!Array.isArray(items)) return undefined;
  const table = empty();
  let found = false;
  for (const item of items as readonly Readonly<Record<string, unknown>>[]) {
    const [kind, body] = Object.entries(item)[0] ?? [];
    if (kind === undefined || kind === 'metainfo' || !isRecord(body)) continue;
    if (kind === 'table') {
      found ||= body['name'] === TableName && body['family'] === 'inet';
      continue;
    }
    if (body['table'] === TableName) takeObject(table, kind, body);
  }
  return found ? table : undefined;
}

function empty(): Canonical {
  return { objects: new Map(), elements: new Map(), rules: new Map() };
}

function take(table: Canonical, added: NftAdd): void {
  const [kind, body] = Object.entries(added)[0] ?? [];
  if (kind !== undefined && kind !== 'table' && isRecord(body)) takeObject(table, kind, body);
}

function takeObject(table: Canonical, kind: string, body: Readonly<Record<string, unknown>>): void {
  const name = String(body['name'] ?? body['chain']);
  if (kind === 'rule') {
    getOrMake(table.rules, name, () => []).push(describeRule(body));
    return;
  }
  if (kind === 'element') {
    takeElements(table, name, body['elem']);
    return;
  }
  table.objects.set(`${kind} ${name}`, describeObject(body));
  if (kind === 'chain') getOrMake(table.rules, name, () => []);
  if (kind === 'set' || kind === 'map') takeElements(table, name, body['elem'] ?? []);
}

function takeElements(table: Canonical, set: string, elements: unknown): void {
  const known = getOrMake(table.elements, set, () => new Map());
  for (const element of elements as readonly unknown[]) {
    const { key, data, timed } = canonicalElement(element);
    known.set(key, { data, timed });
  }
}

function remove(
  table: Canonical,
  removed: { readonly name: string; readonly elem: readonly unknown[] },
): void {
  for (const element of removed.elem) table.elements.get(removed.name)?.delete(canonicalElement(element).key);
}

/** Everything a rule says; two rules of the same text do the same. */
export function describeRule(body: Readonly<Record<string, unknown>>): string {
  const statements = (body['expr'] as readonly unknown[]).map(canonicalStatement);
  const comment = body['comment'] === undefined ? [] : [`comment ${body['comment']}`];
  return [...statements, ...comment].join(' ; ');
}

/** The properties that make an object what it is; handles and counts are the kernel's own. */
export function describeObject(body: Readonly<Record<string, unknown>>): string {
  const parts = ['type', 'map', 'flags', 'stmt', 'hook', 'prio', 'policy'].map((key) => {
    const value = body[key];
    // One flag or type may come as a list of one.
    const plain = Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value;
    return plain === undefined ? '' : `${key} ${canonicalField(plain)}`;
  });
  return parts.filter((part) => part !== '').join(', ');
}

function compareMaps(
  wanted: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, string>,
  label: (name: string) => string,
): readonly string[] {
  const differences: string[] = [];
  for (const [name, value] of wanted) {
    const other = held.get(name);
    if (other === undefined) differences.push(`${label(name)} is missing.`);
    else if (other !== value) differences.push(`${label(name)} is "${other}" instead of "${value}".`);
  }
  for (const name of held.keys()) {
    if (!wanted.has(name)) differences.push(`${label(name)} was not sent.`);
  }
  return differences;
}

function compareElements(
  set: string,
  wanted: ReadonlyMap<string, CanonicalElement>,
  held: ReadonlyMap<string, CanonicalElement>,
): readonly string[] {
  const still = [...wanted].filter(([key, { timed }]) => !timed || held.has(key));
  // One that should end and does not is a permission for ever.
  const data = ([key, { data, timed }]: readonly [string, CanonicalElement]) =>
    [key, timed ? `${data} (ends)` : data] as const;
  return compareMaps(
    new Map(still.map(data)),
    new Map([...held].map(data)),
    (key) => `${set}: element ${key}`,
  );
}

function compareRules(chain: string, wanted: readonly string[], held: readonly string[]): readonly string[] {
  const length = Math.max(wanted.length, held.length);
  return Array.from({ length }, (_, index) => {
    const [one, other] = [wanted[index], held[index]];
    if (one === other) return '';
    const place = `${chain}: rule ${index + 1}`;
    if (one === undefined) return `${place} was not sent: ${other}.`;
    if (other === undefined) return `${place} is missing: ${one}.`;
    return `${place} is "${other}" instead of "${one}".`;
  }).filter((sentence) => sentence !== '');
}

function getOrMake<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
