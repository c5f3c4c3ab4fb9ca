import type {
  CoilAlias,
  ModbusLimits,
  ModbusPermission,
  ModbusProfile,
  RefusalRule,
} from '../../../rules/modbus/profile.ts';

/** A permission for unit 1 and addresses 0 to 99, unless said otherwise. */
export function permit(functions: readonly number[], rest: Partial<ModbusPermission> = {}): ModbusPermission {
  return {
    id: `test/${functions.join('-')}`,
    name: '',
    line: 1,
    functions,
    subFunctions: [],
    mei: [],
    units: [1],
    addresses: [{ first: 0, last: 99 }],
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
}

/** A profile with room for 16 requests, a second for each answer and no other limit, unless said otherwise. */
export function profileOf(
  permissions: readonly ModbusPermission[],
  limits: Partial<ModbusLimits> = {},
  aliases: readonly CoilAlias[] = [],
  refusal: RefusalRule = { action: 'exception', exceptionCodes: [] },
): ModbusProfile {
  return { name: 'test', permissions, aliases, limits: { ...NoLimits, ...limits }, refusal };
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

const NoLimits: ModbusLimits = {
  aduPerSecond: 0,
  outstanding: 16,
  outstandingPerUnit: 512,
  requestTimeout: 1_000,
  connectionsPerSource: 0,
  exceptionsPerMinute: 0,
  readAddressesPerMinute: 0,
  readWordsPerMinute: 0,
};
