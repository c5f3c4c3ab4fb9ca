import type { WritableTable } from '../message/access.ts';
import { type DataTable, functionCode } from '../message/function-code.ts';
import { type Candidate, formFor } from '../permission/candidate.ts';
import { permissionIndex } from '../permission/permission-index.ts';
import type { ValueForm } from '../permission/value-form.ts';
import type { AddressRange, ModbusPermission, ModbusProfile } from '../profile.ts';
import { merged } from './watch-list.ts';

/** One thing a profile needs remembered of a server, for some addresses of some units. */
export interface Watch {
  readonly units: readonly number[];
  readonly table: DataTable;
  readonly ranges: readonly AddressRange[];
  /** The cell itself, how often it is written in a minute, or how far in a minute by this measure. */
  readonly what: 'cell' | 'writes' | Drift;
}

/** Sums of steps of values that begin at addresses with this remainder. */
export interface Drift {
  readonly form: ValueForm;
  /** Address modulo `form.width`. */
  readonly remainder: number;
}

/** All that the steps, intervals, budgets and interlocks of a profile need; made once for each profile object. */
export function watchPlan(profile: ModbusProfile): readonly Watch[] {
  const known = plans.get(profile);
  if (known !== undefined) return known;
  const plan = new Map<string, Gathering>();
  for (const candidate of permissionIndex(profile).all) addCandidate(plan, candidate);
  const watches = [...plan.values()].map((each) => ({ ...each, ranges: merged(each.ranges) }));
  plans.set(profile, watches);
  return watches;
}

/** The table an interlock's read function reads. */
export function interlockTable(code: number): DataTable {
  const data = functionCode(code)?.data;
  if (code < 1 || code > 4 || data === undefined || data === 'files' || data === 'none') {
    throw new Error(`function code ${code} cannot feed an interlock`);
  }
  return data;
}

function driftName({ form, remainder }: Drift): string {
  return `${form.key}@${remainder}`;
}

interface Gathering extends Watch {
  readonly ranges: AddressRange[];
}

function addCandidate(plan: Map<string, Gathering>, candidate: Candidate): void {
  const { permission } = candidate;
  for (const { unit, functionCode: code, address } of permission.interlocks) {
    add(plan, 'cell', [unit], interlockTable(code), { first: address, last: address });
  }
  for (const table of tablesWritten(permission)) addWritten(plan, candidate, table);
}

function addWritten(plan: Map<string, Gathering>, candidate: Candidate, table: WritableTable): void {
  const { units, addresses, step, minInterval, writesPerMinute } = candidate.permission;
  const form = formFor(candidate, table);
  for (const range of addresses) {
    if (step !== undefined || minInterval > 0) add(plan, 'cell', units, table, range);
    if (writesPerMinute > 0) add(plan, 'writes', units, table, range);
    const values = Math.floor((range.last - range.first + 1) / form.width);
    if (step?.maxPerMinute === undefined || values === 0) continue;
    const drift = { form, remainder: range.first % form.width };
    add(plan, drift, units, table, { first: range.first, last: range.first + values * form.width - 1 });
  }
}

function add(
  plan: Map<string, Gathering>,
  what: Watch['what'],
  units: readonly number[],
  table: DataTable,
  range: AddressRange,
): void {
  const key = `${units.join()} ${table} ${typeof what === 'string' ? what : driftName(what)}`;
  const known = plan.get(key);
  if (known === undefined) plan.set(key, { units, table, what, ranges: [range] });
  else known.ranges.push(range);
}

function tablesWritten({ functions }: ModbusPermission): Set<WritableTable> {
  const tables = new Set<WritableTable>();
  for (const code of functions) {
    const entry = functionCode(code);
    if (entry === undefined || entry.maxWrite === 0) continue;
    tables.add(entry.data === 'coils' ? 'coils' : 'holding-registers');
  }
  return tables;
}

const plans = new WeakMap<ModbusProfile, readonly Watch[]>();
