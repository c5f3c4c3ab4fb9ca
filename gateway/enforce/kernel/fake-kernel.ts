import { canonicalElement } from '../../../rules/nft/canonical.ts';
import { GatewayError } from '../../errors.ts';
import type { NftCommand, NftObject } from './nft.ts';

/** Tables in memory: the objects of each in the order they were added, elements inside their sets. */
export type FakeKernel = Map<string, NftObject[]>;

/**
 * Carries out one command as the kernel would, refusing what it would refuse: names that are not there,
 * and the removal of what something still refers to. It filters nothing.
 */
export function execute(kernel: FakeKernel, command: NftCommand): void {
  const [verb = '', target] = onlyEntry(command);
  const [kind = '', body] = onlyEntry(target);
  const fields = body as Fields;
  if (kind === 'table') return executeTable(kernel, verb, String(fields['name']));
  const objects = kernel.get(String(fields['table']));
  if (objects === undefined) throw refusal(`no such table ${fields['table']}`);
  switch (`${verb} ${kind}`) {
    case 'add element':
      return addElements(find(objects, ['set', 'map'], fields['name']), fields['elem']);
    case 'delete element':
      return deleteElements(find(objects, ['set', 'map'], fields['name']), fields['elem']);
    case 'flush set':
    case 'flush map':
      find(objects, [kind], fields['name'])['elem'] = [];
      return;
    case 'flush chain':
      find(objects, [kind], fields['name']);
      return remove(
        objects,
        (object) => isFields(object['rule']) && object['rule']['chain'] === fields['name'],
      );
    case 'delete set':
    case 'delete map':
    case 'delete chain':
    case 'delete counter':
      return deleteObject(objects, kind, fields['name']);
  }
  if (verb !== 'add') throw refusal(`no such command ${verb} ${kind}`);
  addObject(objects, kind, fields);
}

/** What the kernel finds out at the end of a transaction: every name that is referred to is there. */
export function assertSound(kernel: FakeKernel): void {
  for (const objects of kernel.values()) {
    for (const name of references(objects, 'chain')) find(objects, ['chain'], name);
    for (const name of references(objects, 'set')) find(objects, ['set', 'map'], name);
    for (const name of references(objects, 'counter')) find(objects, ['counter'], name);
  }
}

/** As `list table` gives it. */
export function list(objects: readonly NftObject[], table: string): readonly NftObject[] {
  const rank = (object: NftObject): number => ListingOrder.indexOf(Object.keys(object)[0] ?? '');
  const inOrder = objects.toSorted((one, other) => rank(one) - rank(other));
  return structuredClone([{ table: { family: 'inet', name: table, handle: 1 } }, ...inOrder]);
}

type Fields = Record<string, unknown>;

function executeTable(kernel: FakeKernel, verb: string, name: string): void {
  if (verb === 'add') {
    if (!kernel.has(name)) kernel.set(name, []);
  } else if (verb !== 'delete' || !kernel.delete(name)) throw refusal(`no such table ${name}`);
}

function addObject(objects: NftObject[], kind: string, fields: Fields): void {
  if (kind === 'rule') find(objects, ['chain'], fields['chain']);
  else if (objects.some((object) => isFields(object[kind]) && object[kind]['name'] === fields['name']))
    return;
  objects.push({ [kind]: structuredClone(fields) });
}

function deleteObject(objects: NftObject[], kind: string, name: unknown): void {
  find(objects, [kind], name);
  if (references(objects, kind === 'map' ? 'set' : kind).has(String(name)))
    throw refusal(`${name} is in use`);
  remove(objects, (object) => isFields(object[kind]) && object[kind]['name'] === name);
}

function addElements(set: Fields, added: unknown): void {
  const held = (set['elem'] ?? []) as unknown[];
  const known = new Set(held.map((element) => canonicalElement(element).key));
  const fresh = (structuredClone(added) as unknown[]).filter(
    (element) => !known.has(canonicalElement(element).key),
  );
  if ('stmt' in set) for (const element of fresh) startCounter(element);
  set['elem'] = [...held, ...fresh];
}

function deleteElements(set: Fields, deleted: unknown): void {
  for (const element of deleted as unknown[]) {
    const { key } = canonicalElement(element);
    const held = (set['elem'] ?? []) as unknown[];
    const rest = held.filter((other) => canonicalElement(other).key !== key);
    if (rest.length === held.length) throw refusal(`no such element ${key}`);
    set['elem'] = rest;
  }
}

function startCounter(element: unknown): void {
  const [key] = Array.isArray(element) ? element : [element];
  if (isFields(key) && isFields(key['elem'])) key['elem']['counter'] = { packets: 0, bytes: 0 };
}

/** Names that rules and elements of the table refer to. */
function references(objects: readonly NftObject[], kind: string): ReadonlySet<string> {
  const text = JSON.stringify(objects.map((object) => object['rule'] ?? object['map'] ?? null));
  return new Set([...text.matchAll(Reference[kind] ?? /$^/g)].map(([, name = '']) => name));
}

function find(objects: readonly NftObject[], kinds: readonly string[], name: unknown): Fields {
  for (const object of objects) {
    for (const kind of kinds) {
      const fields = object[kind];
      if (isFields(fields) && fields['name'] === name) return fields;
    }
  }
  throw refusal(`no such ${kinds.join(' or ')} ${name}`);
}

function remove(objects: NftObject[], isGone: (object: NftObject) => boolean): void {
  objects.splice(0, objects.length, ...objects.filter((object) => !isGone(object)));
}

function onlyEntry(value: unknown): [string?, unknown?] {
  return Object.entries(value as Fields)[0] ?? [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function refusal(what: string): GatewayError {
  return new GatewayError('PST_ERR_NFT_APPLY', `The library says: ${what}`);
}

const Reference: Readonly<Record<string, RegExp>> = {
  chain: /"target":"([^"]+)"/g,
  set: /"@([^"]+)"/g,
  counter: /"counter":"([^"]+)"/g,
};

const ListingOrder = ['counter', 'set', 'map', 'chain', 'rule'];
