import { allowsValue, createWrittenValue, valueForm } from '../../../rules/modbus/permission/value-form.ts';
import type { CoilAlias } from '../../../rules/modbus/profile.ts';
import { splitBox } from '../sets/box.ts';
import { fromRanges, has, joined, meet, type Spans, without } from '../sets/spans.ts';
import { type RequestBox, type RequestSide, RequestSides, type Term } from './request-box.ts';

/**
 * A coil that is a bit of a register is written only where the mask write that does the same to the register
 * would pass. Where none can, the writes that reach the coil are taken out; where some can, they keep a term.
 */
export function guardAliases(
  boxes: readonly RequestBox[],
  aliases: readonly CoilAlias[],
): readonly RequestBox[] {
  let guarded = boxes;
  for (const own of Map.groupBy(aliases, ({ register }) => register).values()) {
    const masks = masksOf(boxes, own);
    guarded = guarded.flatMap((box) => (writesCoils(box) ? guardBox(box, own, masks) : [box]));
  }
  return guarded;
}

/** The units at which some write to the coils of a register passes, and those at which each does. */
interface Masks {
  readonly open: Spans;
  readonly free: Spans;
  readonly term: Term;
}

function masksOf(boxes: readonly RequestBox[], own: readonly CoilAlias[]): Masks {
  const register = own[0]?.register ?? 0;
  const there = boxes.filter(({ functionCode, first }) => functionCode === MaskWrite && has(first, register));
  const open = there.filter((box) => somePasses(box, own));
  const free = open.filter(({ every, terms }) => every === undefined && terms.length === 0);
  const coils = own.map(({ coil, bit }) => [coil, bit]);
  const by = open.map(({ unit, permission, terms }) => [unit, permission?.values, terms]);
  return {
    open: joined(open.flatMap(({ unit }) => unit)),
    free: joined(free.flatMap(({ unit }) => unit)),
    term: `alias ${JSON.stringify([register, coils, by])}`,
  };
}

/** The more bits are forced, the less can be left: if all of them together cannot pass, no fewer can. */
function somePasses({ every, permission }: RequestBox, own: readonly CoilAlias[]): boolean {
  if (every === undefined || permission === undefined || own.length > MostBits) return true;
  const form = valueForm(permission.values, 'holding-registers');
  const written = createWrittenValue();
  const bits = [...new Set(own.map(({ bit }) => bit))];
  const mask = bits.reduce((all, bit) => all | (1 << bit), 0);
  written.isMask = true;
  written.and = 0xffff & ~mask;
  for (let chosen = mask; ; chosen = (chosen - 1) & mask) {
    written.or = chosen;
    if (allowsValue(form, written)) return true;
    if (chosen === 0) return false;
  }
}

function guardBox(whole: RequestBox, own: readonly CoilAlias[], masks: Masks): readonly RequestBox[] {
  const kept: RequestBox[] = [];
  let left: readonly RequestBox[] = [whole];
  for (const { coil } of own) {
    const next: RequestBox[] = [];
    for (const box of left) {
      const reach = { ...box, first: upTo(coil), last: from(coil) };
      const { outside, inside } = splitBox<RequestSide, number, RequestBox>(box, reach, RequestSides);
      next.push(...outside);
      if (inside === undefined) continue;
      const free = { ...inside, unit: meet(inside.unit, masks.free) };
      const bound = { ...inside, unit: without(meet(inside.unit, masks.open), masks.free) };
      if (free.unit.length > 0) kept.push(free);
      if (bound.unit.length > 0) kept.push({ ...bound, terms: [...bound.terms, masks.term] });
    }
    left = next;
  }
  return [...left, ...kept];
}

function writesCoils({ functionCode }: RequestBox): boolean {
  return functionCode === 5 || functionCode === 15;
}

function upTo(coil: number): Spans {
  return fromRanges([{ first: 0, last: coil }]);
}

function from(coil: number): Spans {
  return fromRanges([{ first: coil, last: 0xffff }]);
}

const MaskWrite = 22;
/** With so many bits of one register that trying all of them would take long, one is taken to pass. */
const MostBits = 12;
