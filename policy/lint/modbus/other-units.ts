import type { Asset, Permission } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { joinWords } from '../endpoint.ts';
import { type Door, describeDoor, doorsOf, isWayTo, overlapsOf } from './doors.ts';
import { type Limit, limitsOf } from './guard-limits.ts';
import { describePermission, holdersOf, sameClient, serversIn, stateUnits } from './servers.ts';
import { profileNameOf } from './terms.ts';

/** What is known is kept for each unit, and many a device that is just one answers to any of them. */
export const guardAlternated: Check = {
  code: 'M-313',
  severity: 'warning',
  clause: 'MODBUS Messaging on TCP/IP V1.0b §4.4.2.1.2',
  title: 'What is limited at a direct device is written under one unit.',
  run: (model) => {
    const found = new Map<Permission, Problem>();
    const add = ({ permission }: Door, message: string | undefined) => {
      if (message !== undefined && !found.has(permission))
        found.set(permission, { at: permission.at, about: profileNameOf(permission), message, hint: Hint });
    };
    for (const mode of model.modes)
      for (const [asset, uses] of serversIn(model, mode)) {
        if (asset.modbus.kind !== 'direct') continue;
        const doors = holdersOf(uses).flatMap(doorsOf);
        for (const door of doors) add(door, alone(asset, door));
        for (const [one, other] of overlapsOf(doors)) {
          if (found.has(one.permission) || found.has(other.permission)) continue;
          const message = together(asset, one, other);
          if (message === undefined) add(one, together(asset, other, one));
          else add(other, message);
        }
      }
    return [...found.values()];
  },
};

const Hint = 'Permit one unit, or declare `device: serial-gateway` where the units are several devices.';

/** One permission for several units. */
function alone(asset: Asset, door: Door): string | undefined {
  const limits = rememberedLimits(door.permission);
  const units = stateUnits(asset, door.permission.units);
  if (limits.length === 0 || units.length < 2 || door.alias !== undefined) return undefined;
  return `${describeDoor(door, door)} of ${asset.name} may be written under ${describeUnits(units)}, with the ${joinWords(limits)} judged for each alone: a device that ignores units takes them all.`;
}

/** Another permission for a unit that the limited one does not have. */
function together(asset: Asset, guard: Door, other: Door): string | undefined {
  const limits = rememberedLimits(guard.permission);
  if (limits.length === 0 || !isWayTo(guard, other) || isException(other.permission)) return undefined;
  const guarded = stateUnits(asset, guard.permission.units);
  const unit = stateUnits(asset, other.permission.units).find((each) => !guarded.includes(each));
  if (unit === undefined || !sameClient(guard.use.flow, other.use.flow)) return undefined;
  return `${describeDoor(guard, other)} of ${asset.name} may be written here under unit ${unit}, with the ${joinWords(limits)} of ${describePermission(guard.permission)} judged for ${describeUnits(guarded)} alone: a device that ignores units takes both.`;
}

/** The limits that are judged by what is known of a unit. */
function rememberedLimits(permission: Permission): readonly Limit[] {
  return limitsOf(permission).filter((limit) => limit !== 'value limit');
}

/** A list of values without any such limit was made on purpose: 0 may be written at any time. */
function isException(permission: Permission): boolean {
  const { values } = permission;
  return rememberedLimits(permission).length === 0 && values.some(({ allowed }) => allowed.length > 0);
}

function describeUnits(units: readonly number[]): string {
  const [first, second] = units;
  if (second === undefined) return `unit ${first}`;
  return units.length === 2 ? `units ${first} and ${second}` : `units ${first}, ${second} and others`;
}
