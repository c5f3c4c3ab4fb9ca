import type { DataTable } from '../message/function-code.ts';
import type { AddressRange } from '../profile.ts';

/** Which addresses of a server are worth remembering, and since when. Looking something up allocates nothing. */
export interface WatchList {
  /** Watches {@link merged} ranges; whichever addresses are new count as watched since `now`. */
  add(unit: number, table: DataTable, ranges: readonly AddressRange[], now: number): void;
  /** The first watched address in `[from, to]`, or -1. */
  next(unit: number, table: DataTable, from: number, to: number): number;
  /** When the address was first watched; `Infinity` where it is not. */
  since(unit: number, table: DataTable, address: number): number;
  /** Whether any address of the unit is watched. */
  hasUnit(unit: number): boolean;
}

/** Watches nothing yet. */
export function createWatchList(): WatchList {
  /** By unit and table: stretches that do not overlap, ascending. */
  const stretches = new Array<Stretch[] | undefined>(256 * Tables).fill(undefined);

  function add(unit: number, table: DataTable, ranges: readonly AddressRange[], now: number): void {
    const known = stretches[slotOf(unit, table)] ?? [];
    const added: Stretch[] = [];
    let passed = 0;
    for (const range of ranges) {
      let from = range.first;
      for (let at = passed; at < known.length; at++) {
        const stretch = known[at];
        if (stretch === undefined || stretch.first > range.last) break;
        if (stretch.last < from) {
          passed = at + 1;
          continue;
        }
        if (stretch.first > from) added.push({ first: from, last: stretch.first - 1, since: now });
        from = stretch.last + 1;
      }
      if (from <= range.last) added.push({ first: from, last: range.last, since: now });
    }
    if (added.length > 0) stretches[slotOf(unit, table)] = ascending([...known, ...added]);
  }

  /** The first stretch that ends at or behind an address. */
  function stretchFrom(unit: number, table: DataTable, address: number): Stretch | undefined {
    const list = stretches[slotOf(unit, table)];
    if (list === undefined) return undefined;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle]?.last ?? 0) < address) low = middle + 1;
      else high = middle;
    }
    return list[low];
  }

  return {
    add,
    next(unit, table, from, to) {
      const stretch = stretchFrom(unit, table, from);
      if (from > to || stretch === undefined || stretch.first > to) return -1;
      return stretch.first > from ? stretch.first : from;
    },
    since(unit, table, address) {
      const stretch = stretchFrom(unit, table, address);
      return stretch === undefined || stretch.first > address ? Number.POSITIVE_INFINITY : stretch.since;
    },
    hasUnit(unit) {
      for (let table = 0; table < Tables; table++) {
        if (stretches[unit * Tables + table] !== undefined) return true;
      }
      return false;
    },
  };
}

/** The same addresses in as few ranges as can be, ascending. */
export function merged(ranges: readonly AddressRange[]): AddressRange[] {
  const result: AddressRange[] = [];
  for (const range of ascending(ranges)) {
    const previous = result.at(-1);
    if (previous === undefined || range.first > previous.last + 1) result.push(range);
    else result[result.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
  }
  return result;
}

/** A number for each unit, table and address: below 2^26. */
export function addressKey(unit: number, table: DataTable, address: number): number {
  return slotOf(unit, table) * 0x1_0000 + address;
}

interface Stretch extends AddressRange {
  readonly since: number;
}

function ascending<Range extends AddressRange>(ranges: readonly Range[]): Range[] {
  return [...ranges].sort((a, b) => a.first - b.first);
}

function slotOf(unit: number, table: DataTable): number {
  return unit * Tables + TableNumber[table];
}

const Tables = 4;

const TableNumber: Record<DataTable, number> = {
  coils: 0,
  'discrete-inputs': 1,
  'holding-registers': 2,
  'input-registers': 3,
};
