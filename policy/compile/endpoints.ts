import { comparePrefixes, formatPrefix, type Prefix, parsePrefix } from '../../rules/address.ts';
import type { Endpoint } from '../../rules/policy.ts';
import type { EndpointRef, Zone, ZoneModel } from '../model/zone-model.ts';
import { hostPrefix } from './box.ts';
import type { CompileReport } from './findings.ts';

/**
 * The ends of a flow as prefixes, in order and without repetition. An end that has no address would
 * mean nothing to the kernel, and must never come to mean "any".
 */
export function compileEndpoints(
  refs: readonly EndpointRef[],
  assets: ZoneModel['assets'],
  report: CompileReport,
): readonly Endpoint[] {
  return refs.flatMap((ref) => {
    const endpoint = compileEndpoint(ref, assets);
    if (endpoint.prefixes.length > 0) return [endpoint];
    const name = ref.kind === 'asset' ? ref.asset.name : ref.zone.id;
    report.add('K-819', name, ref.at, `${name} has no address.`, 'Give it an ip, or take it out of here.');
    return [];
  });
}

/** Zone of an end, whichever way it was named. */
export function zoneOf(ref: EndpointRef): Zone {
  return ref.kind === 'asset' ? ref.asset.zone : ref.zone;
}

function compileEndpoint(ref: EndpointRef, assets: ZoneModel['assets']): Endpoint {
  if (ref.kind === 'asset') {
    const { name, zone, addresses } = ref.asset;
    return { asset: name, zone: zone.id, prefixes: inOrder(addresses.map(hostPrefix)) };
  }
  const { id, networks } = ref.zone;
  if (networks.length > 0)
    return { asset: '', zone: id, prefixes: inOrder(networks.map(({ prefix }) => prefix)) };
  // A zone without networks is exactly its assets.
  const members = assets.filter((asset) => asset.zone.id === id);
  return {
    asset: '',
    zone: id,
    prefixes: inOrder(members.flatMap((asset) => asset.addresses.map(hostPrefix))),
  };
}

function inOrder(texts: readonly string[]): readonly string[] {
  const parsed = texts.map(parsePrefix).filter((prefix): prefix is Prefix => prefix !== undefined);
  return [...new Set(parsed.sort(comparePrefixes).map(formatPrefix))];
}
