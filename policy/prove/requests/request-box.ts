import type { FileRange } from '../../../rules/modbus/profile.ts';
import type { Permission } from '../../model/zone-model.ts';
import { type Box, meetBox, splitBox } from '../sets/box.ts';
import { fromRanges, isSame, meet, within, without } from '../sets/spans.ts';
import { rangeIn } from './range-in.ts';
import { everyPattern, type ValueSet } from './value-set.ts';

/**
 * Requests of one function code: every combination of its sides whose last address fits its first one and
 * its quantity, all of whose values pass. A side that a function does not have is {0}.
 */
export interface RequestBox extends Box<RequestSide> {
  readonly functionCode: number;
  /** What each value written is; undefined is anything. Of a mask write: whatever it can leave. */
  readonly every: ValueSet | undefined;
  /** Each of these holds not every value written. */
  readonly notEvery: readonly ValueSet[];
  /** Values take `width` registers, counted from the address `phase`. */
  readonly width: 1 | 2 | 4;
  readonly phase: number;
  /** Each group of a file function lies inside one of these. */
  readonly files: readonly FileRange[];
  /**
   * Further conditions by name, of which no more is known here than that equal names are equal conditions: steps,
   * intervals, budgets and interlocks, which hold at some times and not at others; aliases that a coil's value
   * has to satisfy.
   */
  readonly terms: readonly Term[];
  /** Why there may be less in it than is written, or nothing; empty where it is exact but for its terms. */
  readonly doubts: readonly Doubt[];
  readonly permission: Permission | undefined;
}

export type RequestSide = (typeof RequestSides)[number];

/** First, last and quantity are those of what is written, else read; the `read…` ones are of function code 23. */
export const RequestSides = [
  'unit',
  'sub',
  'first',
  'last',
  'quantity',
  'readFirst',
  'readLast',
  'readQuantity',
  'size',
] as const;

export type Term = `limits ${string}` | `alias ${string}`;
/**
 * `limits`: it passed before under other steps, intervals or interlocks. `alias`: what a coil does to its register
 * depends on the other bits. `values`: forms of value that cannot be compared. `files`: groups of records. `parts`:
 * too many to tell apart. `unseen`: what the function does at an address is not seen by the gateway.
 */
export type Doubt = 'limits' | 'alias' | 'values' | 'files' | 'parts' | 'unseen';

/** What is in the first and not in the second, never less than that; `doubts` say where it may be more. */
export function subtractBox(box: RequestBox, taken: RequestBox): readonly RequestBox[] {
  if (box.functionCode !== taken.functionCode || taken.notEvery.length > 0) return [box];
  const { outside, inside } = splitBox<RequestSide, number, RequestBox>(box, taken, RequestSides);
  if (inside === undefined) return [box];
  const rest = afterTerms(inside, taken);
  // Nothing was taken out of it: it stays whole, instead of in parts.
  if (rest.length === 1 && rest[0] === inside) return [box];
  return [...outside, ...rest].filter((part) => !isEmptyBox(part));
}

/** The part of a box in which another one's sides hold, or undefined for none. */
export function narrowBox(box: RequestBox, sides: Partial<Box<RequestSide>>): RequestBox | undefined {
  const given = RequestSides.filter((side) => sides[side] !== undefined);
  const cut = meetBox<RequestSide, number, RequestBox>(box, { ...box, ...sides }, given);
  return cut === undefined || isEmptyBox(cut) ? undefined : cut;
}

/** Whether the box certainly holds no request. */
export function isEmptyBox(box: RequestBox): boolean {
  if (RequestSides.some((side) => box[side].length === 0)) return true;
  if (box.every !== undefined && box.every.patterns.length === 0) return true;
  if (box.notEvery.some((set) => holdsAll(set, box.every))) return true;
  if (hasAddress(box) && rangeIn(box, box.width, box.phase) === undefined) return true;
  const read = { first: box.readFirst, last: box.readLast, quantity: box.readQuantity };
  return box.functionCode === ReadWrite && rangeIn(read, 1, 0) === undefined;
}

/** Whether the function has an address and a quantity; a file function has neither. */
export function hasAddress({ functionCode }: Pick<RequestBox, 'functionCode'>): boolean {
  return Addressed.has(functionCode);
}

/** Whether each value of the second is in the first; undefined is anything. */
function holdsAll(set: ValueSet, values: ValueSet | undefined): boolean {
  if (set.doubt !== '')
    return values !== undefined && values.doubt === set.doubt && values.layout === set.layout;
  if (values === undefined) return isSame(set.patterns, everyPattern(set));
  return values.layout === set.layout && within(values.patterns, set.patterns);
}

/** What is left where all sides agree. */
function afterTerms(box: RequestBox, taken: RequestBox): readonly RequestBox[] {
  const doubt = openDoubt(box, taken);
  if (doubt !== undefined) return [withDoubt(box, doubt)];
  return afterValues(box, taken.every);
}

/** Why a box with the same sides may hold less of what is in this one than its values say. */
function openDoubt(box: RequestBox, taken: RequestBox): Doubt | undefined {
  const missing = taken.terms.find((term) => !box.terms.includes(term));
  if (missing !== undefined) return missing.startsWith('limits') ? 'limits' : 'alias';
  if (!areFilesInside(box.files, taken.files)) return 'files';
  const isOnGrid = box.width % taken.width === 0 && (box.phase - taken.phase) % taken.width === 0;
  return isOnGrid || taken.width === 1 ? undefined : 'values';
}

function afterValues(box: RequestBox, taken: ValueSet | undefined): readonly RequestBox[] {
  if (taken === undefined || holdsAll(taken, box.every)) return [];
  if (taken.doubt !== '') return [withDoubt(box, 'values')];
  const every = box.every ?? anyOf(box, taken);
  if (every === undefined || every.layout !== taken.layout) return [withDoubt(box, 'values')];
  const rest = without(every.patterns, taken.patterns);
  // Of one value all can be said; of several only that not all of them are among those taken.
  if (box.functionCode !== MaskWrite && writesOneValue(box)) {
    return [{ ...box, every: { ...every, patterns: rest } }];
  }
  return [{ ...box, every, notEvery: [...box.notEvery, taken] }];
}

/** Anything, written as patterns where the values are as wide as those it is compared with. */
function anyOf({ width }: RequestBox, set: ValueSet): ValueSet | undefined {
  return width === set.width ? { ...set, patterns: everyPattern(set) } : undefined;
}

function areFilesInside(files: readonly FileRange[], whole: readonly FileRange[]): boolean {
  return files.every((one) =>
    whole.some(
      ({ firstFile, lastFile, firstRecord, lastRecord }) =>
        one.firstFile >= firstFile &&
        one.lastFile <= lastFile &&
        one.firstRecord >= firstRecord &&
        one.lastRecord <= lastRecord,
    ),
  );
}

/** The same box, of which it is said why there may be less in it. */
export function withDoubt(box: RequestBox, doubt: Doubt): RequestBox {
  return box.doubts.includes(doubt) ? box : { ...box, doubts: [...box.doubts, doubt] };
}

function writesOneValue(box: RequestBox): boolean {
  const more = meet(box.quantity, fromRanges([{ first: box.width + 1, last: 0xffff }]));
  return rangeIn({ ...box, quantity: more }, box.width, box.phase) === undefined;
}

const MaskWrite = 22;
const ReadWrite = 23;
const Addressed: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 24]);
