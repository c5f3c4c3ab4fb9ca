import type {
  AddressRange,
  ModbusPermission,
  ModbusProfile,
  RefusalRule,
  ValueRule,
} from '../../rules/modbus/profile.ts';
import type { FlowRule, ModeRule } from '../../rules/policy.ts';
import type { Permission, ZoneModel } from '../model/zone-model.ts';

/**
 * The Modbus profiles that a flow, a target of a vendor or a mode of this box uses.
 * @param flows targets among them
 */
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
    .map(({ name, permissions, aliases, limits, refusal }) => ({
      name,
      permissions: permissions.map(compilePermission),
      aliases: aliases.map(({ coil, register, bit, name: alias }) => ({ coil, register, bit, name: alias })),
      limits: { ...limits },
      refusal: compileRefusal(refusal),
    }));
}

/** Everything is copied by name: a field the model gains later must be decided on here, not slip through. */
function compilePermission(permission: Permission): ModbusPermission {
  const { step, refusal } = permission;
  return {
    id: permission.id,
    name: permission.name,
    line: permission.at.line,
    functions: [...permission.functions],
    subFunctions: [...permission.subFunctions],
    mei: [...permission.mei],
    units: [...permission.units],
    addresses: permission.addresses.map(compileRange),
    readAddresses: permission.readAddresses.map(compileRange),
    files: permission.files.map(({ firstFile, lastFile, firstRecord, lastRecord }) => ({
      firstFile,
      lastFile,
      firstRecord,
      lastRecord,
    })),
    maxQuantity: permission.maxQuantity,
    maxBytes: permission.maxBytes,
    values: permission.values.map(compileValue),
    step: step && { max: step.max, maxPerMinute: step.maxPerMinute, noOlderThan: step.noOlderThan },
    minInterval: permission.minInterval,
    writesPerMinute: permission.writesPerMinute,
    interlocks: permission.interlocks.map(({ functionCode, unit, address, is, noOlderThan }) => ({
      functionCode,
      unit,
      address,
      is,
      noOlderThan,
    })),
    unknown: permission.unknown,
    refusal: refusal && compileRefusal(refusal),
  };
}

function compileRange({ first, last }: AddressRange): AddressRange {
  return { first, last };
}

function compileValue({ type, words, bytes, bits, min, max, allowed }: ValueRule): ValueRule {
  return { type, words, bytes, bits: bits && compileRange(bits), min, max, allowed: [...allowed] };
}

function compileRefusal({ action, exceptionCodes }: RefusalRule): RefusalRule {
  return { action, exceptionCodes: exceptionCodes.map(({ reason, code }) => ({ reason, code })) };
}
