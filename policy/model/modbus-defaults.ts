import type { ModbusLimits, RefusalRule } from '../../rules/modbus/profile.ts';

/** Limits of a profile that states none: the server count the Modbus TCP guide suggests, and 5 s. */
export const DefaultLimits: ModbusLimits = {
  aduPerSecond: 0,
  outstanding: 16,
  outstandingPerUnit: 0,
  requestTimeout: 5_000,
  connectionsPerSource: 0,
  exceptionsPerMinute: 0,
  readAddressesPerMinute: 0,
  readWordsPerMinute: 0,
};

/** How a refusal is answered unless the profile says otherwise: the connection survives. */
export const DefaultRefusal: RefusalRule = { action: 'exception', exceptionCodes: [] };
