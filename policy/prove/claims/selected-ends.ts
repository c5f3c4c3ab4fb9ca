import type { Selection } from '../../model/claims.ts';
import type { Asset, EndpointRef, Zone, ZoneModel } from '../../model/zone-model.ts';
import { spansOfEnd } from '../ends.ts';
import type { End } from '../permit.ts';
import { joined, meet, meets, type Spans, within, without } from '../sets/spans.ts';

/** The addresses that a statement is about. */
export interface SelectedEnds {
  /** Zones that any of it can be in; undefined is every zone. */
  readonly zones: ReadonlySet<Zone> | undefined;
  /** The addresses of an end that are meant; empty for none. */
  readonly meant: (end: End) => Spans<bigint>;
}

/** Who sends: whoever is asked about is the box as well, whose egress leads into zones. */
export function selectClients(model: ZoneModel, selection: Selection): SelectedEnds {
  return selection === '*' ? { zones: undefined, meant: spansOfEnd } : selectEnds(model, selection);
}

/**
 * What a selection names; the box, which has an address in many zones, is in none of them. An asset counts as in its own zone and in every other zone it has a leg in, and an
 * address as in every zone whose networks hold it, so that no way is missed where zones overlap.
 */
export function selectEnds(model: ZoneModel, selection: Selection): SelectedEnds {
  if (selection === '*')
    return { zones: undefined, meant: (end) => (end.kind === 'box' ? Nobody : spansOfEnd(end)) };
  const items: readonly EndpointRef[] = selection;
  const addresses = joined(items.flatMap((item) => addressesOf(model, item)));
  const zones = new Set(items.flatMap((item) => zonesOf(model, item)));
  const known = new Map<object, Spans<bigint>>();

  function meant(end: End): Spans<bigint> {
    if (end.kind === 'box') return Nobody;
    const subject = end.kind === 'asset' ? end.asset : end.zone;
    const before = known.get(subject);
    if (before !== undefined) return before;
    const own = spansOfEnd(end);
    const result = items.some((item) => isPartOf(end, item)) ? own : meet(own, addresses);
    known.set(subject, result);
    return result;
  }

  return { zones, meant };
}

/** Whether an end is all of what is named, or of it, whatever its addresses are. */
function isPartOf(end: EndpointRef, item: EndpointRef): boolean {
  if (item.kind === 'asset') return end.kind === 'asset' && end.asset === item.asset;
  if (end.kind === 'zone') return end.zone === item.zone;
  return end.asset.zone === item.zone || end.asset.alsoIn.includes(item.zone);
}

/** Of a zone also those its assets have in other networks, where whoever is let into those reaches them. */
function addressesOf(model: ZoneModel, item: EndpointRef): Spans<bigint> {
  if (item.kind === 'asset') return addressesWithLegs(model, item.asset);
  const own = spansOfEnd(item);
  const odd = oddAssetsOf(model).filter((asset) => isPartOf({ kind: 'asset', asset, at: item.at }, item));
  return odd.length === 0
    ? own
    : joined([own, ...odd.map((asset) => addressesWithLegs(model, asset))].flat());
}

/**
 * The addresses an asset may have. Of a leg in another zone the model need not say which one it is: then it is any
 * of that zone that no other asset has.
 */
export function addressesWithLegs(model: ZoneModel, asset: Asset): Spans<bigint> {
  const own = spansOfEnd({ kind: 'asset', asset, at: asset.at });
  const known = withLegs.get(asset);
  if (asset.alsoIn.length === 0 || known !== undefined) return known ?? own;
  const others = joined(
    model.assets.flatMap((other) => [...spansOfEnd({ kind: 'asset', asset: other, at: other.at })]),
  );
  const legs = asset.alsoIn
    .map((zone) => spansOfEnd({ kind: 'zone', zone, at: asset.at }))
    .filter((zone) => !meets(zone, own))
    .flatMap((zone) => without(zone, others));
  const created = joined([...own, ...legs]);
  withLegs.set(asset, created);
  return created;
}

/** The zones of ends that may have to do with an item: its own, those it has a leg in, those that overlap. */
function zonesOf(model: ZoneModel, item: EndpointRef): readonly Zone[] {
  const own = addressesOf(model, item);
  const at = item.at;
  const zone = item.kind === 'zone' ? item.zone : item.asset.zone;
  const overlapping = model.zones.filter((each) => meets(spansOfEnd({ kind: 'zone', zone: each, at }), own));
  const near = oddAssetsOf(model).filter((asset) => {
    const isLeg = item.kind === 'zone' && asset.alsoIn.includes(item.zone);
    return isLeg || meets(spansOfEnd({ kind: 'asset', asset, at }), own);
  });
  return [zone, ...overlapping, ...near.map((asset) => asset.zone)];
}

/** The few assets that are not just inside their zone: with a leg in another one, or an address outside. */
function oddAssetsOf(model: ZoneModel): readonly Asset[] {
  const known = oddAssets.get(model);
  if (known !== undefined) return known;
  const created = model.assets.filter((asset) => {
    const { at, zone } = asset;
    const own = spansOfEnd({ kind: 'asset', asset, at });
    return asset.alsoIn.length > 0 || !within(own, spansOfEnd({ kind: 'zone', zone, at }));
  });
  oddAssets.set(model, created);
  return created;
}

const withLegs = new WeakMap<Asset, Spans<bigint>>();
const oddAssets = new WeakMap<ZoneModel, readonly Asset[]>();
const Nobody: Spans<bigint> = [];
