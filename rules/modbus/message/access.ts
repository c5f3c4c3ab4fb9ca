import { bitAt, byteAt, wordAt } from './adu.ts';
import { type DataTable, EncapsulatedTransport, functionCode, isOpaqueMei } from './function-code.ts';
import type { Request } from './request.ts';

/** Whether the request reads coils or registers; file records are not counted here. */
export function reads(request: Request): boolean {
  return request.readQuantity > 0;
}

/** Whether the request writes coils or registers; file records are not counted here. */
export function writes(request: Request): boolean {
  return request.writeQuantity > 0;
}

/** The table a reading request reads. Function code 24 reads the queue a holding register points to. */
export function readTable(request: Request): DataTable {
  const data = functionCode(request.functionCode)?.data;
  return data === undefined || data === 'none' || data === 'files' ? 'holding-registers' : data;
}

/** The table a writing request writes. */
export function writtenTable(request: Request): WritableTable {
  return request.functionCode === 5 || request.functionCode === 15 ? 'coils' : 'holding-registers';
}

/** The two tables a client can write (MAP V1.1b3 §4.3). */
export type WritableTable = 'coils' | 'holding-registers';

/**
 * The word written at `writeAddress + index`: 0 or 1 for a coil, 0 to 65535 for a register, -1 for a mask
 * write, whose result depends on what is there.
 */
export function writtenWord(request: Request, index: number): number {
  const { bytes, dataStart } = request;
  switch (request.functionCode) {
    case 5:
      return byteAt(bytes, dataStart) === 0 ? 0 : 1;
    case 15:
      return bitAt(bytes, dataStart, index);
    case 6:
    case 16:
    case 23:
      return wordAt(bytes, dataStart + 2 * index);
    default:
      return -1;
  }
}

/** Whether the request may change something in the device; of opaque data nobody knows, so it may. */
export function mayChange({ functionCode: code, subFunction }: Request): boolean {
  if (code === EncapsulatedTransport) return isOpaqueMei(subFunction);
  return functionCode(code)?.access !== 'read';
}

/** Reaches every unit behind a serial gateway, and is never answered (MODBUS over Serial Line V1.02 §2.2). */
export const BroadcastUnit = 0;

/**
 * Whether a request may be broadcast: it only writes, so that no unit has anything to answer. What a
 * function with opaque data does is not known, so it may not.
 */
export function mayBroadcast(request: Request): boolean {
  switch (request.functionCode) {
    case 5:
    case 6:
    case 15:
    case 16:
    case 21:
    case 22:
      return true;
    default:
      return false;
  }
}
