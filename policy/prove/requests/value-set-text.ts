import type { ValueRule } from '../../../rules/modbus/profile.ts';
import { ruleText } from '../../../rules/modbus/text/limit-text.ts';
import { valueText } from '../../../rules/modbus/text/value-text.ts';
import type { Spans } from '../sets/spans.ts';
import type { ValueSet } from './value-set.ts';

/** `0-1000`, `-5 to 10`, `on`: what a set of values holds, in the type the rules give it. */
export function valueSetText(set: ValueSet, rules: readonly ValueRule[]): string {
  const [rule] = rules;
  if (set.layout === 'coil') return coilText(set.patterns);
  const isReordered =
    set.width === 1 && rules.some(({ bytes, bits }) => bytes === 'little' || bits !== undefined);
  if (set.doubt !== '' || isReordered) return rules.map(ruleText).join(' and ');
  const type = rule?.type ?? 'u16';
  return stretchesOf(set.patterns, type)
    .map(([low, high]) => stretchText(valueText(low, type), valueText(high, type)))
    .join(', ');
}

/** Stretches of numbers, ascending; those that continue one another are one. */
function stretchesOf(patterns: Spans<bigint>, type: ValueRule['type']): readonly (readonly [Value, Value])[] {
  const ends = patterns.map(({ first, end }): readonly [Value, Value] => {
    const [one, other] = [numberOf(first, type), numberOf(end - 1n, type)];
    return one < other ? [one, other] : [other, one];
  });
  const joined: [Value, Value][] = [];
  for (const [low, high] of ends.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const before = joined.at(-1);
    if (before !== undefined && isNext(before[1], low, type)) before[1] = high > before[1] ? high : before[1];
    else joined.push([low, high]);
  }
  return joined;
}

type Value = number | bigint;

function isNext(before: Value, next: Value, type: ValueRule['type']): boolean {
  // Of the two zeros each has a pattern, and they are one number.
  if (next <= before) return true;
  return type !== 'f32' && type !== 'f64' && BigInt(before) + 1n === BigInt(next);
}

function numberOf(pattern: bigint, type: ValueRule['type']): Value {
  Scratch.setBigUint64(0, pattern);
  switch (type) {
    case 's16':
      return Scratch.getInt16(6);
    case 's32':
      return Scratch.getInt32(4);
    case 'f32':
      return Scratch.getFloat32(4);
    case 'f64':
      return Scratch.getFloat64(0);
    case 'u64':
      return pattern;
    default:
      return Number(pattern);
  }
}

function stretchText(low: string, high: string): string {
  if (low === high) return low;
  const isPlain = /^\d+$/.test(low) && /^\d+$/.test(high);
  return isPlain ? `${low}-${high}` : `${low} to ${high}`;
}

function coilText(patterns: Spans<bigint>): string {
  const words = patterns.flatMap(({ first, end }) =>
    end - first > 1n ? ['off', 'on'] : [first === 0n ? 'off' : 'on'],
  );
  return words.join(' or ');
}

const Scratch = new DataView(new ArrayBuffer(8));
