import type { AddressRange, ModbusPermission, ModbusProfile } from '../policy.ts';
import type { Span } from './access.ts';
import { type DataTable, functionCode } from './function-code.ts';

/** Which addresses of a server are worth remembering, and which are two names of one thing. */
export interface WatchList {
  add(profile: ModbusProfile): void;
  has(unit: number, table: DataTable, address: number): boolean;
  /** The watched parts of a span, ascending, each inside it. */
  within(unit: number, span: Span): readonly AddressRange[];
  /** The registers whose bits are coils of the span, and the reverse. */
  twinsOf(span: Span): readonly Span[];
}

/** Watches nothing yet. */
export function createWatchList(): WatchList {
  const added = new WeakSet<ModbusProfile>();
  const ranges = new Map<number, readonly AddressRange[]>();
  const twins = { coils: new Map<number, Set<number>>(), registers: new Map<number, Set<number>>() };

  function add(profile: ModbusProfile): void {
    if (added.has(profile)) return;
    added.add(profile);
    for (const permission of profile.permissions) addPermission(permission);
    for (const { coil, register } of profile.aliases) {
      join(twins.coils, coil, register);
      join(twins.registers, register, coil);
    }
  }

  function addPermission({
    functions,
    units,
    addresses,
    maxStep,
    minInterval,
    interlock,
  }: ModbusPermission): void {
    if (maxStep !== undefined || minInterval > 0) {
      for (const table of tablesWritten(functions)) {
        for (const unit of units) {
          for (const range of addresses) addRange(unit, table, range);
        }
      }
    }
    if (interlock !== undefined) {
      const { unit, address } = interlock;
      addRange(unit, interlockTable(interlock.functionCode), { first: address, last: address });
    }
  }

  function addRange(unit: number, table: DataTable, range: AddressRange): void {
    const key = keyOf(unit, table);
    ranges.set(key, merged([...(ranges.get(key) ?? []), range]));
  }

  function within(unit: number, { table, address, quantity }: Span): readonly AddressRange[] {
    const watched = ranges.get(keyOf(unit, table));
    if (watched === undefined) return Nothing;
    const end = address + quantity - 1;
    const parts: AddressRange[] = [];
    for (const { first, last } of watched) {
      if (first <= end && last >= address) {
        parts.push({ first: Math.max(first, address), last: Math.min(last, end) });
      }
    }
    return parts;
  }

  function twinsOf({ table, address, quantity }: Span): readonly Span[] {
    const from = table === 'coils' ? twins.coils : twins.registers;
    if (from.size === 0 || (table !== 'coils' && table !== 'holding-registers')) return Nothing;
    const found: Span[] = [];
    for (const [own, others] of from) {
      if (own < address || own >= address + quantity) continue;
      const other = table === 'coils' ? 'holding-registers' : 'coils';
      for (const twin of others) found.push({ table: other, address: twin, quantity: 1 });
    }
    return found;
  }

  return {
    add,
    has: (unit, table, address) => within(unit, { table, address, quantity: 1 }).length > 0,
    within,
    twinsOf,
  };
}

/** The table an interlock's read function reads. */
export function interlockTable(code: number): DataTable {
  const data = functionCode(code)?.data;
  if (code < 1 || code > 4 || data === undefined || data === 'files' || data === 'none') {
    throw new Error(`function code ${code} cannot feed an interlock`);
  }
  return data;
}

function tablesWritten(functions: readonly number[]): Set<DataTable> {
  const tables = new Set<DataTable>();
  for (const code of functions) {
    const entry = functionCode(code);
    if (entry?.inspected && entry.maxWrite > 0)
      tables.add(entry.data === 'coils' ? 'coils' : 'holding-registers');
  }
  return tables;
}

function merged(ranges: readonly AddressRange[]): AddressRange[] {
  const result: AddressRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = result.at(-1);
    if (previous === undefined || range.first > previous.last + 1) result.push(range);
    else result[result.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
  }
  return result;
}

function join(map: Map<number, Set<number>>, from: number, to: number): void {
  const known = map.get(from);
  if (known === undefined) map.set(from, new Set([to]));
  else known.add(to);
}

function keyOf(unit: number, table: DataTable): number {
  return unit * 4 + TableNumber[table];
}

/** A number for each table, for keys. */
export const TableNumber: Record<DataTable, number> = {
  coils: 0,
  'discrete-inputs': 1,
  'holding-registers': 2,
  'input-registers': 3,
};

const Nothing: readonly never[] = [];
