import {
  formatAddress,
  formatPrefix,
  parseAddress,
  parseAddressOnNetwork,
  parsePrefix,
} from '../../rules/address.ts';
import type { Place } from '../finding.ts';
import { readDevice } from './resolve-devices.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, type Source, tidy } from './source.ts';
import { quote } from './yaml-tree.ts';
import type { Asset, Network, SecurityLevel, Zone } from './zone-model.ts';

type ZoneEntry = ZoneModelFile['zones'][string];
type AssetEntry = NonNullable<ZoneEntry['assets']>[string];

/** Zones and their assets; asset names are unique in the site, because flows name assets without zones. */
export function resolveZones(source: Source, file: ZoneModelFile): void {
  for (const [id, entry] of Object.entries(file.zones)) {
    const networks = readNetworks(source, entry);
    const prefixes = networks.map(({ prefix }) => prefix);
    const zone: Zone = {
      at: source.places.key(file.zones, id),
      id,
      name: entry.name ?? id,
      kind: entry.kind,
      networks,
      prefixes,
      slT: readLevel(source, entry, 'sl_t', entry.sl_t),
    };
    source.names.zones.set(id, zone);
    for (const [name, assetEntry] of Object.entries(entry.assets ?? {})) {
      const asset = readAsset(source, entry.assets ?? {}, name, assetEntry, zone);
      addAsset(source, asset);
      if (networks.length === 0) prefixes.push(...asset.addresses.map(hostPrefix));
    }
  }
  for (const zone of source.names.zones.values()) {
    const asset = source.names.assets.get(zone.id);
    if (asset === undefined) continue;
    const message = `${quote(zone.id)} names both a zone and an asset (line ${asset.at.line}).`;
    source.reporter.error('N-002', zone.at, message, 'Rename one: a flow could mean either.');
  }
}

/** A prefix in canonical text; host bits and nonsense are reported and give undefined. */
export function readPrefix(source: Source, written: string, at: Place): string | undefined {
  const prefix = parsePrefix(written);
  if (prefix !== undefined) return formatPrefix(prefix);
  const meant = parseAddressOnNetwork(written)?.network;
  const message =
    meant === undefined
      ? `${quote(written)} is not a network.`
      : `${quote(written)} has bits set behind its prefix length.`;
  const hint =
    meant === undefined ? 'For example: 10.20.0.0/24.' : `Did you mean \`${formatPrefix(meant)}\`?`;
  source.reporter.error('S-007', at, message, hint);
  return undefined;
}

/** A level with its reasons; the rationale of an SL-C is empty. */
export function readLevel(
  source: Source,
  holder: object,
  key: string,
  entry: { level: number; vector?: SecurityLevel['vector']; rationale?: string; ref?: string },
): SecurityLevel {
  return {
    at: source.places.key(holder, key),
    level: entry.level,
    vector: entry.vector ?? {},
    rationale: tidy(entry.rationale),
    ref: entry.ref ?? '',
  };
}

function readNetworks(source: Source, entry: ZoneEntry): Network[] {
  return entriesOf(source, entry, 'networks', entry.networks ?? []).flatMap(({ entry: written, at }) => {
    const prefix = readPrefix(source, written, at);
    return prefix === undefined ? [] : [{ at, prefix }];
  });
}

function readAsset(source: Source, holder: object, name: string, entry: AssetEntry, zone: Zone): Asset {
  return {
    at: source.places.key(holder, name),
    name,
    zone,
    addresses: readAddresses(source, entry),
    mac: (entry.mac ?? '').toLowerCase(),
    type: entry.type ?? '',
    criticality: entry.criticality,
    firmware: entry.firmware ?? '',
    patchable: entry.patchable ?? true,
    compensating: tidy(entry.compensating),
    transient: entry.transient ?? false,
    sif: entry.sif ?? false,
    modbus: readDevice(source, entry),
    slC: entry.sl_c === undefined ? undefined : readLevel(source, entry, 'sl_c', entry.sl_c),
  };
}

function readAddresses(source: Source, entry: AssetEntry): string[] {
  return entriesOf(source, entry, 'ip', entry.ip ?? []).flatMap(({ entry: written, at }) => {
    const address = parseAddress(written);
    if (address !== undefined) return [formatAddress(address)];
    const hint = 'Write all four decimal numbers without leading zeros, or an IPv6 address.';
    source.reporter.error('S-007', at, `${quote(written)} is not an IP address.`, hint);
    return [];
  });
}

function addAsset(source: Source, asset: Asset): void {
  const other = source.names.assets.get(asset.name);
  if (other === undefined) {
    source.names.assets.set(asset.name, asset);
    return;
  }
  const message = `${quote(asset.name)} stands in zone ${asset.zone.id} and, on line ${other.at.line}, in zone ${other.zone.id}.`;
  source.reporter.error('Z-107', asset.at, message, 'Keep it in the one zone it belongs to.');
}

function hostPrefix(address: string): string {
  const prefix = parseAddress(address);
  return prefix === undefined ? '' : formatPrefix(prefix);
}
