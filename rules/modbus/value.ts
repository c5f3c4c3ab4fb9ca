import type { ValueRule, ValueType } from '../policy.ts';

/** A value rule made ready to judge without allocating anything; see {@link valueCheck}. */
export interface ValueCheck {
  readonly rule: ValueRule;
  /** Lowest and highest permitted value, infinite where there is none. */
  readonly min: Pair;
  readonly max: Pair;
  /** Pairs, one behind the other; empty permits all between min and max. */
  readonly allowed: Float64Array;
  readonly isBounded: boolean;
}

/** Registers one value takes. */
export function registersPerValue(type: ValueType): 1 | 2 | 4 {
  return RegistersPerValue[type];
}

export function valueCheck(rule: ValueRule): ValueCheck {
  const { type, min, max, allowed } = rule;
  return {
    rule,
    min: pairOf(type, min ?? Number.NEGATIVE_INFINITY),
    max: pairOf(type, max ?? Number.POSITIVE_INFINITY),
    allowed: Float64Array.from(allowed.flatMap((each) => [...pairOf(type, each)])),
    isBounded: min !== undefined || max !== undefined || allowed.length > 0,
  };
}

/** Whether the value in the first registers of `words`, in the order they are sent, is permitted. */
export function allowsWords(check: ValueCheck, words: Uint16Array): boolean {
  if (!check.isBounded) return true;
  decode(check.rule, words, One);
  return passes(check, One);
}

/**
 * Whether everything is permitted that a mask write can leave in a register, whatever it holds now (MAP
 * V1.1b3 §6.16): bits under a 1 of `and` are free, the others take `or`. Of values that span registers a
 * mask write is always a part, so the rule is one for a single register.
 */
export function allowsMask(check: ValueCheck, and: number, or: number): boolean {
  if (!check.isBounded) return true;
  const { rule, allowed } = check;
  const free = fieldOf(rule, and);
  const forced = fieldOf(rule, or & ~and);
  if (allowed.length === 0) {
    // Not every value between the two ends can occur, but both ends can.
    reach(rule, forced, free);
    return passes(check, One) && passes(check, Other);
  }
  // Each reachable value is a different one, so there cannot be more of them than are listed.
  if (2 ** bitCount(free) > allowed.length / 2) return false;
  for (let chosen = free; ; chosen = (chosen - 1) & free) {
    One[0] = numberOf(rule, forced | chosen);
    One[1] = 0;
    if (!passes(check, One)) return false;
    if (chosen === 0) return true;
  }
}

/** The value as a number for people; a u64 above 2^53 is rounded. */
export function readValue({ rule }: ValueCheck, words: Uint16Array): number {
  decode(rule, words, One);
  return rule.type === 'u64' ? (One[0] ?? 0) * TwoTo32 + (One[1] ?? 0) : (One[0] ?? 0);
}

/** How far apart two values are; `Infinity` where one is no number. Never less than it is, see {@link gap}. */
export function distance({ rule }: ValueCheck, a: Uint16Array, b: Uint16Array): number {
  decode(rule, a, One);
  decode(rule, b, Other);
  return gap(rule.type, One, Other);
}

/** How far a mask write can at most take a register from `last`. */
export function maskDistance({ rule }: ValueCheck, and: number, or: number, last: Uint16Array): number {
  decode(rule, last, Last);
  reach(rule, fieldOf(rule, or & ~and), fieldOf(rule, and));
  return Math.max(gap(rule.type, One, Last), gap(rule.type, Other, Last));
}

/** A bound as its own type holds it: 0.1 in a policy is the 0.1 a client can send as f32. */
export function inPrecisionOf(type: ValueType, bound: number): number {
  return type === 'f32' ? Math.fround(bound) : bound;
}

/**
 * One value as two numbers compared one after the other: the value and 0, or the two halves of a u64, which
 * no single number holds.
 */
type Pair = Float64Array;

function pairOf(type: ValueType, value: number): Pair {
  if (type !== 'u64' || !Number.isFinite(value)) return Float64Array.of(inPrecisionOf(type, value), 0);
  const high = Math.floor(value / TwoTo32);
  return Float64Array.of(high, value - high * TwoTo32);
}

