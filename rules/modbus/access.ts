import { bitAt } from './adu.ts';
import type { DataTable } from './function-code.ts';
import type {
  MaskWriteRequest,
  ReadWriteRequest,
  Request,
  WriteCoilRequest,
  WriteCoilsRequest,
  WriteRegisterRequest,
  WriteRegistersRequest,
} from './request.ts';

/** A run of addresses in one table of a unit; `quantity` is at least 1. */
export interface Span {
  readonly table: DataTable;
  readonly address: number;
  readonly quantity: number;
}

/** A request that changes something. */
export type WritingRequest =
  | WriteCoilRequest
  | WriteRegisterRequest
  | WriteCoilsRequest
  | WriteRegistersRequest
  | MaskWriteRequest
  | ReadWriteRequest;

/** Whether any part of the request writes. */
export function writes(request: Request): request is WritingRequest {
  return request.functionCode > 4;
}

/** What a request reads, or `undefined`. */
export function readSpan(request: Request): Span | undefined {
  switch (request.functionCode) {
    case 1:
      return { table: 'coils', address: request.address, quantity: request.quantity };
    case 2:
      return { table: 'discrete-inputs', address: request.address, quantity: request.quantity };
    case 3:
      return { table: 'holding-registers', address: request.address, quantity: request.quantity };
    case 4:
      return { table: 'input-registers', address: request.address, quantity: request.quantity };
    case 23:
      return { table: 'holding-registers', address: request.readAddress, quantity: request.readQuantity };
    default:
      return undefined;
  }
}

/** How many coils or registers a request writes. */
export function writtenQuantity(request: WritingRequest): number {
  switch (request.functionCode) {
    case 5:
    case 6:
    case 22:
      return 1;
    case 15:
      return request.quantity;
    case 16:
    case 23:
      return request.registers.length;
  }
}

/** The table a request writes. */
export function writtenTable(request: WritingRequest): 'coils' | 'holding-registers' {
  return request.functionCode === 5 || request.functionCode === 15 ? 'coils' : 'holding-registers';
}

/**
 * The word written at `address + index`: 0 or 1 for a coil, 0 to 65535 for a register, `undefined` for a
 * mask write, whose result depends on what is there.
 */
export function writtenWord(request: WritingRequest, index: number): number | undefined {
  switch (request.functionCode) {
    case 5:
      return request.on ? 1 : 0;
    case 6:
      return request.value;
    case 15:
      return bitAt(request.bits, index);
    case 16:
    case 23:
      return request.registers[index];
    case 22:
      return undefined;
  }
}
