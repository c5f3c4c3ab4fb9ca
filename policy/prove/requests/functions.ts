import { mayBroadcast } from '../../../rules/modbus/message/access.ts';
import { diagnosticFunction } from '../../../rules/modbus/message/diagnostics.ts';
import {
  EncapsulatedTransport,
  functionCode,
  isOpaque,
  isOpaqueMei,
} from '../../../rules/modbus/message/function-code.ts';
import { createRequest } from '../../../rules/modbus/message/request.ts';

/** Whether a function may be sent to every unit behind a serial gateway at once. */
export function mayBroadcastFunction(code: number): boolean {
  return mayBroadcast({ ...createRequest(), functionCode: code });
}

/** Whether a request with this function and sub-function may change something in the device. */
export function mayChangeFunction(code: number, sub: number): boolean {
  if (code === Diagnostics) return diagnosticFunction(sub)?.access !== 'read';
  if (code === EncapsulatedTransport) return isOpaqueMei(sub);
  return functionCode(code)?.access !== 'read';
}

/** Whether it may bring something back from the device. */
export function mayReadFunction(code: number, sub: number): boolean {
  if (code === Diagnostics) return diagnosticFunction(sub)?.access !== 'write';
  return functionCode(code)?.access !== 'write';
}

/**
 * Whether what it does to which address is not seen by the gateway: its data is opaque, or it writes records of
 * files, behind which a device may keep its registers.
 */
export function isUnseen(code: number, sub: number): boolean {
  if (code === ReadFile || code === WriteFile || isOpaque(code)) return true;
  return code === EncapsulatedTransport && isOpaqueMei(sub);
}

const Diagnostics = 8;
const ReadFile = 20;
const WriteFile = 21;
