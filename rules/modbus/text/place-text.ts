import type { DataTable } from '../message/function-code.ts';

/**
 * Where something is, in the words of the plant: `holding registers 140-141 (40141-40142)`. The number is
 * 0-based as on the wire; in brackets the reference that panels and drawings show, of five digits, or of
 * six where the last address is above 9998.
 */
export function placeText(table: DataTable, address: number, quantity = 1): string {
  const { one, many, digit } = Tables[table];
  const last = address + quantity - 1;
  const width = last + 1 > 9999 ? 5 : 4;
  const reference = (at: number): string => `${digit}${String(at + 1).padStart(width, '0')}`;
  if (quantity === 1) return `${one} ${address} (${reference(address)})`;
  return `${many} ${address}-${last} (${reference(address)}-${reference(last)})`;
}

/** `file 4, records 0-9`. */
export function recordsText(file: number, record: number, length: number): string {
  return length === 1
    ? `file ${file}, record ${record}`
    : `file ${file}, records ${record}-${record + length - 1}`;
}

const Tables: Record<DataTable, { readonly one: string; readonly many: string; readonly digit: number }> = {
  coils: { one: 'coil', many: 'coils', digit: 0 },
  'discrete-inputs': { one: 'discrete input', many: 'discrete inputs', digit: 1 },
  'input-registers': { one: 'input register', many: 'input registers', digit: 3 },
  'holding-registers': { one: 'holding register', many: 'holding registers', digit: 4 },
};
