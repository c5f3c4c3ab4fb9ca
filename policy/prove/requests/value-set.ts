import type { WritableTable } from '../../../rules/modbus/message/access.ts';
import { allowsWords, inPrecisionOf, valueCheck } from '../../../rules/modbus/permission/value.ts';
import { valueForm } from '../../../rules/modbus/permission/value-form.ts';
import type { ValueRule, ValueType } from '../../../rules/modbus/profile.ts';
import { joined, meet, type Span, type Spans } from '../sets/spans.ts';

/**
 * What a write may leave in one value, as bit patterns: the word on the wire of a coil or a register, the
 * bits of a value of several registers with the most significant first.
 */
export interface ValueSet {
  /** How registers become a value: patterns of different layouts cannot be compared. */
  readonly layout: string;
  readonly width: 1 | 2 | 4;
  /** Whether the least significant register comes first, and the least significant byte of each. */
  readonly wordsLittle: boolean;
  readonly bytesLittle: boolean;
  readonly patterns: Spans<bigint>;
  /**
   * Empty where `patterns` is exactly what passes. Otherwise it is more than that, and this names the rules:
   * sets with the same name stand for the same values.
   */
  readonly doubt: string;
}

/** What the value rules of a permission let a write leave in one table. */
export type Written =
  /** Anything, in values of so many registers. */
  | { readonly width: 1 | 2 | 4; readonly values: undefined }
  | { readonly width: 1 | 2 | 4; readonly values: ValueSet };

/** Undefined where no write passes at all: a coil holds no value of several registers. */
export function writtenUnder(rules: readonly ValueRule[], table: WritableTable): Written | undefined {
  const { width, isBounded } = valueForm(rules, table);
  if (table === 'coils' && width > 1) return undefined;
  if (!isBounded) return { width, values: undefined };
  const key = `${table} ${JSON.stringify(rules)}`;
  const known = sets.get(key) ?? (width === 1 ? narrowSet(rules, table) : wideSet(rules, width));
  // A site has few rules; whoever has many thousands pays with time and not with memory.
  if (sets.size >= MostKnown) sets.clear();
  sets.set(key, known);
  return { width, values: known };
}

/** Every pattern of a layout. */
export function everyPattern({ layout, width }: ValueSet): Spans<bigint> {
  return layout === 'coil' ? [{ first: 0n, end: 2n }] : [{ first: 0n, end: 1n << BigInt(16 * width) }];
}

/** Coils and single registers: a plain range is written down, anything else is asked word by word. */
function narrowSet(rules: readonly ValueRule[], table: WritableTable): ValueSet {
  const isCoil = table === 'coils';
  const words: Span<bigint>[] = [{ first: 0n, end: isCoil ? 2n : 0x1_0000n }];
  const own = isCoil ? rules.map((rule): ValueRule => ({ ...rule, bytes: 'big' })) : rules;
  return {
    layout: isCoil ? 'coil' : 'register',
    width: 1,
    wordsLittle: false,
    bytesLittle: false,
    patterns: own.reduce<Spans<bigint>>((left, rule) => meet(left, wordsOf(rule)), words),
    doubt: '',
  };
}

function wordsOf(rule: ValueRule): Spans<bigint> {
  if (rule.bits === undefined && rule.bytes === 'big') return patternsOf(rule);
  const check = valueCheck(rule, undefined);
  const word = new Uint16Array(1);
  const spans: Span<bigint>[] = [];
  let first = -1;
  for (let pattern = 0; pattern <= 0x1_0000; pattern++) {
    word[0] = pattern;
    const passes = pattern < 0x1_0000 && allowsWords(check, word);
    if (passes && first < 0) first = pattern;
    if (passes || first < 0) continue;
    spans.push({ first: BigInt(first), end: BigInt(pattern) });
    first = -1;
  }
  return spans;
}

/** Values of several registers. All rules of a permission have one width and one word order. */
function wideSet(rules: readonly ValueRule[], width: 2 | 4 | 1): ValueSet {
  const [lead] = rules;
  const [words, bytes] = [lead?.words ?? 'big', lead?.bytes ?? 'big'];
  let patterns: Spans<bigint> = [{ first: 0n, end: 1n << BigInt(16 * width) }];
  let isExact = true;
  for (const rule of rules) {
    const isPlain = rule.words === words && rule.bytes === bytes && rule.bits === undefined;
    if (isPlain) patterns = meet(patterns, patternsOf(rule));
    else if (isLimited(rule)) isExact = false;
  }
  return {
    layout: `${width}/${words}/${bytes}`,
    width,
    wordsLittle: words === 'little',
    bytesLittle: bytes === 'little',
    patterns,
    doubt: isExact ? '' : JSON.stringify(rules),
  };
}

