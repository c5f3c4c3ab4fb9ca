import { canonicalElement } from '../../../rules/nft/canonical.ts';
import { describeObject, describeRule } from '../../../rules/nft/compare.ts';

/** A table taken apart, so that two can be compared piece by piece and one turned into the other. */
export interface TableModel {
  readonly counters: ReadonlyMap<string, Body>;
  readonly chains: ReadonlyMap<string, ChainModel>;
  /** Sets and maps by name. */
  readonly sets: ReadonlyMap<string, SetModel>;
}

/** The fields of one libnftables object. */
export type Body = Readonly<Record<string, unknown>>;

export interface ChainModel {
  readonly body: Body;
  /** What makes it this chain: where it hangs and what it does in the end. */
  readonly definition: string;
  readonly rules: readonly Body[];
  /** All its rules in comparable form. */
  readonly text: string;
}

export interface SetModel {
  readonly kind: 'set' | 'map';
  readonly body: Body;
  readonly definition: string;
  readonly elements: ReadonlyMap<string, ElementModel>;
}

export interface ElementModel {
  /** As listed or as sent: bare or wrapped, in a pair with its verdict where it is of a map. */
  readonly json: unknown;
  /** Comment and verdict in comparable form. */
  readonly data: string;
  /** Seconds until it ends by itself; undefined when it does not. */
  readonly remaining: number | undefined;
}

/** The model of a listing, or of the bodies of the `add` commands that make a table from nothing. */
export function readTable(objects: readonly object[]): TableModel {
  const counters = new Map<string, Body>();
  const chains = new Map<string, Mutable<ChainModel>>();
  const sets = new Map<string, Mutable<SetModel>>();
  for (const object of objects) {
    const [kind = '', body = {}] = (Object.entries(object)[0] ?? []) as [string?, Body?];
    const name = String(body['name'] ?? body['chain']);
    if (kind === 'counter') counters.set(name, body);
    else if (kind === 'chain')
      chains.set(name, { body, definition: describeObject(body), rules: [], text: '' });
    else if (kind === 'rule') addRule(chains.get(name), body);
    else if (kind === 'set' || kind === 'map') {
      const elements = readElements(body['elem']);
      sets.set(name, { kind, body: withoutElements(body), definition: describeObject(body), elements });
    } else if (kind === 'element') addElements(sets.get(name), body['elem']);
  }
  return { counters, chains, sets };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addRule(chain: Mutable<ChainModel> | undefined, body: Body): void {
  if (chain === undefined) return;
  chain.rules = [...chain.rules, body];
  chain.text += `${describeRule(body)}\n`;
}

function addElements(set: Mutable<SetModel> | undefined, elements: unknown): void {
  if (set !== undefined) set.elements = new Map([...set.elements, ...readElements(elements)]);
}

function readElements(elements: unknown): ReadonlyMap<string, ElementModel> {
  const list: readonly unknown[] = Array.isArray(elements) ? elements : [];
  return new Map(
    list.map((json) => {
      const { key, data } = canonicalElement(json);
      return [key, { json, data, remaining: remainingOf(json) }] as const;
    }),
  );
}

/** A listed element tells what is left, one that is sent what it gets. */
function remainingOf(json: unknown): number | undefined {
  const [bare] = Array.isArray(json) ? json : [json];
  const { elem } = isBody(bare) ? bare : {};
  if (!isBody(elem)) return undefined;
  const left = elem['expires'] ?? elem['timeout'];
  return typeof left === 'number' ? left : undefined;
}

function withoutElements({ elem: _, ...rest }: Body): Body {
  return rest;
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
