import { GatewayError } from '../../errors.ts';
import type { Nft, NftCommand, NftObject } from './nft.ts';

/**
 * An {@link Nft} in memory that behaves: it keeps tables, applies transactions wholly or not at all, and
 * lists what it holds in the kernel's order. For tests; it filters nothing.
 */
export interface FakeNft extends Nft {
  /** Makes the next `times` transactions fail: refused by the kernel, or the child dies before or after. */
  readonly failNext: (how: 'refused' | 'died-before' | 'died-after', times?: number) => void;
  /** Changes every listed object from now on, as another program or a library's quirk would. */
  readonly distort: (change: ((object: NftObject) => NftObject) | undefined) => void;
  /** Every transaction that was applied, oldest first; a restored snapshot counts as `'restored'`. */
  readonly transactions: readonly (readonly NftCommand[] | 'restored')[];
  readonly tables: () => readonly string[];
}

/** An empty kernel. */
export function createFakeNft(): FakeNft {
  let kernel: Kernel = new Map();
  let failure: { readonly how: 'refused' | 'died-before' | 'died-after'; times: number } | undefined;
  let distortion: ((object: NftObject) => NftObject) | undefined;
  let distortions = 0;
  const transactions: (readonly NftCommand[] | 'restored')[] = [];

  function transact(log: readonly NftCommand[] | 'restored', change: (next: Kernel) => void): void {
    const how = failure !== undefined && failure.times > 0 ? failure.how : undefined;
    if (failure !== undefined) failure.times -= 1;
    if (how === 'refused')
      throw new GatewayError('PST_ERR_NFT_APPLY', 'The library says: refused by the test');
    if (how === 'died-before') throw new GatewayError('PST_ERR_NFT_CHILD', 'It ended (SIGKILL).');
    const next = structuredClone(kernel);
    change(next);
    kernel = next;
    transactions.push(log);
    if (how === 'died-after') throw new GatewayError('PST_ERR_NFT_CHILD', 'It ended (SIGKILL).');
  }

  return {
    check: async (commands) => {
      const copy = structuredClone(kernel);
      for (const command of commands) execute(copy, command);
    },
    apply: async (commands) =>
      transact(commands, (next) => {
        for (const command of commands) execute(next, command);
      }),
    listTable: async (table) => {
      const objects = kernel.get(table);
      if (objects === undefined) return undefined;
      const listed = [
        { table: { family: 'inet', name: table, handle: 1 } },
        ...objects.toSorted(byListingOrder),
      ];
      return structuredClone(distortion === undefined ? listed : listed.map(distortion));
    },
    generation: async () => transactions.length + distortions,
    snapshot: async (table) => {
      const objects = kernel.get(table);
      return objects === undefined ? undefined : { table, text: JSON.stringify(objects) };
    },
    restore: async ({ table, text }) => transact('restored', (next) => next.set(table, JSON.parse(text))),
    state: () => 'up',
    close: () => undefined,
    failNext: (how, times = 1) => {
      failure = { how, times };
    },
    distort: (change) => {
      distortions += 1;
      distortion = change;
    },
    transactions,
    tables: () => [...kernel.keys()],
  };
}

/** Objects of each table in the order they were added. */
type Kernel = Map<string, NftObject[]>;

type Fields = Record<string, unknown>;

function execute(kernel: Kernel, command: NftCommand): void {
  const [verb = '', target] = onlyEntry(command);
  const [kind = '', body] = onlyEntry(target);
  const fields = body as Fields;
  if (kind === 'table') return executeTable(kernel, verb, String(fields['name']));
  const objects = kernel.get(String(fields['table']));
  if (objects === undefined) throw noSuch(`table ${fields['table']}`);
  if (verb === 'add' && kind === 'element') return addElements(findSet(objects, fields), fields['elem']);
  if (verb === 'flush' && (kind === 'set' || kind === 'map')) {
    findSet(objects, fields)['elem'] = [];
    return;
  }
  if (verb !== 'add') throw noSuch(`command ${verb} ${kind}`);
  if (kind !== 'rule' && objects.some((object) => nameOf(object[kind]) === fields['name'])) return;
  if (kind === 'rule' && !objects.some((object) => nameOf(object['chain']) === fields['chain']))
    throw noSuch(`chain ${fields['chain']}`);
  objects.push({ [kind]: structuredClone(fields) });
}

function executeTable(kernel: Kernel, verb: string, name: string): void {
  if (verb === 'add') {
    if (!kernel.has(name)) kernel.set(name, []);
  } else if (verb !== 'delete' || !kernel.delete(name)) throw noSuch(`table ${name}`);
}

function findSet(objects: readonly NftObject[], { name }: Fields): Fields {
  const found = objects.find((object) => nameOf(object['set'] ?? object['map']) === name);
  if (found === undefined) throw noSuch(`set ${name}`);
  return (found['set'] ?? found['map']) as Fields;
}

function addElements(set: Fields, added: unknown): void {
  const held = (set['elem'] ?? []) as unknown[];
  const elements = structuredClone(added as unknown[]);
  if ('stmt' in set) for (const element of elements) startCounter(element);
  set['elem'] = [...held, ...elements];
}

function startCounter(element: unknown): void {
  const [key] = Array.isArray(element) ? element : [element];
  if (isFields(key) && isFields(key['elem'])) key['elem']['counter'] = { packets: 0, bytes: 0 };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function onlyEntry(value: unknown): [string?, unknown?] {
  return Object.entries(value as Fields)[0] ?? [];
}

function nameOf(value: unknown): unknown {
  return isFields(value) ? value['name'] : undefined;
}

function byListingOrder(one: NftObject, other: NftObject): number {
  const rank = (object: NftObject): number => ListingOrder.indexOf(Object.keys(object)[0] ?? '');
  return rank(one) - rank(other);
}

function noSuch(what: string): GatewayError {
  return new GatewayError('PST_ERR_NFT_APPLY', `The library says: no such ${what}`);
}

const ListingOrder = ['counter', 'set', 'map', 'chain', 'rule'];
