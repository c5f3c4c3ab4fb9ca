import type { ValueRule } from '../policy.ts';
import { type WritableTable, writtenWord } from './access.ts';
import type { Request } from './request.ts';
import {
  allowsMask,
  allowsWords,
  distance,
  inPrecisionOf,
  maskDistance,
  type ValueCheck,
  valueCheck,
} from './value.ts';

/** How a permission reads what is written: every check holds, and a step is the largest that any of them sees. */
export interface ValueForm {
  readonly first: ValueCheck;
  readonly width: 1 | 2 | 4;
  readonly isBounded: boolean;
  /** Equal for two forms that measure the same steps. */
  readonly key: string;
}

/** The form of a permission's values in one table; without any, every register is a number of its own. */
export function valueForm(values: readonly ValueRule[], table: WritableTable): ValueForm {
  // A coil has no bytes that could be the other way round.
  const rules = table === 'coils' ? values.map((rule): ValueRule => ({ ...rule, bytes: 'big' })) : values;
  const first = rules.reduceRight<ValueCheck | undefined>((next, rule) => valueCheck(rule, next), undefined);
  return {
    first: first ?? AnyWord,
    width: first?.width ?? 1,
    isBounded: rules.some((rule) => valueCheck(rule, undefined).isBounded),
    key: rules.map(measureOf).join(' '),
  };
}

/** One value on its way to a server: its words as they are sent, or the masks of function code 22. */
export interface WrittenValue {
  isMask: boolean;
  and: number;
  or: number;
  readonly words: Uint16Array;
}

/** To be filled by {@link takeWritten}. */
export function createWrittenValue(): WrittenValue {
  return { isMask: false, and: 0, or: 0, words: new Uint16Array(4) };
}

/** The value of `width` words that a request writes at `writeAddress + index`. */
export function takeWritten(request: Request, index: number, width: number, into: WrittenValue): void {
  into.isMask = request.functionCode === 22;
  into.and = request.andMask;
  into.or = request.orMask;
  if (into.isMask) return;
  for (let part = 0; part < width; part++) into.words[part] = writtenWord(request, index + part);
}

/** Whether every rule permits the value. */
export function allowsValue(form: ValueForm, written: WrittenValue): boolean {
  return brokenCheck(form, written) === undefined;
}

/** The first rule a value breaks. */
export function brokenCheck({ first }: ValueForm, written: WrittenValue): ValueCheck | undefined {
  for (let check: ValueCheck | undefined = first; check !== undefined; check = check.next) {
    const passes = written.isMask
      ? allowsMask(check, written.and, written.or)
      : allowsWords(check, written.words);
    if (!passes) return check;
  }
  return undefined;
}

/** How far a write at most goes from `last`; `Infinity` where one is no number. */
export function stepFrom({ first }: ValueForm, written: WrittenValue, last: Uint16Array): number {
  let furthest = 0;
  for (let check: ValueCheck | undefined = first; check !== undefined; check = check.next) {
    const apart = written.isMask
      ? maskDistance(check, written.and, written.or, last)
      : distance(check, written.words, last);
    if (apart > furthest) furthest = apart;
  }
  return furthest;
}

/** Whether a step, or a sum of steps, is within a bound as written in a policy. */
export function isWithin({ first: { type } }: ValueForm, step: number, bound: number): boolean {
  return inPrecisionOf(type, step) <= inPrecisionOf(type, bound);
}

function measureOf({ type, words, bytes, bits }: ValueRule): string {
  const field = bits === undefined ? '' : `:${bits.first}-${bits.last}`;
  return `${type}/${words}/${bytes}${field}`;
}

const AnyWord = valueCheck(
  {
    type: 'u16',
    words: 'big',
    bytes: 'big',
    bits: undefined,
    min: undefined,
    max: undefined,
    allowed: [],
  },
  undefined,
);
