import type { ModbusPermission, ValueRule } from '../../../rules/modbus/profile.ts';
import type { Described } from '../../../rules/modbus/text/describe.ts';
import type { Reason } from '../../../rules/reason.ts';

/** A request as a record holds it, for unit 1. */
export function asked(functionCode: number, rest: Partial<Described> = {}): Described {
  return {
    unit: 1,
    functionCode,
    subFunction: undefined,
    address: undefined,
    quantity: undefined,
    values: [],
    read: undefined,
    file: undefined,
    ...rest,
  };
}

/** The same, refused for a reason, with a permission named `Cl2 dose` closest. */
export function refused(functionCode: number, reason: Reason, rest: Partial<Described> = {}): Described {
  const permission = { index: 2, id: 'scada-setpoints/3', line: 94, name: 'Cl2 dose' };
  return asked(functionCode, { reason, permission, ...rest });
}

/** The permission called `Cl2 dose`, with nothing but what is said. */
export function closest(rest: Partial<ModbusPermission> = {}): { readonly permission: ModbusPermission } {
  const permission: ModbusPermission = {
    id: 'scada-setpoints/3',
    name: 'Cl2 dose',
    line: 94,
    functions: [6],
    subFunctions: [],
    mei: [],
    units: [1],
    addresses: [{ first: 140, last: 140 }],
    readAddresses: [],
    files: [],
    maxQuantity: 0,
    maxBytes: 0,
    values: [],
    step: undefined,
    minInterval: 0,
    writesPerMinute: 0,
    interlocks: [],
    unknown: 'refuse',
    refusal: undefined,
    ...rest,
  };
  return { permission };
}

/** A rule for values, big-endian and without bounds unless said otherwise. */
export function rule(type: ValueRule['type'], rest: Partial<ValueRule> = {}): ValueRule {
  const bounds = { min: undefined, max: undefined, allowed: [] };
  return { type, words: 'big', bytes: 'big', bits: undefined, ...bounds, ...rest };
}
