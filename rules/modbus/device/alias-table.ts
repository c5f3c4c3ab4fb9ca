import { writtenWord } from '../message/access.ts';
import type { Request } from '../message/request.ts';
import type { CoilAlias } from '../profile.ts';

/**
 * Coils that are bits of registers (MAP V1.1b3 §4.3 lets the tables overlap), ascending by coil. Those that
 * are bits of one register are chained, so that what one request does to a register is seen together.
 */
export interface AliasTable {
  readonly coils: Uint16Array;
  readonly registers: Uint16Array;
  readonly bits: Uint8Array;
  /** The next and the previous one of the same register, -1 for none. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
}

export function createAliasTable(aliases: readonly CoilAlias[]): AliasTable {
  const sorted = [...aliases].sort((a, b) => a.coil - b.coil);
  const next = new Int32Array(sorted.length).fill(-1);
  const previous = new Int32Array(sorted.length).fill(-1);
  const latest = new Map<number, number>();
  for (const [index, { register }] of sorted.entries()) {
    const before = latest.get(register);
    latest.set(register, index);
    if (before === undefined) continue;
    previous[index] = before;
    next[before] = index;
  }
  return {
    coils: Uint16Array.from(sorted, ({ coil }) => coil),
    registers: Uint16Array.from(sorted, ({ register }) => register),
    bits: Uint8Array.from(sorted, ({ bit }) => bit),
    next,
    previous,
  };
}

/**
 * The first register that a request writes through its coils, as the first of the aliases that do so; -1
 * for none. Each such register comes once:
 *
 *     for (let alias = firstAlias(table, request); alias >= 0; alias = nextAlias(table, request, alias)) …
 */
export function firstAlias(table: AliasTable, request: Request): number {
  if (table.coils.length === 0 || !writesCoils(request)) return -1;
  const first = firstFrom(table.coils, request.writeAddress);
  return isWritten(table, request, first) ? first : -1;
}

/** The next register, or -1. */
export function nextAlias(table: AliasTable, request: Request, alias: number): number {
  const { coils, previous } = table;
  for (let next = alias + 1; isWritten(table, request, next); next++) {
    const before = previous[next] ?? -1;
    if (before < 0 || (coils[before] ?? 0) < request.writeAddress) return next;
  }
  return -1;
}

/** The mask write that does to that register what the request does to its coils (MAP V1.1b3 §6.16). */
export function takeMask(table: AliasTable, request: Request, alias: number, into: Request): void {
  into.functionCode = MaskWrite;
  into.unit = request.unit;
  into.writeAddress = table.registers[alias] ?? 0;
  into.writeQuantity = 1;
  into.andMask = 0xffff;
  into.orMask = 0;
  for (let each = alias; isWritten(table, request, each); each = table.next[each] ?? -1) {
    const bit = 1 << (table.bits[each] ?? 0);
    into.andMask &= ~bit;
    if (writtenWord(request, (table.coils[each] ?? 0) - request.writeAddress) === 1) into.orMask |= bit;
  }
}

/** Place of the first number in an ascending list that is not below `least`; the list's length for none. */
export function firstFrom(list: ArrayLike<number>, least: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writesCoils({ functionCode }: Request): boolean {
  return functionCode === 5 || functionCode === 15;
}

function isWritten({ coils }: AliasTable, { writeAddress, writeQuantity }: Request, alias: number): boolean {
  const coil = coils[alias] ?? -1;
  return coil >= writeAddress && coil < writeAddress + writeQuantity;
}

const MaskWrite = 22;
