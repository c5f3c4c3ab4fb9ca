import type { ValueRule, ValueType } from '../profile.ts';

/**
 * A value rule made ready to judge without allocating anything; see {@link valueCheck}. Its bounds are pairs:
 * the number and 0, or the two halves of a u64, which no single number holds.
 */
export interface ValueCheck {
  readonly rule: ValueRule;
  readonly type: ValueType;
  readonly width: 1 | 2 | 4;
  readonly wordsLittle: boolean;
  readonly bytesLittle: boolean;
  /** A bit field of a u16 or u32 is what is left after shifting and masking. */
  readonly shift: number;
  readonly mask: number;
  readonly isBounded: boolean;
  readonly minHigh: number;
  readonly minLow: number;
  readonly maxHigh: number;
  readonly maxLow: number;
  /** Pairs, one behind the other; empty permits all between min and max. */
  readonly allowed: Float64Array;
  /** The next rule for the same value. */
  readonly next: ValueCheck | undefined;
}

/** Registers one value takes. */
export function registersPerValue(type: ValueType): 1 | 2 | 4 {
  return RegistersPerValue[type];
}

/** The check of a rule, in front of those of further rules for the same value. */
export function valueCheck(rule: ValueRule, next: ValueCheck | undefined): ValueCheck {
  const { type, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, allowed } = rule;
  const bits = type === 'u16' || type === 'u32' ? rule.bits : undefined;
  return {
    rule,
    type,
    width: registersPerValue(type),
    wordsLittle: rule.words === 'little',
    bytesLittle: rule.bytes === 'little',
    shift: bits?.first ?? 0,
    mask: bits === undefined ? 0xffff_ffff : 0xffff_ffff >>> (31 - bits.last + bits.first),
    isBounded: rule.min !== undefined || rule.max !== undefined || allowed.length > 0,
    minHigh: highOf(type, min),
    minLow: lowOf(type, min),
    maxHigh: highOf(type, max),
    maxLow: lowOf(type, max),
    allowed:
      allowed.length === 0
        ? NoValues
        : Float64Array.from(allowed.flatMap((each) => [highOf(type, each), lowOf(type, each)])),
    next,
  };
}

/** Whether the value in the first registers of `words`, in the order they are sent, is permitted. */
export function allowsWords(check: ValueCheck, words: Uint16Array): boolean {
  if (!check.isBounded) return true;
  decode(check, words, One);
  return passes(check, One);
}

/**
 * Whether everything is permitted that a mask write can leave in a register, whatever it holds now (MAP
 * V1.1b3 §6.16): bits under a 1 of `and` are free, the others take `or`. Of values that span registers a
 * mask write is always a part, so the rule is one for a single register.
 */
export function allowsMask(check: ValueCheck, and: number, or: number): boolean {
  if (!check.isBounded) return true;
  const free = fieldOf(check, and);
  const forced = fieldOf(check, or & ~and);
  if (check.allowed.length === 0) {
    // Not every value between the two ends can occur, but both ends can.
    return (
      passesNumber(check, lowest(check, forced, free)) && passesNumber(check, highest(check, forced, free))
    );
  }
  // Each reachable value is a different one, so there cannot be more of them than are listed.
  if (2 ** bitCount(free) > check.allowed.length / 2) return false;
  for (let chosen = free; ; chosen = (chosen - 1) & free) {
    if (!passesNumber(check, numberOf(check, forced | chosen))) return false;
    if (chosen === 0) return true;
  }
}

/** The value as a number for people; a u64 above 2^53 is rounded. */
export function readValue(check: ValueCheck, words: Uint16Array): number {
  decode(check, words, One);
  const [high = 0, low = 0] = One;
  return check.type === 'u64' ? high * TwoTo32 + low : high;
}

/** Whether the words are a number: an f32 or f64 may be none. */
export function isNumber(check: ValueCheck, words: Uint16Array): boolean {
  if (check.type !== 'f32' && check.type !== 'f64') return true;
  decode(check, words, One);
  return !Number.isNaN(One[0]);
}

/**
 * The largest of some distances. Handing them back would allocate each one, as V8 does with every number
 * that is no small integer and leaves a function.
 */
export interface Distance {
  furthest: number;
}

