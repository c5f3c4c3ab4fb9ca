import type { FlowRule, ModbusPermission, ModbusProfile, ModeRule } from '../../rules/policy.ts';
import type { Permission, ZoneModel } from '../model/zone-model.ts';

/** The Modbus profiles that a flow or a mode of this box uses. */
export function compileProfiles(
  model: ZoneModel,
  flows: readonly FlowRule[],
  modes: readonly ModeRule[],
): readonly ModbusProfile[] {
  const used = new Set([
    ...flows.map(({ profile }) => profile),
    ...modes.flatMap(({ profiles }) => profiles.map(({ profile }) => profile)),
  ]);
  return model.profiles
    .filter(({ name }) => used.has(name))
    .map(({ name, permissions, aliases, limits }) => ({
      name,
      permissions: permissions.map(compilePermission),
      aliases: aliases.map(({ coil, register, bit, name: alias }) => ({ coil, register, bit, name: alias })),
      limits: {
        aduPerSecond: limits.aduPerSecond,
        outstanding: limits.outstanding,
        requestTimeout: limits.requestTimeout,
      },
    }));
}

/** Everything is copied by name: a field the model gains later must be decided on here, not slip through. */
function compilePermission(permission: Permission): ModbusPermission {
  const { value, interlock } = permission;
  return {
    name: permission.name,
    line: permission.at.line,
    functions: [...permission.functions],
    mei: [...permission.mei],
    units: [...permission.units],
    addresses: permission.addresses.map(({ first, last }) => ({ first, last })),
    readAddresses: permission.readAddresses.map(({ first, last }) => ({ first, last })),
    maxQuantity: permission.maxQuantity,
    value: value && {
      type: value.type,
      words: value.words,
      min: value.min,
      max: value.max,
      allowed: [...value.allowed],
    },
    maxStep: permission.maxStep,
    minInterval: permission.minInterval,
    interlock: interlock && {
      functionCode: interlock.functionCode,
      unit: interlock.unit,
      address: interlock.address,
      is: interlock.is,
      noOlderThan: interlock.noOlderThan,
    },
  };
}
