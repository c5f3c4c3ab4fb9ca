import type { Invariant } from '../../model/claims.ts';
import type { Asset, EndpointRef, ZoneModel } from '../../model/zone-model.ts';
import { destinationsOf, sourcesOf } from '../access.ts';
import { nameOfEnd, spansOfEnd } from '../ends.ts';
import { countOf } from '../packet-box.ts';
import type { End } from '../permit.ts';
import { joined, meet, meets, type Spans, within, without } from '../sets/spans.ts';
import type { CounterExample } from './counter-example.ts';
import { exampleText, otherNames, permitterWithLine } from './example-text.ts';
import { passing } from './passing.ts';
import type { Ground, InvariantResult } from './proof.ts';
import { addressesWithLegs, type SelectedEnds, selectEnds } from './selected-ends.ts';

/**
 * `max_writers`: how many clients may say some traffic to any one server. An asset is one client, a zone as many
 * as it has addresses, the box itself is one.
 */
export function proveWriters(
  ground: Ground,
  invariant: Extract<Invariant, { readonly kind: 'max-writers' }>,
): InvariantResult {
  const { writings, looked } = writingsOf(ground, invariant);
  const base = { invariant, looked };
  const reaching = indexByServer(writings);
  let nearest: InvariantResult | undefined;
  for (const server of serversOf(ground, invariant)) {
    const own = reaching(server.addresses);
    const confirmed = own.filter(({ example }) => example.isConfirmed);
    const [count, certain] = [writersIn(own), writersIn(confirmed)];
    if (count <= BigInt(invariant.count)) continue;
    const isBroken = certain > BigInt(invariant.count);
    const examples = [...confirmed, ...own.filter(({ example }) => !example.isConfirmed)].map(
      ({ example }) => example,
    );
    const sentence = sentenceOf(invariant, server.name, isBroken ? certain : count, examples, isBroken);
    const result = { ...base, examples, sentence, outcome: isBroken ? 'broken' : 'unproved' } as const;
    if (isBroken) return result;
    nearest ??= result;
  }
  const { id, count } = invariant;
  const holds = `${id} holds: no server has more than ${count} of these clients.`;
  return nearest ?? { ...base, examples: [], sentence: holds, outcome: 'holds' };
}

/** One client end of a permit that may say it, and the servers it may say it to. */
interface Writing {
  readonly end: End;
  readonly clients: Spans<bigint>;
  readonly reached: Spans<bigint>;
  readonly example: CounterExample;
}

function writingsOf(
  ground: Ground,
  { to, what }: Extract<Invariant, { readonly kind: 'max-writers' }>,
): { readonly writings: readonly Writing[]; readonly looked: number } {
  const servers = selectEnds(ground.model, to);
  const permits = ground.between(undefined, servers.zones);
  const writings = permits.flatMap((permit) =>
    permit.destinations.flatMap((destination) => {
      const reached = meet(servers.meant(destination), destinationsOf(permit, [destination]));
      const only = onlyEnd(destination, reached);
      return permit.sources.flatMap((end): readonly Writing[] => {
        const clients = sourcesOf(permit, [end]);
        const example = passing(ground, permit, onlyEnd(end, clients), only, what);
        return example === undefined || clients.length === 0 ? [] : [{ end, clients, reached, example }];
      });
    }),
  );
  return { writings, looked: permits.length };
}

/** One end and nothing else. */
function onlyEnd(end: End, addresses: Spans<bigint>): SelectedEnds {
  return { zones: undefined, meant: (other) => (other === end ? addresses : Nobody) };
}

interface Server {
  readonly name: string;
  readonly addresses: Spans<bigint>;
}

/** The assets that are meant, and what is left of a zone without its assets. */
function serversOf(
  { model, assetsIn }: Ground,
  { to }: Extract<Invariant, { readonly kind: 'max-writers' }>,
): readonly Server[] {
  const items: readonly EndpointRef[] =
    to === '*' ? model.zones.map((zone) => ({ kind: 'zone', zone, at: zone.at })) : to;
  return items.flatMap((item) => {
    if (item.kind === 'asset') return [serverOf(model, item.asset)];
    const legs = model.assets.filter(({ alsoIn }) => alsoIn.includes(item.zone));
    const members = [...assetsIn(item.zone.id), ...legs].map((asset) => serverOf(model, asset));
    const rest = without(spansOfEnd(item), joined(members.flatMap(({ addresses }) => [...addresses])));
    return [...members, { name: `an address of ${nameOfEnd(item)} without an asset`, addresses: rest }];
  });
}

function serverOf(model: ZoneModel, asset: Asset): Server {
  return { name: asset.name, addresses: addressesWithLegs(model, asset) };
}

/** Finds who reaches a server: nearly every writing reaches single addresses, and is looked up by them. */
function indexByServer(writings: readonly Writing[]): (server: Spans<bigint>) => readonly Writing[] {
  const byHost = new Map<bigint, Writing[]>();
  const wide: Writing[] = [];
  for (const writing of writings) {
    if (writing.reached.some(({ first, end }) => end - first > 1n)) wide.push(writing);
    else for (const { first } of writing.reached) byHost.set(first, [...(byHost.get(first) ?? []), writing]);
  }
  const isHost = (server: Spans<bigint>) => server.every(({ first, end }) => end - first === 1n);
  return (server) => {
    const near = wide.filter(({ reached }) => meets(reached, server));
    if (!isHost(server))
      return [...new Set([...near, ...writings.filter(({ reached }) => meets(reached, server))])];
    return [...new Set([...server.flatMap(({ first }) => byHost.get(first) ?? []), ...near])];
  };
}

/** Assets are one client each whatever their addresses; of a zone every address is one. */
function writersIn(writings: readonly Writing[]): bigint {
  const zones = joined(writings.flatMap(({ end, clients }) => (end.kind === 'zone' ? [...clients] : [])));
  const others = new Set<unknown>();
  for (const { end, clients } of writings) {
    if (end.kind === 'asset' && !within(clients, zones)) others.add(end.asset);
    if (end.kind === 'box') others.add(end.gateway);
  }
  return countOf(zones) + BigInt(others.size);
}

function sentenceOf(
  { id, count }: Extract<Invariant, { readonly kind: 'max-writers' }>,
  server: string,
  writers: bigint,
  examples: readonly CounterExample[],
  isBroken: boolean,
): string {
  const [first] = examples;
  const doubtful = examples.find(({ isConfirmed }) => !isConfirmed);
  const number = `${writers} client${writers === 1n ? '' : 's'} may say this to ${server}, ${count} at most are meant`;
  if (!isBroken && doubtful !== undefined) {
    return `${id} could not be proved: ${number}, unless not by ${permitterWithLine(doubtful)}: ${doubtful.reason}.`;
  }
  return first === undefined
    ? `${id} does not hold: ${number}.`
    : `${id} does not hold: ${number}. ${exampleText(first)}${otherNames(first, examples)}`;
}

const Nobody: Spans<bigint> = [];
