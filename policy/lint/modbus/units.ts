import type { Asset, Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { Broadcast } from './servers.ts';
import { permissionsOf, profileNameOf } from './terms.ts';

/** A broadcast is never answered (MODBUS over Serial Line V1.02 §2.1), so it can do nothing but write. */
export const broadcastRead: Check = {
  code: 'M-311',
  severity: 'warning',
  clause: 'MODBUS over Serial Line V1.02 §2.1',
  title: 'Nothing is broadcast that asks for an answer.',
  run: (model) =>
    [...broadcasts(model)]
      .filter(([{ functions }]) => !functions.some((number) => OnlyWrite.has(number)))
      .map(([permission, asset]) => ({
        at: permission.at,
        about: profileNameOf(permission),
        message: `Unit 0 of the serial gateway ${asset.name} is a broadcast, which function code ${permission.functions[0]} cannot be.`,
        hint: 'Name the units, 1 to 247.',
      })),
};

/** Units nobody has: a device that answers to one of them does so by mistake. */
export const reservedUnit: Check = {
  code: 'M-311',
  severity: 'warning',
  clause: 'MODBUS Messaging on TCP/IP V1.0b §4.4.2.1.2',
  title: 'No permission names a unit from 248 to 254.',
  run: (model) =>
    permissionsOf(model).flatMap((permission) => {
      const { at, units } = permission;
      const reserved = units.find((unit) => unit >= 248 && unit <= 254);
      if (reserved === undefined) return [];
      return [
        {
          at,
          about: profileNameOf(permission),
          message: `Unit ${reserved} means no device: 248 to 254 are reserved.`,
          hint: 'Devices behind a gateway are 1 to 247; a direct device is 255, or 0.',
        },
      ];
    }),
};

/** The functions that have nothing to answer but that it was done. */
const OnlyWrite: ReadonlySet<number> = new Set([5, 6, 15, 16, 21, 22]);

/** Permissions with unit 0, each with the first serial gateway it leads to. */
export function broadcasts({ flows }: ZoneModel): ReadonlyMap<Permission, Asset> {
  const found = new Map<Permission, Asset>();
  for (const { profile, destinations } of flows)
    for (const end of destinations) {
      if (end.kind === 'zone' || end.asset.modbus.kind === 'direct') continue;
      for (const permission of profile?.permissions ?? [])
        if (permission.units.includes(Broadcast) && !found.has(permission)) found.set(permission, end.asset);
    }
  return found;
}
