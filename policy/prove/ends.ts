import { formatAddress, parseAddressOnNetwork } from '../../rules/address.ts';
import type { Gateway, Zone } from '../model/zone-model.ts';
import { spansOf } from './packet-box.ts';
import type { End } from './permit.ts';
import type { Spans } from './sets/spans.ts';

/** The addresses of an end, on the line of {@link spansOf}. */
export function spansOfEnd(end: End): Spans<bigint> {
  const subject = end.kind === 'asset' ? end.asset : end.kind === 'zone' ? end.zone : end.gateway;
  const known = spans.get(subject);
  if (known !== undefined) return known;
  const created = spansOf(prefixesOf(end));
  spans.set(subject, created);
  return created;
}

/** Its name in the model. */
export function nameOfEnd(end: End): string {
  return end.kind === 'asset' ? end.asset.name : end.kind === 'zone' ? end.zone.id : end.gateway.name;
}

/** The zone it is in; the box is in none. */
export function zoneOfEnd(end: End): Zone | undefined {
  return end.kind === 'asset' ? end.asset.zone : end.kind === 'zone' ? end.zone : undefined;
}

function prefixesOf(end: End): readonly string[] {
  if (end.kind === 'asset') return end.asset.addresses;
  return end.kind === 'zone' ? end.zone.prefixes : ownAddresses(end.gateway);
}

/** The box's addresses on all its legs. */
function ownAddresses({ interfaces }: Gateway): readonly string[] {
  return interfaces.flatMap(({ address }) => {
    const own = parseAddressOnNetwork(address)?.address;
    return own === undefined ? [] : [formatAddress(own)];
  });
}

/** An end is named in many flows. */
const spans = new WeakMap<object, Spans<bigint>>();