function passes({ min, max, allowed }: ValueCheck, value: Pair): boolean {
  // NaN answers false to every comparison and Infinity hides behind a single bound.
  if (!Number.isFinite(value[0])) return false;
  if (!(isAtLeast(value, min) && isAtLeast(max, value))) return false;
  if (allowed.length === 0) return true;
  for (let at = 0; at < allowed.length; at += 2) {
    if (value[0] === allowed[at] && value[1] === allowed[at + 1]) return true;
  }
  return false;
}

function isAtLeast(a: Pair, b: Pair): boolean {
  const highA = a[0] ?? 0;
  const highB = b[0] ?? 0;
  return highA > highB || (highA === highB && (a[1] ?? 0) >= (b[1] ?? 0));
}

/** Up to 2^53 exactly; above, a u64's is rounded up, so that no step slips in below its limit. */
function gap(type: ValueType, a: Pair, b: Pair): number {
  const high = (a[0] ?? 0) - (b[0] ?? 0);
  if (type !== 'u64') {
    const apart = inPrecisionOf(type, Math.abs(high));
    return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  const apart = Math.abs(high * TwoTo32 + ((a[1] ?? 0) - (b[1] ?? 0)));
  return apart > Number.MAX_SAFE_INTEGER ? apart * (1 + Number.EPSILON) : apart;
}

/** `words: big` has the most significant register first; `bytes: big` is MAP V1.1b3 §4.2. */
function decode(rule: ValueRule, words: Uint16Array, into: Pair): void {
  const last = registersPerValue(rule.type) - 1;
  for (let index = 0; index <= last; index++) {
    const word = words[rule.words === 'big' ? index : last - index] ?? 0;
    Scratch.setUint16(2 * index, word, rule.bytes === 'little');
  }
  into[1] = 0;
  switch (rule.type) {
    case 'u16':
      into[0] = bitsOf(rule, Scratch.getUint16(0));
      break;
    case 's16':
      into[0] = Scratch.getInt16(0);
      break;
    case 'u32':
      into[0] = bitsOf(rule, Scratch.getUint32(0));
      break;
    case 's32':
      into[0] = Scratch.getInt32(0);
      break;
    case 'f32':
      into[0] = Scratch.getFloat32(0);
      break;
    case 'u64':
      into[0] = Scratch.getUint32(0);
      into[1] = Scratch.getUint32(4);
      break;
    case 'f64':
      into[0] = Scratch.getFloat64(0);
      break;
  }
}

function bitsOf({ bits }: ValueRule, value: number): number {
  if (bits === undefined) return value;
  // Shifting by 32 would shift by 0.
  return ((value >>> bits.first) & (0xffff_ffff >>> (31 - bits.last + bits.first))) >>> 0;
}

/** The part of a register's bits that a rule for one register judges. */
function fieldOf(rule: ValueRule, word: number): number {
  const ordered = rule.bytes === 'little' ? ((word & 0xff) << 8) | ((word >>> 8) & 0xff) : word & 0xffff;
  return bitsOf(rule, ordered);
}

/** Lowest and highest of what free and forced bits can make. */
function reach(rule: ValueRule, forced: number, free: number): void {
  // A sign bit counts downwards: set it for the lowest, clear it for the highest, where it is free.
  const sign = rule.type === 's16' ? 0x8000 : 0;
  One[0] = numberOf(rule, forced | (free & sign));
  Other[0] = numberOf(rule, forced | (free & ~sign));
  One[1] = Other[1] = 0;
}

function numberOf({ type }: ValueRule, field: number): number {
  return type === 's16' ? (field << 16) >> 16 : field;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const RegistersPerValue: Record<ValueType, 1 | 2 | 4> = {
  u16: 1,
  s16: 1,
  u32: 2,
  s32: 2,
  f32: 2,
  u64: 4,
  f64: 4,
};

const TwoTo32 = 2 ** 32;

/** None of these holds anything from one call to the next. */
const Scratch = new DataView(new ArrayBuffer(8));
const One: Pair = new Float64Array(2);
const Other: Pair = new Float64Array(2);
const Last: Pair = new Float64Array(2);
