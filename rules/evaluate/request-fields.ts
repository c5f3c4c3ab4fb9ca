import { EncapsulatedTransport, functionCode, isOpaque, Umas } from '../modbus/message/function-code.ts';
import type { AskedRequest } from '../policy-test.ts';

/** What a request may say beside its unit and function; `data` are raw bytes, where nothing else tells them. */
export type RequestField = Exclude<keyof AskedRequest, 'unit' | 'functionCode'> | 'data';

/** The fields a function has: those it cannot be sent without, and those that have a least value. */
export function requestFields(code: number): {
  readonly needed: readonly RequestField[];
  readonly optional: readonly RequestField[];
} {
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return { needed: ['address'], optional: ['quantity'] };
    case 5:
    case 6:
      return { needed: ['address'], optional: ['values'] };
    case 15:
    case 16:
      return { needed: ['address'], optional: ['quantity', 'values'] };
    case 8:
      return { needed: ['subFunction'], optional: ['data'] };
    case 20:
      return { needed: ['file', 'record'], optional: ['quantity'] };
    case 21:
      return { needed: ['file', 'record'], optional: ['quantity', 'values'] };
    case 22:
      return { needed: ['address', 'andMask', 'orMask'], optional: [] };
    case 23:
      return { needed: ['address', 'readAddress'], optional: ['quantity', 'values', 'readQuantity'] };
    case 24:
      return { needed: ['address'], optional: [] };
    case EncapsulatedTransport:
      return { needed: ['mei'], optional: ['data'] };
    case Umas:
      return { needed: [], optional: ['subFunction', 'data'] };
    default:
      return { needed: [], optional: functionCode(code) === undefined && isOpaque(code) ? ['data'] : [] };
  }
}

/** What people call them, in a model and on the command line. */
export const FieldNames = {
  address: 'address',
  quantity: 'quantity',
  values: 'value',
  readAddress: 'read_address',
  readQuantity: 'read_quantity',
  andMask: 'and',
  orMask: 'or',
  subFunction: 'sub',
  mei: 'mei',
  file: 'file',
  record: 'record',
  data: 'data',
} as const satisfies Record<RequestField, string>;
