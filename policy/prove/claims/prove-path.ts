import type { Invariant, Selection } from '../../model/claims.ts';
import type { Zone } from '../../model/zone-model.ts';
import { destinationsOf, sourcesOf } from '../access.ts';
import { spansOfEnd, zoneOfEnd } from '../ends.ts';
import type { Permit } from '../permit.ts';
import { meets } from '../sets/spans.ts';
import { type CounterExample, packetExample, partyOf } from './counter-example.ts';
import { permitterWithLine } from './example-text.ts';
import type { Ground, InvariantResult } from './proof.ts';

/**
 * `path`: whoever gets from one place to another, by however many permitted connections one after the other, gets
 * through a zone in between. Within a zone everyone reaches everyone, since no gateway is in between; an asset with
 * legs in several zones leads from each to each; a declared path without IP leads where it is said to, and one from
 * outside the site begins at external zones. The box itself, and answers to what is permitted, lead nowhere.
 */
export function provePath(
  ground: Ground,
  invariant: Extract<Invariant, { readonly kind: 'path' }>,
): InvariantResult {
  const { id, mustCross } = invariant;
  const hops = hopsOf(ground).filter(({ from, to }) => from !== mustCross && to !== mustCross);
  const goals = zonesIn(ground, invariant.to);
  const starts = [...zonesIn(ground, invariant.from)].filter((zone) => zone !== mustCross);
  const fromZone = Map.groupBy(hops, ({ from }) => from);
  const chains = starts.flatMap((start) => {
    const chain = shortest(start, goals, fromZone);
    return chain === undefined ? [] : [chain];
  });
  const [chain] = chains.toSorted((one, other) => one.length - other.length);
  const base = { invariant, looked: hops.length };
  if (chain === undefined) {
    const sentence = `${id} holds: every way there leads through ${mustCross.id}.`;
    return { ...base, outcome: 'holds', examples: [], sentence };
  }
  const examples = chain.flatMap(({ permit }) => (permit === undefined ? [] : [exampleOf(ground, permit)]));
  const text = chain.map(hopText).join(', ');
  const sentence = `${id} does not hold: a way past ${mustCross.id} leads ${text}.`;
  return { ...base, outcome: 'broken', examples, sentence };
}

/** One step from zone to zone. */
interface Hop {
  readonly from: Zone;
  readonly to: Zone;
  /** Undefined where it is no permitted connection; `by` says what it is then. */
  readonly permit: Permit | undefined;
  readonly by: string;
}

function hopsOf({ permits, model }: Ground): readonly Hop[] {
  const byPermit = permits.flatMap((permit) => {
    const sources = new Set(permit.sources.flatMap((end) => zoneOfEnd(end) ?? []));
    const targets = new Set(permit.destinations.flatMap((end) => zoneOfEnd(end) ?? []));
    return [...sources].flatMap((from) =>
      [...targets].map((to): Hop => ({ from, to, permit, by: permitterWithLine(permit) })),
    );
  });
  const byLeg = model.assets.flatMap(({ name, zone, alsoIn }) => {
    const legs = [...new Set([zone, ...alsoIn])];
    const by = `the legs of ${name}`;
    return legs.flatMap((from) =>
      legs.filter((to) => to !== from).map((to): Hop => ({ from, to, permit: undefined, by })),
    );
  });
  const outside = model.zones.filter(({ kind }) => kind === 'external');
  const byHand = model.nonIpPaths.flatMap(({ id, kind, from, to }) =>
    (from === undefined ? outside : [from]).map(
      (start): Hop => ({ from: start, to, permit: undefined, by: `the ${kind} path ${id}` }),
    ),
  );
  return [...byPermit, ...byLeg, ...byHand];
}

/**
 * Zones a selection is in, those that share addresses with it included. Not those it has to do with by somebody's
 * leg: such a leg is a way, and who is at its end has not come there yet.
 */
function zonesIn({ model }: Ground, selection: Selection): ReadonlySet<Zone> {
  if (selection === '*') return new Set(model.zones);
  return new Set(
    selection.flatMap((item) => [
      item.kind === 'asset' ? item.asset.zone : item.zone,
      ...model.zones.filter((zone) =>
        meets(spansOfEnd({ kind: 'zone', zone, at: item.at }), spansOfEnd(item)),
      ),
    ]),
  );
}

/** To a goal other than the start itself: what is in its goal already has nothing to cross. */
function shortest(
  start: Zone,
  goals: ReadonlySet<Zone>,
  fromZone: ReadonlyMap<Zone, readonly Hop[]>,
): readonly Hop[] | undefined {
  const cameBy = new Map<Zone, Hop | undefined>([[start, undefined]]);
  const queue = [start];
  for (const zone of queue) {
    for (const hop of fromZone.get(zone) ?? []) {
      if (cameBy.has(hop.to)) continue;
      cameBy.set(hop.to, hop);
      if (goals.has(hop.to)) return chainTo(hop.to, cameBy);
      queue.push(hop.to);
    }
  }
  return undefined;
}

function chainTo(goal: Zone, cameBy: ReadonlyMap<Zone, Hop | undefined>): readonly Hop[] {
  const chain: Hop[] = [];
  for (let hop = cameBy.get(goal); hop !== undefined; hop = cameBy.get(hop.from)) chain.unshift(hop);
  return chain;
}

function exampleOf({ assetsIn }: Ground, permit: Permit): CounterExample {
  const client = permit.sources.map((end) => ({ end, addresses: sourcesOf(permit, [end]) }));
  const server = permit.destinations.map((end) => ({ end, addresses: destinationsOf(permit, [end]) }));
  return packetExample(permit, partyOf(client, assetsIn), partyOf(server, assetsIn), undefined);
}

function hopText({ from, to, by }: Hop): string {
  return `from ${from.id} to ${to.id} by ${by}`;
}
