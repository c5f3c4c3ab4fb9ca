import type { Permission, Verdict } from '../../verdict.ts';
import type { WritableTable } from '../message/access.ts';
import type { ModbusPermission, ValueRule } from '../profile.ts';
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

/** The permissions of a profile, in its order. */
export function candidatesOf(permissions: readonly ModbusPermission[]): readonly Candidate[] {
  const forms = new Map<string, Forms>();
  return permissions.map((permission, index) => candidateOf(permission, index, forms));
}

function candidateOf(permission: ModbusPermission, index: number, known: Map<string, Forms>): Candidate {
  const { addresses, values, maxQuantity } = permission;
  const [range] = addresses.length === 1 ? addresses : [];
  const name = { index, id: permission.id, line: permission.line, name: permission.name };
  const { registers, coils } = formsOf(values, known);
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
    coils,
    permission,
    name,
  };
  return Object.assign(candidate, { first: candidate as Candidate });
}

interface Forms {
  readonly registers: ValueForm;
  readonly coils: ValueForm;
}

/** Permissions with the same rules for values judge by the same forms. */
function formsOf(values: readonly ValueRule[], known: Map<string, Forms>): Forms {
  const key = JSON.stringify(values);
  const forms = known.get(key) ?? {
    registers: valueForm(values, 'holding-registers'),
    coils: valueForm(values, 'coils'),
  };
  known.set(key, forms);
  return forms;
}

function writesFreely(permission: ModbusPermission, { isBounded, width }: ValueForm): boolean {
  return !isBounded && width === 1 && !isTimed(permission) && permission.interlocks.length === 0;
}

function isTimed({ step, minInterval, writesPerMinute }: ModbusPermission): boolean {
  return step !== undefined || minInterval > 0 || writesPerMinute > 0;
}

const Nobody: readonly Candidate[] = [];
