import type { Refusal } from '../connection/effect.ts';
import type { DataTable } from '../message/function-code.ts';
import { registersPerValue } from '../permission/value.ts';
import type { ValueRule } from '../profile.ts';

/** One typed value. 64-bit integers are exact. */
export type Value = number | bigint;

type Written = Pick<Refusal, 'functionCode' | 'quantity' | 'values'> & Partial<Pick<Refusal, 'before'>>;

/**
 * What is written, typed as the rules type it: ` = 200`, or `: 20 → 200` where it is known what was there.
 * Empty where nothing is known of either.
 */
export function writtenText(asked: Written, table: DataTable, rules: readonly ValueRule[]): string {
  if (asked.values.length === 0) return '';
  const before = texts(asked.before ?? [], table, rules);
  if (asked.functionCode === 22) {
    const [known] = before;
    return `${known === undefined ? '' : `: ${known}`} ${maskText(asked.values)}`;
  }
  const after = listText(asked, table, rules);
  if (before.length === 0) return ` = ${after}`;
  const width = table === 'coils' ? 1 : widthOf(rules);
  const missing = Math.ceil(Math.min(asked.quantity ?? 1, asked.values.length) / width) - before.length;
  const known = missing > 0 ? [...before, '?'] : before;
  return `: ${known.join(', ')} → ${after}`;
}

/** A value as people write it. */
export function valueText(value: Value, type: ValueRule['type']): string {
  if (typeof value === 'bigint' || Number.isInteger(value) || type !== 'f32') return String(value);
  // The shortest decimal that is this number in 32 bits: 0.1 and not 0.10000000149011612.
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** The whole typed values in words from the wire, as numbers. */
export function typedValues(words: readonly number[], rule: ValueRule): readonly Value[] {
  const width = registersPerValue(rule.type);
  const count = Math.floor(words.length / width);
  return Array.from({ length: count }, (_, index) => {
    const own = words.slice(index * width, (index + 1) * width);
    return decoded(rule, rule.words === 'big' ? own : own.reverse());
  });
}

/** Words with the most significant first. */
function decoded({ type, bytes, bits }: ValueRule, words: readonly number[]): Value {
  const view = new DataView(new ArrayBuffer(8));
  words.forEach((word, index) => {
    view.setUint16(2 * index, word, bytes === 'little');
  });
  switch (type) {
    case 'u16':
      return bitsOf(view.getUint16(0), bits);
    case 's16':
      return view.getInt16(0);
    case 'u32':
      return bitsOf(view.getUint32(0), bits);
    case 's32':
      return view.getInt32(0);
    case 'f32':
      return view.getFloat32(0);
    case 'u64':
      return view.getBigUint64(0);
    case 'f64':
      return view.getFloat64(0);
  }
}

function bitsOf(value: number, bits: ValueRule['bits']): number {
  return bits === undefined ? value : Math.floor(value / 2 ** bits.first) % 2 ** (bits.last - bits.first + 1);
}

function listText(asked: Written, table: DataTable, rules: readonly ValueRule[]): string {
  const shown = texts(asked.values, table, rules);
  return [...shown, ...((asked.quantity ?? 0) > asked.values.length ? ['…'] : [])].join(', ');
}

function texts(words: readonly number[], table: DataTable, rules: readonly ValueRule[]): readonly string[] {
  if (table === 'coils') return words.map((word) => (word === 1 ? 'on' : 'off'));
  const [rule] = rules;
  const isWhole = rule !== undefined && words.length % registersPerValue(rule.type) === 0;
  // Part of a value has no value: a torn write shows its words.
  if (!isWhole) return words.map(String);
  return typedValues(words, { ...rule, bits: undefined }).map((value) => valueText(value, rule.type));
}

/** A mask write leaves a range of values, whatever is there (MAP V1.1b3 §6.16). */
function maskText([and = 0, or = 0]: readonly number[]): string {
  const forced = or & ~and & 0xffff;
  return `and ${hex(and)} or ${hex(or)}, leaving ${forced} to ${forced | and}`;
}

function widthOf([rule]: readonly ValueRule[]): number {
  return rule === undefined ? 1 : registersPerValue(rule.type);
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(4, '0')}`;
}
