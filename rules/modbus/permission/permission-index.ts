import { type AliasTable, createAliasTable } from '../device/alias-table.ts';
import type { Request } from '../message/request.ts';
import type { ModbusProfile } from '../profile.ts';
import { type Candidate, type Choice, candidatesOf } from './candidate.ts';
import { createPage, EmptyPage, type Page, PageSize, Pages, placeOf } from './permission-page.ts';

/**
 * The permissions of a profile by what a request shows first, in the profile's order. A look-up costs the
 * same however many there are: each function and unit has a table of pages over where a request begins, and
 * units with the same permissions share it. Pages are made when first asked for.
 */
export interface PermissionIndex {
  readonly all: readonly Candidate[];
  readonly aliases: AliasTable;
  /** Those for the function and unit that permit the place where the request begins. */
  choice(request: Request): Choice | undefined;
  /** Those for a function, for any unit. */
  forFunction(functionCode: number): readonly Candidate[];
  /** Those for a function and a unit, for any place. */
  forUnit(functionCode: number, unit: number): readonly Candidate[];
}

/**
 * So many places in lists one profile's index keeps at most, 16 MB. Beyond that it forgets its pages and
 * makes them again as they are asked for: a client that walks through every unit, function and address
 * costs time, as without an index, but never memory.
 */
export const MaxListed = 2 ** 21;

/** The index of a profile, made once for each profile object. */
export function permissionIndex(profile: ModbusProfile): PermissionIndex {
  const known = indexes.get(profile);
  if (known !== undefined) return known;
  const created = createPermissionIndex(profile, MaxListed);
  indexes.set(profile, created);
  return created;
}

/** One that keeps another number of places. */
export function createPermissionIndex(profile: ModbusProfile, maxListed: number): PermissionIndex {
  const all = candidatesOf(profile.permissions);
  const functions = functionTables(all);
  let listed = 0;

  function unitTable(table: FunctionTable, unit: number): UnitTable {
    return table.byUnit[unit] ?? addUnitTable(table, unit);
  }

  /** Apart, because a function that holds a closure allocates each time it is called. */
  function addUnitTable(table: FunctionTable, unit: number): UnitTable {
    const candidates = table.candidates.filter(({ permission }) => permission.units.includes(unit));
    const name = candidates.map(({ name: { index } }) => index).join();
    let created = table.distinct.get(name);
    if (created === undefined) {
      // The list, its name, and room for pages.
      keep(2 * candidates.length + Pages);
      created = { candidates, pages: new Array<Page | undefined>(Pages).fill(undefined) };
      table.distinct.set(name, created);
    }
    table.byUnit[unit] = created;
    return created;
  }

  function pageOf(functionCode: number, unit: number, number: number): Page {
    const table = functions[functionCode];
    if (table === undefined) return EmptyPage;
    const { candidates, pages } = unitTable(table, unit);
    const known = pages[number];
    if (known !== undefined) return known;
    const created = createPage(functionCode, candidates, number * PageSize);
    keep(created.listed);
    pages[number] = created;
    return created;
  }

  function keep(places: number): void {
    listed += places;
    if (listed <= maxListed) return;
    listed = places;
    for (const table of functions) table?.forget();
  }

  return {
    all,
    aliases: createAliasTable(profile.aliases),
    choice(request) {
      const place = placeOf(request);
      if (place < 0) return undefined;
      return pageOf(request.functionCode, request.unit, place >>> 8).choices[place & 0xff];
    },
    forFunction: (functionCode) => functions[functionCode]?.candidates ?? Nobody,
    forUnit(functionCode, unit) {
      const table = functions[functionCode];
      return table === undefined ? Nobody : unitTable(table, unit).candidates;
    },
  };
}

interface FunctionTable {
  readonly candidates: readonly Candidate[];
  readonly byUnit: (UnitTable | undefined)[];
  /** By the places of its permissions: units with the same ones have the same table. */
  readonly distinct: Map<string, UnitTable>;
  forget(): void;
}

interface UnitTable {
  readonly candidates: readonly Candidate[];
  readonly pages: (Page | undefined)[];
}

function functionTables(all: readonly Candidate[]): (FunctionTable | undefined)[] {
  const lists: Candidate[][] = [];
  for (const candidate of all) {
    for (const code of candidate.permission.functions) {
      const list = lists[code] ?? [];
      // A function listed twice is still one permission for it.
      if (list.at(-1) !== candidate) list.push(candidate);
      lists[code] = list;
    }
  }
  return Array.from({ length: 128 }, (_, code) => functionTable(lists[code]));
}

function functionTable(candidates: readonly Candidate[] | undefined): FunctionTable | undefined {
  if (candidates === undefined) return undefined;
  const byUnit = new Array<UnitTable | undefined>(256).fill(undefined);
  const distinct = new Map<string, UnitTable>();
  return {
    candidates,
    byUnit,
    distinct,
    forget() {
      byUnit.fill(undefined);
      distinct.clear();
    },
  };
}

const Nobody: readonly Candidate[] = [];

const indexes = new WeakMap<ModbusProfile, PermissionIndex>();
