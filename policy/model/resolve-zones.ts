import {
  formatAddress,
  formatPrefix,
  parseAddress,
  parseAddressOnNetwork,
  parsePrefix,
} from '../../rules/address.ts';
import type { Place } from '../finding.ts';
import type { Characteristics, PatchDeferral } from './characteristics.ts';
import { readDevice } from './resolve-devices.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, readTime, type Source, tidy } from './source.ts';
import { quote } from './yaml-tree.ts';
import type { Asset, Network, SecurityLevel, Zone } from './zone-model.ts';

type ZoneEntry = ZoneModelFile['zones'][string];
type AssetEntry = NonNullable<ZoneEntry['assets']>[string];

/** Zones and their assets; asset names are unique in the site, because flows name assets without zones. */
export function resolveZones(source: Source, file: ZoneModelFile): void {
  /** Zones are named before they are all known, so bridges are filled in at the end. */
  const bridges: Bridge[] = [];
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
      owner: entry.owner ?? file.metadata.owner,
      boundary: tidy(entry.boundary),
      wireless: entry.wireless ?? false,
      transient: entry.transient ?? false,
      consequences: entry.consequences ?? {},
      characteristics: readCharacteristics(entry.characteristics),
    };
    source.names.zones.set(id, zone);
    for (const [name, assetEntry] of Object.entries(entry.assets ?? {})) {
      const asset = readAsset(source, entry.assets ?? {}, name, assetEntry, zone, bridges);
      addAsset(source, asset);
      if (networks.length === 0) prefixes.push(...asset.addresses.map(hostPrefix));
    }
  }
  for (const { holder, asset, names } of bridges) {
    const zones = entriesOf(source, holder, 'also_in', names);
    asset.push(...zones.map(({ entry, at }) => source.names.zone(entry, at)));
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
  entry: {
    level: number;
    vector?: SecurityLevel['vector'];
    rationale?: string;
    ref?: string;
    reviewed_by?: SecurityLevel['reviewedBy'];
  },
): SecurityLevel {
  return {
    at: source.places.key(holder, key),
    level: entry.level,
    vector: entry.vector ?? {},
    rationale: tidy(entry.rationale),
    ref: entry.ref ?? '',
    reviewedBy: entry.reviewed_by ?? { security: '', process: '' },
  };
}

function readNetworks(source: Source, entry: ZoneEntry): Network[] {
  return entriesOf(source, entry, 'networks', entry.networks ?? []).flatMap(({ entry: written, at }) => {
    const prefix = readPrefix(source, written, at);
    return prefix === undefined ? [] : [{ at, prefix }];
  });
}

interface Bridge {
  readonly holder: object;
  readonly asset: Zone[];
  readonly names: string | readonly string[];
}

/** The texts of ZCR 6.4 that stand in no other field. */
export function readCharacteristics(entry: ZoneEntry['characteristics']): Characteristics {
  return {
    physicalBoundary: tidy(entry?.physical_boundary),
    physicalAccess: tidy(entry?.physical_access),
    requirements: tidy(entry?.requirements),
    policies: tidy(entry?.policies),
    assumptions: tidy(entry?.assumptions),
  };
}

function readDeferral(source: Source, holder: AssetEntry): PatchDeferral | undefined {
  const entry = holder.deferral;
  if (entry === undefined) return undefined;
  return {
    at: source.places.key(holder, 'deferral'),
    reason: tidy(entry.reason),
    approver: entry.approver,
    since: readTime(source, entry, 'since', entry.since),
    review: readTime(source, entry, 'review', entry.review),
  };
}

function readAsset(
  source: Source,
  holder: object,
  name: string,
  entry: AssetEntry,
  zone: Zone,
  bridges: Bridge[],
): Asset {
  const alsoIn: Zone[] = [];
  if (entry.also_in !== undefined) bridges.push({ holder: entry, asset: alsoIn, names: entry.also_in });
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
    wireless: entry.wireless ?? false,
    alsoIn,
    slNeeded: entry.sl_needed,
    deferral: readDeferral(source, entry),
    decommissioned:
      entry.decommissioned === undefined
        ? undefined
        : readTime(source, entry, 'decommissioned', entry.decommissioned),
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
