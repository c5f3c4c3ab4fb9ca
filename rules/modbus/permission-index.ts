import type { AddressRange, FileRange, ModbusPermission, ModbusProfile, ValueRule } from '../policy.ts';
import type { Permission, Verdict } from '../verdict.ts';
import { type WritableTable, writes } from './access.ts';
import { type AliasTable, createAliasTable } from './alias-table.ts';
import { firstGroup, groupFile } from './file-groups.ts';
import { EncapsulatedTransport, functionCode, Umas } from './function-code.ts';
import type { Request } from './request.ts';
import { type ValueForm, valueForm } from './value-form.ts';

/**
 * One permission made ready to judge. What nearly every request needs lies in the object itself: with
 * thousands of permissions each reference followed is a wait for memory.
 */
export interface Candidate extends Choice {
  /** Its only address range; `lastAddress` is -1 where it has several or none. */
  readonly firstAddress: number;
  readonly lastAddress: number;
  /** Largest quantity per request, 65536 where the protocol's own limit is enough. */
  readonly maxQuantity: number;
  /** Whether a write anywhere in its ranges is permitted, whatever it writes. */
  readonly writesFreely: boolean;
  /** Whether a write is judged by those before it, or by what was read. */
  readonly isTimed: boolean;
  readonly isInterlocked: boolean;
  readonly allow: Verdict;
  /** How it reads what is written to registers and to coils. */
  readonly registers: ValueForm;
  readonly coils: ValueForm;
  readonly permission: ModbusPermission;
  /** How records name it. */
  readonly name: Permission;
}

/** One or more permissions in the profile's order; a candidate alone is the choice of itself. */
export interface Choice {
  readonly first: Candidate;
  readonly others: readonly Candidate[];
}

/** How a permission reads what a request writes. */
export function formFor(candidate: Candidate, table: WritableTable): ValueForm {
  return table === 'coils' ? candidate.coils : candidate.registers;
}

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
  const forms = new Map<string, ValueForm>();
  const all = profile.permissions.map((permission, index) => candidateOf(permission, index, forms));
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

interface Page {
  readonly choices: readonly (Choice | undefined)[];
  /** Places in lists that it takes. */
  readonly listed: number;
}

function candidateOf(permission: ModbusPermission, index: number, forms: Map<string, ValueForm>): Candidate {
  const { addresses, values, maxQuantity } = permission;
  const [range] = addresses.length === 1 ? addresses : [];
  const name = { index, id: permission.id, line: permission.line, name: permission.name };
  const registers = sharedForm(forms, values, 'holding-registers');
  const candidate: Omit<Candidate, 'first'> & { first: Candidate | undefined } = {
    first: undefined,
    others: Nobody,
    firstAddress: range?.first ?? -1,
    lastAddress: range?.last ?? -1,
    maxQuantity: maxQuantity === 0 ? 0x1_0000 : maxQuantity,
    writesFreely: writesFreely(permission, registers),
    isTimed: isTimed(permission),
    isInterlocked: permission.interlocks.length > 0,
    allow: Object.freeze<Verdict>({ kind: 'allow', permission: name }),
    registers,
    coils: sharedForm(forms, values, 'coils'),
    permission,
    name,
  };
  return Object.assign(candidate, { first: candidate as Candidate });
}

/** Permissions with the same rules for values judge by the same form. */
function sharedForm(
  forms: Map<string, ValueForm>,
  values: readonly ValueRule[],
  table: WritableTable,
): ValueForm {
  const key = table + JSON.stringify(values);
  const form = forms.get(key) ?? valueForm(values, table);
  forms.set(key, form);
  return form;
}

function writesFreely(permission: ModbusPermission, { isBounded, width }: ValueForm): boolean {
  return !isBounded && width === 1 && !isTimed(permission) && permission.interlocks.length === 0;
}

function isTimed({ step, minInterval, writesPerMinute }: ModbusPermission): boolean {
  return step !== undefined || minInterval > 0 || writesPerMinute > 0;
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

/** Where a request begins, 0 to 65535: an address, a file, a sub-function; -1 where it lacks what it needs. */
function placeOf(request: Request): number {
  const { functionCode: code } = request;
  if (writes(request)) return request.writeAddress;
  if (code === 8 || code === EncapsulatedTransport || code === Umas) return request.subFunction;
  if (code === 20 || code === 21) return groupFile(request, firstGroup(request));
  return request.readAddress;
}

/** What a permission has where {@link placeOf} looks; a function without a place has none to be outside of. */
function rangesOf({ permission }: Candidate, code: number): readonly AddressRange[] {
  if (code === 8 || code === Umas) return permission.subFunctions.map(single);
  if (code === EncapsulatedTransport) return permission.mei.map(single);
  if (code === 20 || code === 21) return permission.files.map(filesOf);
  return hasAddress(code) ? permission.addresses : Everywhere;
}

function createPage(code: number, candidates: readonly Candidate[], first: number): Page {
  const page = { first, last: first + PageSize - 1 };
  const spans = candidates
    .map((candidate) => ({
      candidate,
      ranges: rangesOf(candidate, code).filter((range) => overlaps(range, page)),
    }))
    .filter(({ ranges }) => ranges.length > 0);
  if (spans.length === 0) return EmptyPage;
  // A list is another one only where a range begins or has ended.
  const changes = new Set(
    spans.flatMap(({ ranges }) => ranges.flatMap(({ first, last }) => [first, last + 1])),
  );
  const choices: (Choice | undefined)[] = [];
  let current: Choice | undefined;
  let listed = PageSize;
  for (let place = page.first; place <= page.last; place++) {
    if (place === page.first || changes.has(place)) {
      const there = spans.filter(({ ranges }) => ranges.some((range) => contains(range, place)));
      current = choiceOf(there.map(({ candidate }) => candidate));
      listed += there.length;
    }
    choices.push(current);
  }
  return { choices, listed };
}

function choiceOf([first, ...others]: readonly Candidate[]): Choice | undefined {
  return first === undefined || others.length === 0 ? first : { first, others };
}

function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && a.last >= b.first;
}

function contains({ first, last }: AddressRange, place: number): boolean {
  return place >= first && place <= last;
}

function single(number: number): AddressRange {
  return { first: number, last: number };
}

function filesOf({ firstFile, lastFile }: FileRange): AddressRange {
  return { first: firstFile, last: lastFile };
}

function hasAddress(code: number): boolean {
  const data = functionCode(code)?.data;
  return data !== undefined && data !== 'none' && data !== 'files';
}

const PageSize = 256;
const Pages = 256;

const Nobody: readonly Candidate[] = [];
const EmptyPage: Page = { choices: [], listed: 0 };
const Everywhere: readonly AddressRange[] = [{ first: 0, last: 0xffff }];

const indexes = new WeakMap<ModbusProfile, PermissionIndex>();
