import type { ModbusDevice } from '../../../rules/modbus/profile.ts';
import type { RequestSelection } from '../../model/claims.ts';
import { fromNumbers, fromRanges, least, meet, type Spans } from '../sets/spans.ts';
import { isUnseen, mayChangeFunction, mayReadFunction } from './functions.ts';
import { upTo } from './range-in.ts';
import { hasAddress, isEmptyBox, narrowBox, type RequestBox, withDoubt } from './request-box.ts';
import { patternsWith } from './value-words.ts';

/** What is known of the servers that requests go to. */
export interface Servers {
  readonly kind: ModbusDevice['kind'];
  /** Coils that are bits of holding registers, by any profile that speaks of these servers. */
  readonly aliases: readonly { readonly coil: number; readonly register: number }[];
}

/**
 * The requests of some boxes that a statement is about: of each box a part, never all that is meant of it, and
 * none exactly where nothing is. What a function with opaque data or file records does at which address nobody sees
 * here, so it meets whatever addresses and values are stated.
 */
export function selectRequests(
  boxes: readonly RequestBox[],
  selection: RequestSelection,
  servers: Servers,
): readonly RequestBox[] {
  return boxes.flatMap((box) => selectFrom(box, selection, servers));
}

function selectFrom(box: RequestBox, selection: RequestSelection, servers: Servers): readonly RequestBox[] {
  const { functionCode: code } = box;
  if (selection.functions.length > 0 && !selection.functions.includes(code)) return [];
  const units =
    selection.units.length === 0 ? box.unit : fromNumbers(unitsMeant(selection.units, servers.kind));
  const sub = subsOf(box, selection.class);
  const own = narrowBox(box, { unit: meet(box.unit, units), sub });
  if (own === undefined) return [];
  const isBound = selection.addresses.length > 0 || selection.values !== undefined;
  if (!isBound) return [own];
  if (isUnseen(code, least(sub) ?? 0)) return [withDoubt(own, 'unseen')];
  return hasAddress(own) ? selectAddresses(own, selection, servers) : [];
}

/**
 * Units as requests name them: of a direct device 0 and 255 are one (MODBUS Messaging on TCP/IP V1.0b §4.4.2.1.2),
 * behind a serial gateway 0 is all of them.
 */
function unitsMeant(units: readonly number[], kind: ModbusDevice['kind']): readonly number[] {
  if (kind === 'serial-gateway') return [0, ...units];
  return units.includes(0) || units.includes(255) ? [0, 255, ...units] : units;
}

/** The sub-functions that read or write; {0} where there are none of either. */
function subsOf({ functionCode: code, sub }: RequestBox, wanted: RequestSelection['class']): Spans {
  if (wanted === undefined) return sub;
  const fits = wanted === 'write' ? mayChangeFunction : mayReadFunction;
  // At most the 65 536 of Diagnostics, of which a permission lists a few.
  const numbers = sub.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, at) => first + at));
  return fromNumbers(numbers.filter((number) => fits(code, number)));
}

/** A part of the box for each half that is meant: what function code 23 writes, and what it reads. */
function selectAddresses(
  box: RequestBox,
  { class: wanted, addresses, values }: RequestSelection,
  { aliases }: Servers,
): readonly RequestBox[] {
  const { functionCode: code } = box;
  const isWrite = mayChangeFunction(code, 0);
  const isRead = mayReadFunction(code, 0);
  const ranges = addresses.length === 0 ? Everywhere : addresses;
  const parts: RequestBox[] = [];
  for (const range of ranges) {
    if (isWrite && wanted !== 'read') parts.push(...writing(box, range, values));
    // A read carries no value, so none that is stated is in it.
    if (isRead && wanted !== 'write' && values === undefined) parts.push(...reading(box, range));
  }
  if (code !== 5 && code !== 15) return parts;
  const bits = aliases.filter(({ register }) =>
    addresses.some(({ first, last }) => first <= register && register <= last),
  );
  const coils = bits.flatMap(({ coil }) => writing(box, { first: coil, last: coil }, undefined));
  // What a bit leaves in the register depends on the others.
  return [...parts, ...(values === undefined ? coils : coils.map((part) => withDoubt(part, 'alias')))];
}

interface Range {
  readonly first: number;
  readonly last: number;
}

function writing(
  box: RequestBox,
  { first, last }: Range,
  values: RequestSelection['values'],
): readonly RequestBox[] {
  const there = narrowBox(box, reaching(first, last));
  if (there === undefined || values === undefined) return there === undefined ? [] : [there];
  const wanted = fromRanges([{ first: values.min, last: values.max }]);
  // Only whole values are written: registers that are left over at an end of the range are in none of them.
  const { width, phase } = there;
  const low = Math.max(first, upTo(there.first[0]?.first ?? 0, phase, width));
  const high = Math.min(last, upTo((there.last.at(-1)?.end ?? 0) - width + 1, phase, width) - 1);
  const found = patternsWith(there, wanted, low, high).flatMap(({ values: every, address }) => {
    const part = { ...there, every };
    return isEmptyBox(part) ? [] : [{ part, exact: narrowBox(part, reaching(address, address)) }];
  });
  // One that reaches the very register, if there is one: in another place the same values leave other words.
  const part = width === 1 ? undefined : found.find(({ exact }) => exact !== undefined)?.exact;
  return [part ?? found[0]?.part].filter((one) => one !== undefined);
}

function reading(box: RequestBox, { first, last }: Range): readonly RequestBox[] {
  const whole = reaching(first, last);
  const sides = box.functionCode === ReadWrite ? { readFirst: whole.first, readLast: whole.last } : whole;
  const there = narrowBox(box, sides);
  return there === undefined ? [] : [there];
}

/** Ranges that hold some address of this one. */
function reaching(first: number, last: number): { readonly first: Spans; readonly last: Spans } {
  return { first: fromRanges([{ first: 0, last }]), last: fromRanges([{ first, last: 0xffff }]) };
}

const Everywhere: readonly Range[] = [{ first: 0, last: 0xffff }];
const ReadWrite = 23;
