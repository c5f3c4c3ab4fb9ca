import type { Flow, Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { Broadcast } from './servers.ts';
import {
  Diagnostics,
  opaqueFunction,
  permissionsOf,
  profileNameOf,
  ReadWrite,
  readBy,
  writingFunction,
  writtenBy,
} from './terms.ts';
import { broadcasts } from './units.ts';

/** What a device tells of itself tells an attacker which flaws it has. */
export const deviceTellsAll: Check = {
  code: 'M-328',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'Functions about the device itself are not permitted at all times.',
  run: (model) =>
    [...alwaysPermitted(model)].flatMap(([permission, flow]) => {
      const number = permission.functions.find((one) => AboutTheDevice.has(one));
      if (number === undefined) return [];
      return [
        {
          at: permission.at,
          about: profileNameOf(permission),
          message: `Function code ${number} tells about the device itself, and ${flow.id} permits it at all times.`,
          hint: 'Keep it for maintenance: on a temporary conduit, with hours, or with a session.',
        },
      ];
    }),
};

/** Programs are loaded with such functions, and the gateway cannot read them. */
export const opaqueAlwaysOpen: Check = {
  code: 'M-329',
  severity: 'warning',
  clause: '62443-3-3 SR 2.1',
  title: 'What cannot be read is not permitted at all times.',
  run: (model) =>
    [...alwaysPermitted(model)].flatMap(([permission, flow]) => {
      const opaque = opaqueFunction(permission);
      if (opaque === undefined) return [];
      return [
        {
          at: permission.at,
          about: profileNameOf(permission),
          message: `${opaque} can load a program, and ${flow.id} permits it at all times.`,
          hint: 'Keep it for maintenance: on a temporary conduit, with hours, or with a session.',
        },
      ];
    }),
};

/** Nobody confirms a broadcast, and every device on the line takes it. */
export const broadcastWrite: Check = {
  code: 'M-330',
  severity: 'warning',
  clause: 'MODBUS over Serial Line V1.02 §2.1',
  title: 'Nothing is written to all devices of a line at once.',
  run: (model) =>
    [...broadcasts(model)]
      .filter(([permission]) => writingFunction(permission) !== undefined)
      .map(([permission, asset]) => ({
        at: permission.at,
        about: profileNameOf(permission),
        message: `Function code ${writingFunction(permission)} may be written to unit ${Broadcast}, every device behind ${asset.name} at once, and none of them confirms it.`,
        hint: 'Name the units, 1 to 247.',
      })),
};

/** Whoever lists 23 beside reads takes it for one. */
export const readWriteAmongReads: Check = {
  code: 'M-332',
  severity: 'warning',
  clause: 'MAP V1.1b3 §6.17',
  title: 'Function code 23 does not stand among reads.',
  run: (model) =>
    permissionsOf(model)
      .filter(
        (permission) =>
          permission.functions.includes(ReadWrite) &&
          permission.functions.length > 1 &&
          permission.functions.every((number) => number === ReadWrite || isRead(permission, number)),
      )
      .map((permission) => ({
        at: permission.at,
        about: profileNameOf(permission),
        message: 'Function code 23 stands among reads, but it writes as well.',
        hint: 'Take it out, or give it an entry of its own with limits on what it writes.',
      })),
};

/** All of them is what no range would be, in other words. */
export const everyAddress: Check = {
  code: 'M-333',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'No permission to write reaches every address.',
  run: ({ profiles }) =>
    [...new Set(profiles.flatMap(({ preset, permissions }) => (preset === undefined ? permissions : [])))]
      .filter((permission) => writtenBy(permission).some(({ ranges }) => ranges.some(isEverything)))
      .map((permission) => ({
        at: permission.at,
        about: profileNameOf(permission),
        message: `Function code ${writingFunction(permission)} may write any address from 0 to 65535.`,
        hint: 'Name the addresses it is meant for.',
      })),
};

const AboutTheDevice: ReadonlySet<number> = new Set([Diagnostics, 17, 43]);

/** Permissions of profiles in use on flows that are open at all times, each with the first such flow. */
function alwaysPermitted({ flows }: ZoneModel): ReadonlyMap<Permission, Flow> {
  const found = new Map<Permission, Flow>();
  for (const flow of flows) {
    const { conduit, profile, requiresSession } = flow;
    // What a preset permits is said of the flow that names it.
    if (profile === undefined || profile.preset !== undefined || requiresSession) continue;
    if (conduit.temporary !== undefined || conduit.schedule !== undefined) continue;
    for (const permission of profile.permissions) if (!found.has(permission)) found.set(permission, flow);
  }
  return found;
}

function isRead(permission: Permission, number: number): boolean {
  return (
    readBy({ ...permission, functions: [number] }).length > 0 &&
    writingFunction({ ...permission, functions: [number] }) === undefined
  );
}

function isEverything({ first, last }: { readonly first: number; readonly last: number }): boolean {
  return first === 0 && last === 65535;
}
