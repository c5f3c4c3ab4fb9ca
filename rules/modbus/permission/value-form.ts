import type { MinuteWindow } from '../device/minute-window.ts';
import { type WritableTable, writtenWord } from '../message/access.ts';
import type { Request } from '../message/request.ts';
import type { StepRule, ValueRule } from '../profile.ts';
import {
  allowsMask,
  allowsWords,
  type Distance,
  isNumber,
  measure,
  measureMask,
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
    isBounded: rules.some(
      ({ min, max, allowed }) => min !== undefined || max !== undefined || allowed.length > 0,
    ),
    key: rules.map(measureOf).join(' '),
  };
}

/**
 * One value on its way to a server: its words as they are sent, or the masks of function code 22. What it is
 * measured against adds to how far it goes.
 */
export interface WrittenValue extends Distance {
  isMask: boolean;
  and: number;
  or: number;
  readonly words: Uint16Array;
}

/** To be filled by {@link takeWritten}. */
export function createWrittenValue(): WrittenValue {
  return { furthest: 0, isMask: false, and: 0, or: 0, words: new Uint16Array(4) };
}

/** The value of `width` words that a request writes at `writeAddress + index`. */
export function takeWritten(request: Request, index: number, width: number, into: WrittenValue): void {
  into.furthest = 0;
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

/** Whether words are a number by every rule; what is none has no distance from anything. */
export function isMeasurable({ first }: ValueForm, words: Uint16Array): boolean {
  for (let check: ValueCheck | undefined = first; check !== undefined; check = check.next) {
    if (!isNumber(check, words)) return false;
  }
  return true;
}

/** Takes how far a write at most goes from `last`. */
export function stepFrom({ first }: ValueForm, written: WrittenValue, last: Uint16Array): void {
  for (let check: ValueCheck | undefined = first; check !== undefined; check = check.next) {
    if (written.isMask) measureMask(check, written.and, written.or, last, written);
    else measure(check, written.words, last, written);
  }
}

/** Whether a step is no longer than its rule says. */
export function isStepWithin({ first }: ValueForm, { furthest }: Distance, { max }: StepRule): boolean {
  if (max === undefined) return true;
  return first.type === 'f32' ? furthest <= Math.fround(max) : furthest <= max;
}

/** Whether a step is within what its rule says of a minute, after the sum of those before it. */
export function isMinuteWithin(
  { first }: ValueForm,
  { furthest }: Distance,
  before: MinuteWindow | undefined,
  { maxPerMinute }: StepRule,
): boolean {
  if (maxPerMinute === undefined) return true;
  const sum = before === undefined ? furthest : before.sum + furthest;
  return first.type === 'f32' ? Math.fround(sum) <= Math.fround(maxPerMinute) : sum <= maxPerMinute;
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