/** Takes how far apart two values are, never less than they are; `Infinity` where one is no number. */
export function measure(check: ValueCheck, a: Uint16Array, b: Uint16Array, into: Distance): void {
  decode(check, a, One);
  decode(check, b, Other);
  const high = (One[0] ?? 0) - (Other[0] ?? 0);
  if (check.type !== 'u64') {
    const size = check.type === 'f32' ? Math.fround(Math.abs(high)) : Math.abs(high);
    if (!(size <= into.furthest)) into.furthest = Number.isNaN(size) ? Number.POSITIVE_INFINITY : size;
    return;
  }
  const exact = Math.abs(high * TwoTo32 + ((One[1] ?? 0) - (Other[1] ?? 0)));
  // Rounded up, so that no step slips in below its limit.
  const size = exact > Number.MAX_SAFE_INTEGER ? exact * (1 + Number.EPSILON) : exact;
  if (size > into.furthest) into.furthest = size;
}

/** Takes how far a mask write can at most take a register from `last`. */
export function measureMask(
  check: ValueCheck,
  and: number,
  or: number,
  last: Uint16Array,
  into: Distance,
): void {
  decode(check, last, One);
  const from = One[0] ?? 0;
  const free = fieldOf(check, and);
  const forced = fieldOf(check, or & ~and);
  const down = Math.abs(lowest(check, forced, free) - from);
  into.furthest = Math.max(into.furthest, down, Math.abs(highest(check, forced, free) - from));
}

/** A bound as its own type holds it: 0.1 in a policy is the 0.1 a client can send as f32. */
export function inPrecisionOf(type: ValueType, bound: number): number {
  return type === 'f32' ? Math.fround(bound) : bound;
}

function highOf(type: ValueType, value: number): number {
  return type === 'u64' ? Math.floor(value / TwoTo32) : inPrecisionOf(type, value);
}

function lowOf(type: ValueType, value: number): number {
  return type === 'u64' && Number.isFinite(value) ? value - highOf(type, value) * TwoTo32 : 0;
}

/** A number that is no half of a u64. */
function passesNumber(check: ValueCheck, value: number): boolean {
  One[0] = value;
  One[1] = 0;
  return passes(check, One);
}

function passes(check: ValueCheck, value: Float64Array): boolean {
  const { minHigh, minLow, maxHigh, maxLow, allowed } = check;
  const high = value[0] ?? 0;
  const low = value[1] ?? 0;
  // NaN answers false to every comparison and Infinity hides behind a single bound.
  if (!Number.isFinite(high)) return false;
  if (!(high > minHigh || (high === minHigh && low >= minLow))) return false;
  if (!(high < maxHigh || (high === maxHigh && low <= maxLow))) return false;
  if (allowed.length === 0) return true;
  for (let at = 0; at < allowed.length; at += 2) {
    if (high === allowed[at] && low === allowed[at + 1]) return true;
  }
  return false;
}

/** The value and 0, or the two halves of a u64. `bytes: big` is MAP V1.1b3 §4.2. */
function decode(check: ValueCheck, words: Uint16Array, into: Float64Array): void {
  const { type, wordsLittle, bytesLittle, shift, mask } = check;
  const last = check.width - 1;
  for (let index = 0; index <= last; index++) {
    Scratch.setUint16(2 * index, words[wordsLittle ? last - index : index] ?? 0, bytesLittle);
  }
  into[1] = 0;
  switch (type) {
    case 'u16':
      into[0] = ((Scratch.getUint16(0) >>> shift) & mask) >>> 0;
      break;
    case 's16':
      into[0] = Scratch.getInt16(0);
      break;
    case 'u32':
      into[0] = ((Scratch.getUint32(0) >>> shift) & mask) >>> 0;
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

/** The part of a register's bits that a rule for one register judges. */
function fieldOf({ bytesLittle, shift, mask }: ValueCheck, word: number): number {
  const ordered = bytesLittle ? ((word & 0xff) << 8) | ((word >>> 8) & 0xff) : word & 0xffff;
  return (ordered >>> shift) & mask;
}

/** A sign bit counts downwards: set it for the lowest, clear it for the highest, where it is free. */
function lowest(check: ValueCheck, forced: number, free: number): number {
  return numberOf(check, forced | (check.type === 's16' ? free & 0x8000 : 0));
}

function highest(check: ValueCheck, forced: number, free: number): number {
  return numberOf(check, forced | (check.type === 's16' ? free & 0x7fff : free));
}

function numberOf({ type }: ValueCheck, field: number): number {
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
const NoValues = new Float64Array(0);

/** None of these holds anything from one call to the next. */
const Scratch = new DataView(new ArrayBuffer(8));
const One = new Float64Array(2);
const Other = new Float64Array(2);