/** The patterns that a rule without bits permits, the bytes of each register in the specification's order. */
function patternsOf({ type, min, max, allowed }: ValueRule): Spans<bigint> {
  if (!isLimited({ min, max, allowed })) return [{ first: 0n, end: 1n << BigInt(Bits[type]) }];
  const low = min === undefined ? Number.NEGATIVE_INFINITY : inPrecisionOf(type, min);
  const high = max === undefined ? Number.POSITIVE_INFINITY : inPrecisionOf(type, max);
  const range = between(type, low, high);
  if (allowed.length === 0) return range;
  const listed = allowed.flatMap((each) => {
    const value = inPrecisionOf(type, each);
    return between(type, value, value);
  });
  return meet(range, joined(listed));
}

/** The patterns of the numbers from `low` to `high`, both in it; no pattern of what is no number. */
function between(type: ValueType, low: number, high: number): Spans<bigint> {
  const bits = BigInt(Bits[type]);
  if (type === 'f32' || type === 'f64') return floatsBetween(type, low, high);
  const isSigned = type === 's16' || type === 's32';
  const least = isSigned ? -(1n << (bits - 1n)) : 0n;
  const most = (1n << (isSigned ? bits - 1n : bits)) - 1n;
  const first = clip(
    low === Number.NEGATIVE_INFINITY ? least : BigInt(Math.ceil(finite(low))),
    least,
    most + 1n,
  );
  const last = clip(
    high === Number.POSITIVE_INFINITY ? most : BigInt(Math.floor(finite(high))),
    least - 1n,
    most,
  );
  if (first > last) return [];
  if (first >= 0n) return [{ first, end: last + 1n }];
  // Negative numbers are the upper half of the patterns.
  const top = 1n << bits;
  if (last < 0n) return [{ first: top + first, end: top + last + 1n }];
  return joined([
    { first: 0n, end: last + 1n },
    { first: top + first, end: top },
  ]);
}

/** Patterns of one sign are in the order of their numbers; both zeros are one number. */
function floatsBetween(type: 'f32' | 'f64', low: number, high: number): Spans<bigint> {
  const sign = type === 'f32' ? 1n << 31n : 1n << 63n;
  const largest = type === 'f32' ? 0x7f7f_ffffn : 0x7fef_ffff_ffff_ffffn;
  const pattern = (size: number): bigint => {
    if (size === Number.POSITIVE_INFINITY) return largest;
    const isF32 = type === 'f32';
    // Not the pattern of −0, whose sign stands apart.
    const plain = Math.abs(size);
    if (isF32) Scratch.setFloat32(0, plain);
    else Scratch.setFloat64(0, plain);
    return isF32 ? BigInt(Scratch.getUint32(0)) : Scratch.getBigUint64(0);
  };
  const spans: Span<bigint>[] = [];
  if (!(low <= high) || low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY) return [];
  if (high >= 0) spans.push({ first: low > 0 ? pattern(low) : 0n, end: pattern(high) + 1n });
  if (low <= 0) {
    const nearest = high < 0 ? pattern(-high) : 0n;
    spans.push({ first: sign + nearest, end: sign + pattern(-low) + 1n });
  }
  return joined(spans);
}

function isLimited({ min, max, allowed }: Pick<ValueRule, 'min' | 'max' | 'allowed'>): boolean {
  return min !== undefined || max !== undefined || allowed.length > 0;
}

function clip(value: bigint, least: bigint, most: bigint): bigint {
  return value < least ? least : value > most ? most : value;
}

/** The reader lets no endless bound through; a compiled profile might. */
function finite(bound: number): number {
  return Number.isFinite(bound) ? bound : Math.sign(bound) * Number.MAX_VALUE;
}

const Bits: Record<ValueType, number> = { u16: 16, s16: 16, u32: 32, s32: 32, f32: 32, u64: 64, f64: 64 };
const MostKnown = 20_000;
const sets = new Map<string, ValueSet>();
const Scratch = new DataView(new ArrayBuffer(8));
