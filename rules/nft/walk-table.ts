import { formatAddress, parsePrefix } from '../address.ts';
import { canonicalElement } from './canonical.ts';
import { isRecord, type Json, listOf } from './walk-json.ts';
import { type Point, pointIn, unknown } from './walk-packet.ts';

/** A table as packets meet it. */
export interface WalkTable {
  readonly chains: ReadonlyMap<string, WalkChain>;
  /** Sets and maps, by name. */
  readonly sets: ReadonlyMap<string, readonly WalkElement[]>;
}

export interface WalkChain {
  readonly name: string;
  /** `undefined` where packets come only from other chains. */
  readonly base: { readonly hook: string; readonly priority: number; readonly policy: string } | undefined;
  /** Each rule as its statements. */
  readonly rules: readonly (readonly Json[])[];
}

export interface WalkElement {
  /** One span per field of the key. */
  readonly key: readonly Span[];
  readonly comment: string;
  /** What a map gives; `undefined` in a set. */
  readonly data: Json;
}

/** Inclusive. */
export interface Span {
  readonly first: Point;
  readonly last: Point;
}

/**
 * Reads a table from what libnftables lists of it, or from the batches that make it, one behind the other.
 * @param listed the parsed JSON of a listing or a batch
 * @throws Error at what no table of ours can hold
 */
export function readTable(...listed: readonly Json[]): WalkTable {
  const chains = new Map<string, { name: string; base: WalkChain['base']; rules: (readonly Json[])[] }>();
  const sets = new Map<string, Map<string, WalkElement>>();
  const items = listed.flatMap((each) => (isRecord(each) ? listOf(each['nftables']) : []));

  function put(kind: string, body: Readonly<Record<string, Json>>): void {
    const name = String(body['name']);
    switch (kind) {
      case 'chain':
        chains.set(name, { name, base: baseOf(body), rules: [] });
        break;
      case 'rule': {
        const chain = chains.get(String(body['chain']));
        if (chain === undefined) throw unknown('chain', body['chain']);
        chain.rules.push(listOf(body['expr']));
        break;
      }
      case 'set':
      case 'map':
        sets.set(name, new Map());
        addElements(name, body['elem']);
        break;
      case 'element':
        addElements(name, body['elem']);
        break;
      case 'table':
      case 'counter':
      case 'metainfo':
        break;
      default:
        throw unknown('object', kind);
    }
  }

  function addElements(set: string, elements: Json): void {
    for (const element of listOf(elements)) {
      sets.get(set)?.set(canonicalElement(element).key, readElement(element));
    }
  }

  for (const item of items) {
    const [verb = '', what] = entryOf(item);
    const [kind = '', body] =
      verb === 'add' || verb === 'delete' || verb === 'flush' ? entryOf(what) : [verb, what];
    if (!isRecord(body)) throw unknown('object', item);
    if (verb === 'flush') sets.get(String(body['name']))?.clear();
    else if (verb !== 'delete') put(kind, body);
    else if (kind === 'table') {
      chains.clear();
      sets.clear();
    } else {
      for (const element of listOf(body['elem'])) {
        sets.get(String(body['name']))?.delete(canonicalElement(element).key);
      }
    }
  }
  return { chains, sets: new Map([...sets].map(([name, elements]) => [name, [...elements.values()]])) };
}

function entryOf(value: Json): readonly [string?, Json?] {
  return isRecord(value) ? (Object.entries(value)[0] ?? []) : [];
}

function baseOf({ hook, prio, policy }: Readonly<Record<string, Json>>): WalkChain['base'] {
  return hook === undefined
    ? undefined
    : { hook: String(hook), priority: Number(prio), policy: String(policy) };
}

function readElement(element: Json): WalkElement {
  const [bare, data] = Array.isArray(element) ? (element as readonly Json[]) : [element, undefined];
  const wrapped = isRecord(bare) && isRecord(bare['elem']) ? bare['elem'] : { val: bare };
  const key = wrapped['val'];
  const fields = isRecord(key) && 'concat' in key ? listOf(key['concat']) : [key];
  return { key: fields.map(spanIn), comment: String(wrapped['comment'] ?? ''), data };
}

/** A value, a range or a prefix. */
export function spanIn(value: Json): Span {
  if (!isRecord(value)) {
    const point = pointIn(value);
    return { first: point, last: point };
  }
  const { range, prefix } = value;
  if (Array.isArray(range)) return { first: pointIn(range[0] as Json), last: pointIn(range[1] as Json) };
  const block = isRecord(prefix) ? parsePrefix(`${prefix['addr']}/${prefix['len']}`) : undefined;
  if (block === undefined) throw unknown('value', value);
  return {
    first: pointIn(formatAddress(block)),
    last: pointIn(formatAddress({ ...block, first: block.last })),
  };
}
