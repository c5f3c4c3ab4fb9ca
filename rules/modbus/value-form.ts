import type { ValueRule } from '../policy.ts';
import { type WritableTable, writtenWord } from './access.ts';
import type { Request } from './request.ts';
import {
  allowsMask,
  allowsWords,
  distance,
  inPrecisionOf,
  maskDistance,
  registersPerValue,
  type ValueCheck,
  valueCheck,
} from './value.ts';

/** How a permission reads what is written: every check holds, and a step is the largest that any of them sees. */
export interface ValueForm {
  /** Never empty. */
  readonly checks: readonly ValueCheck[];
  readonly width: 1 | 2 | 4;
  readonly isBounded: boolean;
  /** Equal for two forms that measure the same steps. */
  readonly key: string;
}

/** The form of a permission's values in one table; without any, every register is a number of its own. */
export function valueForm(values: readonly ValueRule[], table: WritableTable): ValueForm {
  const rules = values.length === 0 ? [AnyWord] : values;
  // A coil has no bytes that could be the other way round.
  const checks = rules.map((rule) => valueCheck(table === 'coils' ? { ...rule, bytes: 'big' } : rule));
  return {
    checks,
    width: rules.reduce<1 | 2 | 4>((width, { type }) => larger(width, registersPerValue(type)), 1),
    isBounded: checks.some((check) => check.isBounded),
    key: checks.map(({ rule }) => measureOf(rule)).join(' '),
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
export function allowsValue({ checks }: ValueForm, written: WrittenValue): boolean {
  for (let index = 0; index < checks.length; index++) {
    const check = checks[index];
    if (check !== undefined && !allows(check, written)) return false;
  }
  return true;
}

/** The first rule a value breaks. */
export function brokenRule({ checks }: ValueForm, written: WrittenValue): ValueRule | undefined {
  return checks.find((check) => !allows(check, written))?.rule;
}

/** How far a write at most goes from `last`; `Infinity` where one is no number. */
export function stepFrom({ checks }: ValueForm, written: WrittenValue, last: Uint16Array): number {
  let furthest = 0;
  for (let index = 0; index < checks.length; index++) {
    const check = checks[index];
    if (check === undefined) continue;
    const apart = written.isMask
      ? maskDistance(check, written.and, written.or, last)
      : distance(check, written.words, last);
    if (apart > furthest) furthest = apart;
  }
  return furthest;
}

/** Whether a step, or a sum of steps, is within a bound as written in a policy. */
export function isWithin({ checks }: ValueForm, step: number, bound: number): boolean {
  const type = checks[0]?.rule.type ?? 'u16';
  return inPrecisionOf(type, step) <= inPrecisionOf(type, bound);
}

function allows(check: ValueCheck, written: WrittenValue): boolean {
  return written.isMask ? allowsMask(check, written.and, written.or) : allowsWords(check, written.words);
}

function measureOf({ type, words, bytes, bits }: ValueRule): string {
  const field = bits === undefined ? '' : `:${bits.first}-${bits.last}`;
  return `${type}/${words}/${bytes}${field}`;
}

function larger(a: 1 | 2 | 4, b: 1 | 2 | 4): 1 | 2 | 4 {
  return a > b ? a : b;
}

const AnyWord: ValueRule = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: undefined,
  max: undefined,
  allowed: [],
};
