import { diagnosticFunction } from '../../../rules/modbus/message/diagnostics.ts';
import {
  type DataTable,
  EncapsulatedTransport,
  functionCode,
  isOpaque,
  isOpaqueMei,
  Umas,
} from '../../../rules/modbus/message/function-code.ts';
import type { AddressRange } from '../../../rules/modbus/profile.ts';
import type { Permission, ZoneModel } from '../../model/zone-model.ts';

export const Diagnostics = 8;
export const ReadFile = 20;
export const WriteFile = 21;
export const MaskWrite = 22;
export const ReadWrite = 23;

/** Each permission once, also where several profiles inherit it. */
export function permissionsOf({ profiles }: ZoneModel): readonly Permission[] {
  return [...new Set(profiles.flatMap(({ permissions }) => permissions))];
}

/** The profile whose line a permission is; an inherited one keeps the name of its own. */
export function profileNameOf({ id }: Permission): string {
  return id.slice(0, id.lastIndexOf('/'));
}

/** The first function of a permission with which something in the device may change; opaque ones might. */
export function writingFunction(permission: Permission): number | undefined {
  return permission.functions.find((number) => writesWith(permission, number));
}

/** The function, or function and MEI type in words, whose data the gateway cannot read. */
export function opaqueFunction({ functions, mei }: Permission): string | undefined {
  const number = functions.find(isOpaque);
  if (number !== undefined) return `Function code ${number}`;
  const type = functions.includes(EncapsulatedTransport) ? mei.find(isOpaqueMei) : undefined;
  return type === undefined ? undefined : `MEI type ${type}`;
}

/** Whether a function has sub-functions that a permission must name. */
export function hasSubFunctions(number: number): boolean {
  return number === Diagnostics || number === Umas;
}

export function isFileFunction(number: number): boolean {
  return number === ReadFile || number === WriteFile;
}

/** The table whose addresses a function has. */
export function tableOf(number: number): DataTable | undefined {
  const data = functionCode(number)?.data;
  return data === undefined || data === 'none' || data === 'files' ? undefined : data;
}

export function writesRegisters(number: number): boolean {
  return tableOf(number) === 'holding-registers' && mayWrite(number);
}

/** Addresses of one table. */
export interface Span {
  readonly table: DataTable;
  readonly ranges: readonly AddressRange[];
}

/** What a permission lets a client write, by table. */
export function writtenBy({ functions, addresses }: Permission): readonly Span[] {
  const tables = functions.filter(mayWrite).flatMap((number) => tableOf(number) ?? []);
  return [...new Set(tables)].map((table) => ({ table, ranges: addresses }));
}

/** What a permission lets a client read, by table, so that the gateway sees it. A FIFO is no register. */
export function readBy({ functions, addresses, readAddresses }: Permission): readonly Span[] {
  return functions.flatMap((number) => {
    const code = functionCode(number);
    const table = tableOf(number);
    if (table === undefined || code === undefined || number === ReadFifo) return [];
    if (number === ReadWrite) return [{ table, ranges: readAddresses }];
    return code.maxRead > 0 ? [{ table, ranges: addresses }] : [];
  });
}

/** Most registers or bits of one request under a permission, and in registers; 0 where it reads none. */
export function largestRead(permission: Permission): { readonly addresses: number; readonly words: number } {
  let [addresses, words] = [0, 0];
  for (const number of permission.functions) {
    const table = tableOf(number);
    const most = functionCode(number)?.maxRead ?? 0;
    const ranges = number === ReadWrite ? permission.readAddresses : permission.addresses;
    const longest = Math.max(0, ...ranges.map(({ first, last }) => last - first + 1));
    const quantity = Math.min(most, longest, permission.maxQuantity || most);
    addresses = Math.max(addresses, quantity);
    const isBits = table === 'coils' || table === 'discrete-inputs';
    words = Math.max(words, isBits ? Math.ceil(quantity / 16) : quantity);
  }
  return { addresses, words };
}

const ReadFifo = 24;

function mayWrite(number: number): boolean {
  const access = functionCode(number)?.access;
  return access === 'write' || access === 'both';
}

function writesWith({ subFunctions, mei }: Permission, number: number): boolean {
  if (number === Diagnostics) return subFunctions.some((sub) => diagnosticFunction(sub)?.access !== 'read');
  if (number === EncapsulatedTransport) return mei.some(isOpaqueMei);
  return isOpaque(number) || mayWrite(number);
}
