import { TableName } from '../../../rules/nft/ruleset.ts';
import type { NftCommand } from './nft.ts';
import type { Body, ElementModel, SetModel, TableModel } from './table-model.ts';

/**
 * The commands that turn one table into another and touch nothing that is in both. Replacing a table whole
 * is atomic too, but a packet that is on its way through the old rules finds the old maps empty: measured
 * 14 of 400 000 lost in 200 replacements, and a TCP connection is reset by that. Undefined where an object
 * of one name would have to become another thing, which takes a replacement.
 */
export function changeTable(held: TableModel, wanted: TableModel): readonly NftCommand[] | undefined {
  if (!isSameKind(held, wanted)) return undefined;
  const changed = [...wanted.chains].filter(([name, { text }]) => held.chains.get(name)?.text !== text);
  const goneChains = missing(held.chains, wanted.chains);
  const goneSets = missing(held.sets, wanted.sets);
  const emptied = [...changed.map(([name]) => name).filter((name) => held.chains.has(name)), ...goneChains];
  const kept = [...wanted.sets].filter(([name]) => held.sets.has(name));
  return [
    // What is new comes first, what refers to it next; what is gone goes when nothing refers to it any more.
    ...added(held.counters, wanted.counters).map((body) => add('counter', body)),
    ...missing(wanted.chains, held.chains).map((name) => add('chain', bodyOf(wanted.chains.get(name)))),
    ...missing(wanted.sets, held.sets).flatMap((name) => addSet(wanted.sets.get(name))),
    ...kept.flatMap(([name, set]) => changeElements(held.sets.get(name), set)),
    ...emptied.map((name) => command('flush', 'chain', { name })),
    ...changed.flatMap(([, { rules }]) => rules.map((body) => add('rule', body))),
    ...goneSets.map((name) => command('delete', held.sets.get(name)?.kind ?? 'set', { name })),
    ...goneChains.map((name) => command('delete', 'chain', { name })),
    ...missing(held.counters, wanted.counters).map((name) => command('delete', 'counter', { name })),
  ];
}

function isSameKind(held: TableModel, wanted: TableModel): boolean {
  const sameChains = [...wanted.chains].every(([name, { definition }]) => {
    const other = held.chains.get(name);
    return other === undefined || other.definition === definition;
  });
  const sameSets = [...wanted.sets].every(([name, { kind, definition }]) => {
    const other = held.sets.get(name);
    return other === undefined || (other.kind === kind && other.definition === definition);
  });
  return sameChains && sameSets;
}

function addSet(set: SetModel | undefined): readonly NftCommand[] {
  if (set === undefined) return [];
  const elements = [...set.elements.values()];
  return [add(set.kind, set.body), ...addElements(set.body, elements)];
}

function changeElements(held: SetModel | undefined, wanted: SetModel): readonly NftCommand[] {
  if (held === undefined) return [];
  const stays = (key: string, element: ElementModel): boolean => {
    const other = wanted.elements.get(key);
    return other !== undefined && other.data === element.data && endsAlike(element, other);
  };
  const removed = [...held.elements].filter(([key, element]) => !stays(key, element));
  const gone = new Set(removed.map(([key]) => key));
  const fresh = [...wanted.elements].filter(([key]) => gone.has(key) || !held.elements.has(key));
  return [
    ...deleteElements(
      wanted.body,
      removed.map(([, element]) => element),
    ),
    ...addElements(
      wanted.body,
      fresh.map(([, element]) => element),
    ),
  ];
}

/** Times are whole seconds, and one has passed between the listing and now. */
function endsAlike({ remaining: one }: ElementModel, { remaining: other }: ElementModel): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(one - other) <= 1;
}

function addElements({ name }: Body, elements: readonly ElementModel[]): readonly NftCommand[] {
  if (elements.length === 0) return [];
  return [command('add', 'element', { name, elem: elements.map(({ json }) => json) })];
}

/** One that ends by itself may be gone by now, and then its deletion would fail: it is made sure of first. */
function deleteElements({ name }: Body, elements: readonly ElementModel[]): readonly NftCommand[] {
  const timed = elements.filter(({ remaining }) => remaining !== undefined).map(({ json }) => bareKey(json));
  const all = elements.map(({ json }) => bareKey(json));
  return [
    ...(timed.length === 0 ? [] : [command('add', 'element', { name, elem: timed })]),
    ...(all.length === 0 ? [] : [command('delete', 'element', { name, elem: all })]),
  ];
}

/** The key alone, with the verdict of a map: what a listing tells beside it is no part of a command. */
export function bareKey(json: unknown): unknown {
  const [bare, verdict] = Array.isArray(json) ? json : [json, undefined];
  const key = typeof bare === 'object' && bare !== null && 'elem' in bare ? (bare.elem as Body)['val'] : bare;
  return verdict === undefined ? key : [key, verdict];
}

function added(held: ReadonlyMap<string, Body>, wanted: ReadonlyMap<string, Body>): readonly Body[] {
  return [...wanted].filter(([name]) => !held.has(name)).map(([, body]) => body);
}

/** Names of the one that the other has not. */
function missing(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] {
  return [...one.keys()].filter((name) => !other.has(name));
}

function bodyOf(object: { readonly body: Body } | undefined): Body {
  return object?.body ?? {};
}

function add(kind: string, body: Body): NftCommand {
  return { add: { [kind]: body } };
}

function command(verb: 'add' | 'delete' | 'flush', kind: string, body: Body): NftCommand {
  return { [verb]: { [kind]: { family: 'inet', table: TableName, ...body } } };
}
