import type { Asked } from './asked.ts';
import { type DataTable, functionCode } from './function-code.ts';

/**
 * One line for people: `WRITE holding register 140 = 200 on unit 1`. Addresses are 0-based as on the wire.
 */
export function describe(asked: Asked): string {
  const entry = functionCode(asked.functionCode);
  const unit = `on unit ${asked.unit}`;
  const table = entry?.data;
  if (asked.functionCode === 0) return 'bytes that are no Modbus message';
  if (entry === undefined) return `function code ${asked.functionCode} ${unit}`;
  if (asked.address === undefined || table === undefined || table === 'none' || table === 'files') {
    return `${entry.name} (function code ${entry.number}) ${unit}`;
  }
  const place = placeOf(table, asked.address, asked.quantity ?? 1);
  if (entry.access === 'read') return `READ ${place} ${unit}`;
  const [first = 0, second = 0] = asked.values;
  if (entry.number === 22) return `MASK WRITE ${place} and ${hex(first)} or ${hex(second)} ${unit}`;
  const write = `WRITE ${place}${valuesOf(table, asked)} ${unit}`;
  if (asked.read === undefined) return write;
  return `READ ${placeOf(table, asked.read.address, asked.read.quantity)} and ${write}`;
}

function placeOf(table: DataTable, address: number, quantity: number): string {
  const { one, many } = Names[table];
  return quantity === 1 ? `${one} ${address}` : `${many} ${address}-${address + quantity - 1}`;
}

function valuesOf(table: DataTable, { values, quantity }: Asked): string {
  if (values.length === 0) return '';
  const shown = values.map((value) => (table === 'coils' ? (value === 1 ? 'on' : 'off') : String(value)));
  if ((quantity ?? 0) > values.length) shown.push('…');
  return ` = ${shown.join(', ')}`;
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(4, '0')}`;
}

const Names: Record<DataTable, { readonly one: string; readonly many: string }> = {
  coils: { one: 'coil', many: 'coils' },
  'discrete-inputs': { one: 'discrete input', many: 'discrete inputs' },
  'holding-registers': { one: 'holding register', many: 'holding registers' },
  'input-registers': { one: 'input register', many: 'input registers' },
};
