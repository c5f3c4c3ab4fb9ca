import type { ModbusPermission, ModbusProfile } from '../policy.ts';
import type { Permission } from '../verdict.ts';

/** One permission and how records name it. */
export interface NamedPermission {
  readonly permission: ModbusPermission;
  readonly name: Permission;
}

/** The permissions of a profile by what a request shows first, in the profile's order. */
export interface PermissionIndex {
  /** Those that name the function code and the unit; a request needs one of these. */
  candidates(functionCode: number, unit: number): readonly NamedPermission[];
  /** The first that names the function code, for any unit. */
  firstFor(functionCode: number): NamedPermission | undefined;
}

/** The index of a profile, made once for each profile object. */
export function permissionIndex(profile: ModbusProfile): PermissionIndex {
  const known = indexes.get(profile);
  if (known !== undefined) return known;
  const created = createIndex(profile);
  indexes.set(profile, created);
  return created;
}

function createIndex(profile: ModbusProfile): PermissionIndex {
  const named = profile.permissions.map((permission, index) => ({
    permission,
    name: { index, line: permission.line, name: permission.name },
  }));
  const lists = new Map<number, readonly NamedPermission[]>();
  return {
    candidates(functionCode, unit) {
      const key = functionCode * 256 + unit;
      const known = lists.get(key);
      if (known !== undefined) return known;
      const list = named.filter(
        ({ permission }) => permission.functions.includes(functionCode) && permission.units.includes(unit),
      );
      lists.set(key, list);
      return list;
    },
    firstFor: (functionCode) => named.find(({ permission }) => permission.functions.includes(functionCode)),
  };
}

const indexes = new WeakMap<ModbusProfile, PermissionIndex>();
