import type { ValueRule, ValueType } from '../../rules/modbus/profile.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, readNumbers, type Source } from './source.ts';

type ProfileEntry = NonNullable<ZoneModelFile['modbus_profiles']>[string];
type PermissionEntry = ProfileEntry['allow'][number];
type ValueEntry = Extract<NonNullable<PermissionEntry['value']>, { type?: unknown }>;

/** `value:` of a permission, one rule or several that must all hold; all fill the same registers. */
export function readValues(source: Source, entry: PermissionEntry): readonly ValueRule[] {
  if (entry.value === undefined) return [];
  const rules = entriesOf(source, entry, 'value', entry.value).map(({ entry: written, at }) => ({
    rule: readValue(source, written),
    at,
  }));
  const first = rules[0]?.rule;
  for (const { rule, at } of rules) {
    if (first === undefined) break;
    if (wordsOf(rule.type) !== wordsOf(first.type))
      source.reporter.error(
        'S-007',
        at,
        `A ${rule.type} fills ${wordsOf(rule.type)} registers, the ${first.type} before it ${wordsOf(first.type)}: they cannot judge one value.`,
        'Give both types of one width, or make two permissions.',
      );
    else if (rule.words !== first.words)
      source.reporter.error(
        'S-007',
        at,
        `This value has \`words: ${rule.words}\`, the one before it \`words: ${first.words}\`: they cannot judge one value.`,
        'Give both the order the device has.',
      );
  }
  return rules.map(({ rule }) => rule);
}

/** How many registers a value of the type fills: 1, 2 or 4. */
export function wordsOf(type: ValueType): number {
  return Types[type].words;
}

/** Least and greatest value of a type that a limit can name. */
export function rangeOf(type: ValueType): Limits {
  return Types[type];
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

const Types: Readonly<Record<ValueType, Limits & { readonly words: number }>> = {
  u16: { words: 1, min: 0, max: 0xffff },
  s16: { words: 1, min: -0x8000, max: 0x7fff },
  u32: { words: 2, min: 0, max: 0xffff_ffff },
  s32: { words: 2, min: -0x8000_0000, max: 0x7fff_ffff },
  f32: { words: 2, min: -3.4028234663852886e38, max: 3.4028234663852886e38 },
  // Limits are JSON numbers: beyond 2^53 they would not mean what was written.
  u64: { words: 4, min: 0, max: Number.MAX_SAFE_INTEGER },
  f64: { words: 4, min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
};

function readValue(source: Source, entry: ValueEntry): ValueRule {
  const type = entry.type ?? 'u16';
  const bits = readBits(source, entry, type);
  const limits = bits === undefined ? Types[type] : { min: 0, max: 2 ** (bits.last - bits.first + 1) - 1 };
  const what = bits === undefined ? type : `bits ${bits.first}-${bits.last}`;
  reportLimits(source, entry, what, limits, bits !== undefined || !type.startsWith('f'));
  return {
    type,
    words: entry.words ?? 'big',
    bytes: entry.bytes ?? 'big',
    bits,
    min: entry.min,
    max: entry.max,
    allowed: [...new Set(entry.allowed)].sort((a, b) => a - b),
  };
}

function readBits(source: Source, entry: ValueEntry, type: ValueType): ValueRule['bits'] {
  if (entry.bits === undefined) return undefined;
  const at = source.places.value(entry, 'bits');
  if (type !== 'u16' && type !== 'u32') {
    const message = `\`bits\` are numbered in a u16 or u32, not in a ${type}.`;
    source.reporter.error('S-007', at, message, 'Give the register as u16 or u32.');
    return undefined;
  }
  const [range] = readNumbers(source, entry, 'bits', entry.bits, 16 * wordsOf(type) - 1, `bit of a ${type}`);
  return range && { first: range.first, last: range.last };
}

function reportLimits(source: Source, entry: ValueEntry, what: string, limits: Limits, whole: boolean): void {
  const { min, max } = limits;
  const problem = (key: string, message: string, hint: string) =>
    source.reporter.error('S-007', source.places.value(entry, key), message, hint);
  for (const [key, number] of [
    ['min', entry.min],
    ['max', entry.max],
  ] as const) {
    if (number === undefined) continue;
    if (number < min || number > max)
      problem(
        key,
        `${number} does not fit ${what}, which holds ${min} to ${max}.`,
        'Correct the limit or the type.',
      );
    else if (whole && !Number.isInteger(number))
      problem(
        key,
        `${number} does not fit ${what}, which holds whole numbers.`,
        'Write the raw register value.',
      );
  }
  if (entry.min !== undefined && entry.max !== undefined && entry.min > entry.max)
    problem('min', `No value lies between ${entry.min} and ${entry.max}.`, 'Exchange min and max.');
  for (const number of entry.allowed ?? [])
    if (number < (entry.min ?? min) || number > (entry.max ?? max) || (whole && !Number.isInteger(number)))
      problem(
        'allowed',
        `The allowed value ${number} lies outside the other limits.`,
        'Remove it or widen them.',
      );
}
