import type { AddressRange } from '../../../rules/modbus/profile.ts';
import type { Mode } from '../../model/access.ts';
import { joinRanges } from '../../model/ranges.ts';
import type { Asset, Flow, Permission, Profile, ZoneModel } from '../../model/zone-model.ts';
import { zoneOf } from '../endpoint.ts';

/** A flow with the profile that holds on it. */
export interface Use {
  readonly flow: Flow;
  readonly profile: Profile;
}

/** What may be said to each server in a mode, all clients together: their state is one. */
export function serversIn({ flows }: ZoneModel, mode: Mode): ReadonlyMap<Asset, readonly Use[]> {
  const replaced = new Map(mode.profiles.map(({ flow, profile }) => [flow, profile]));
  const servers = new Map<Asset, Use[]>();
  for (const flow of mode.keepsAll ? flows : mode.keep) {
    const profile = replaced.get(flow) ?? flow.profile;
    if (profile === undefined) continue;
    for (const end of flow.destinations) {
      if (end.kind === 'zone') continue;
      const uses = servers.get(end.asset);
      if (uses === undefined) servers.set(end.asset, [{ flow, profile }]);
      else uses.push({ flow, profile });
    }
  }
  return servers;
}

/** One permission of one client at a server. */
export interface Holder {
  readonly permission: Permission;
  readonly use: Use;
}

/** Every permission in use at a server. */
export function holdersOf(uses: readonly Use[]): readonly Holder[] {
  return uses.flatMap((use) => use.profile.permissions.map((permission) => ({ permission, use })));
}

/** Whether one source has both flows to a server, whichever ports they use. */
export function sameClient(one: Flow, other: Flow): boolean {
  if (one === other) return true;
  return one.sources.some((a) =>
    other.sources.some((b) =>
      a.kind === 'asset' && b.kind === 'asset' ? a.asset === b.asset : zoneOf(a) === zoneOf(b),
    ),
  );
}

/** The unit where both permissions hold; a broadcast reaches every unit of the first. */
export function sharedUnit(asset: Asset, guard: Permission, other: Permission): number | undefined {
  const guarded = new Set(stateUnits(asset, guard.units));
  const shared = stateUnits(asset, other.units).find((unit) => guarded.has(unit));
  if (shared !== undefined) return shared;
  const broadcast = asset.modbus.kind === 'serial-gateway' && other.units.includes(Broadcast);
  return broadcast && guarded.size > 0 ? Broadcast : undefined;
}

/**
 * The units of a permission as the state of a server counts them: 0 and 255 of a direct device are one
 * (MODBUS Messaging on TCP/IP V1.0b §4.4.2.1.2); of a broadcast nothing is ever known.
 */
export function stateUnits({ modbus }: Asset, units: readonly number[]): readonly number[] {
  if (modbus.kind === 'serial-gateway') return units.filter((unit) => unit !== Broadcast);
  return [...new Set(units.map((unit) => (unit === 0 ? 255 : unit)))];
}

/** Unit 0 of a serial gateway is every device on it at once. */
export const Broadcast = 0;

/** The first address of a range that none of the others holds. */
export function firstOutside(range: AddressRange, others: readonly AddressRange[]): number | undefined {
  let next = range.first;
  for (const { first, last } of joinRanges(others)) {
    if (first > next) break;
    next = Math.max(next, last + 1);
  }
  return next > range.last ? undefined : next;
}

/** As a person says it: `coil 64`, `holding register 140`. */
export function describeAddress(table: string, address: number): string {
  return `${table.replaceAll('-', ' ').slice(0, -1)} ${address}`;
}

/** For messages: its name where it has one, else its id, and its line. */
export function describePermission({ id, name, at }: Permission): string {
  return `${name === '' ? id : `"${name}"`} (line ${at.line})`;
}
