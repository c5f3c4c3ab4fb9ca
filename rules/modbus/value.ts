import type { ValueRule, ValueType } from '../policy.ts';

/** One typed value. 64-bit integers are exact, and compare exactly with the numbers of a policy. */
export type Value = number | bigint;

/** Everything a write may leave behind: one value when both ends are equal. */
export interface Reach {
  readonly lowest: Value;
  readonly highest: Value;
}

/** Registers one value takes. */
export function registersPerValue(type: ValueType): 1 | 2 | 4 {
  return RegistersPerValue[type];
}

/**
 * The value in `words[at]` and following. `big` puts the most significant register first, `little` the
 * least; the two bytes of one register are always big-endian (MAP V1.1b3 §4.2).
 */
export function decodeValue(
  type: ValueType,
  order: ValueRule['words'],
  words: ArrayLike<number>,
  at: number,
): Value {
  const last = registersPerValue(type) - 1;
  for (let index = 0; index <= last; index++) {
    Scratch.setUint16(2 * index, words[at + (order === 'big' ? index : last - index)] ?? 0);
  }
  switch (type) {
    case 'u16':
      return Scratch.getUint16(0);
    case 's16':
      return Scratch.getInt16(0);
    case 'u32':
      return Scratch.getUint32(0);
    case 's32':
      return Scratch.getInt32(0);
    case 'f32':
      return Scratch.getFloat32(0);
    case 'u64':
      return Scratch.getBigUint64(0);
    case 'f64':
      return Scratch.getFloat64(0);
  }
}

/** The reach of a value that is known: itself. */
export function exactly(value: Value): Reach {
  return { lowest: value, highest: value };
}

/**
 * What a mask write can leave, whatever the register holds (MAP V1.1b3 §6.16): bits under a 1 of `and` are
 * free, the others take `or`. Not every value between the ends can occur; both ends can.
 */
export function maskReach(type: 'u16' | 's16', and: number, or: number): Reach {
  const forced = or & ~and & 0xffff;
  const free = and & 0xffff;
  if (type === 'u16') return { lowest: forced, highest: forced | free };
  // The sign bit counts downwards: set it for the lowest, clear it for the highest, where it is free.
  return { lowest: signed(forced | (free & 0x8000)), highest: signed(forced | (free & 0x7fff)) };
}

/** Whether every value of the reach is one the rule allows. */
export function allows(rule: ValueRule, { lowest, highest }: Reach): boolean {
  const { type, min, max, allowed } = rule;
  const bounded = min !== undefined || max !== undefined || allowed.length > 0;
  // NaN answers false to every comparison and Infinity hides behind a single bound.
  if (bounded && !(isFiniteValue(lowest) && isFiniteValue(highest))) return false;
  if (min !== undefined && !(lowest >= inPrecisionOf(type, min))) return false;
  if (max !== undefined && !(highest <= inPrecisionOf(type, max))) return false;
  if (allowed.length === 0) return true;
  return lowest === highest && allowed.some((each) => isSame(lowest, inPrecisionOf(type, each)));
}

/** Whether no value of the reach is further than `maxStep` from `last`. */
export function isWithinStep(type: ValueType, reach: Reach, last: Value, maxStep: number): boolean {
  const limit = inPrecisionOf(type, maxStep);
  // NaN is no distance, so it is not within any.
  return distance(reach.lowest, last, type) <= limit && distance(reach.highest, last, type) <= limit;
}

/** A bound as its own type holds it: 0.1 in a policy is the 0.1 a client can send as f32. */
function inPrecisionOf(type: ValueType, bound: number): number {
  return type === 'f32' ? Math.fround(bound) : bound;
}

function distance(a: Value, b: Value, type: ValueType): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a > b ? a - b : b - a;
  return inPrecisionOf(type, Math.abs(Number(a) - Number(b)));
}

function isSame(value: Value, number: number): boolean {
  return value >= number && value <= number;
}

function isFiniteValue(value: Value): boolean {
  return typeof value === 'bigint' || Number.isFinite(value);
}

function signed(word: number): number {
  return (word << 16) >> 16;
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

/** Never holds anything from one call to the next. */
const Scratch = new DataView(new ArrayBuffer(8));
