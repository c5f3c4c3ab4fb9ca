import type { DataTable } from '../../rules/modbus/function-code.ts';
import type { AddressRange } from '../../rules/policy.ts';
import type { Mode } from '../model/access.ts';
import { joinRanges } from '../model/ranges.ts';
import type { Asset, Flow, Permission, Profile, ZoneModel } from '../model/zone-model.ts';

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
export function describeAddress(table: DataTable, address: number): string {
  return `${table.replaceAll('-', ' ').slice(0, -1)} ${address}`;
}

/** For messages: its name where it has one, else its id, and its line. */
export function describePermission({ id, name, at }: Permission): string {
  return `${name === '' ? id : `"${name}"`} (line ${at.line})`;
}
