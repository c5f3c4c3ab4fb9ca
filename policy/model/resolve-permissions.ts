import type { AddressRange, Interlock, ValueRule, ValueType } from '../../rules/policy.ts';
import { expandRanges, joinRanges } from './ranges.ts';
import type { ZoneModelFile } from './schema.ts';
import { isList, type OneOrMore, readDuration, readNumbers, type Source } from './source.ts';
import type { Permission } from './zone-model.ts';

type ProfileEntry = NonNullable<ZoneModelFile['modbus_profiles']>[string];
type PermissionEntry = ProfileEntry['allow'][number];

/** One line of a profile's `allow`. */
export function readPermission(source: Source, entry: PermissionEntry): Permission {
  const value = entry.value === undefined ? undefined : readValue(source, entry.value);
  return {
    at: source.places.of(entry),
    name: entry.name ?? '',
    functions: sortedNumbers(entry.fc),
    mei: sortedNumbers(entry.mei ?? []),
    units: unique(expandRanges(readNumbers(source, entry, 'units', entry.units, 255, 'unit identifier'))),
    addresses: readAddresses(source, entry, 'address', value),
    readAddresses: readAddresses(source, entry, 'read_address', undefined),
    maxQuantity: entry.quantity?.max ?? 0,
    value,
    maxStep: entry.max_step,
    minInterval: readDuration(source, entry, 'min_interval', entry.min_interval),
    interlock: entry.when === undefined ? undefined : readInterlock(source, entry.when),
  };
}

/** How many registers a value of the type fills: 1, 2 or 4. */
export function wordsOf(type: ValueType): number {
  return Types[type].words;
}

const Types: Readonly<
  Record<ValueType, { readonly words: number; readonly min: number; readonly max: number }>
> = {
  u16: { words: 1, min: 0, max: 0xffff },
  s16: { words: 1, min: -0x8000, max: 0x7fff },
  u32: { words: 2, min: 0, max: 0xffff_ffff },
  s32: { words: 2, min: -0x8000_0000, max: 0x7fff_ffff },
  f32: { words: 2, min: -3.4028234663852886e38, max: 3.4028234663852886e38 },
  // Limits are JSON numbers: beyond 2^53 they would not mean what was written.
  u64: { words: 4, min: 0, max: Number.MAX_SAFE_INTEGER },
  f64: { words: 4, min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
};

/** Neighbours are joined, but not where values span registers: each range then starts a value of its own. */
function readAddresses(
  source: Source,
  entry: PermissionEntry,
  key: 'address' | 'read_address',
  value: ValueRule | undefined,
): readonly AddressRange[] {
  const ranges = readNumbers(source, entry, key, entry[key], 65535, 'Modbus address');
  return value !== undefined && wordsOf(value.type) > 1 ? ranges : joinRanges(ranges);
}

function readValue(source: Source, entry: NonNullable<PermissionEntry['value']>): ValueRule {
  const type = entry.type ?? 'u16';
  const { min, max } = Types[type];
  const whole = !type.startsWith('f');
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
        `${number} does not fit ${type}, which holds ${min} to ${max}.`,
        'Correct the limit or the type.',
      );
    else if (whole && !Number.isInteger(number))
      problem(
        key,
        `${number} does not fit ${type}, which holds whole numbers.`,
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
  return {
    type,
    words: entry.words ?? 'big',
    min: entry.min,
    max: entry.max,
    allowed: unique([...(entry.allowed ?? [])].sort((a, b) => a - b)),
  };
}

function readInterlock(source: Source, entry: NonNullable<PermissionEntry['when']>): Interlock {
  return {
    functionCode: entry.read.fc,
    unit: entry.read.unit,
    address: entry.read.address,
    is: entry.is,
    noOlderThan: readDuration(source, entry, 'no_older_than', entry.no_older_than),
  };
}

function sortedNumbers(written: OneOrMore<number>): readonly number[] {
  return unique([...(isList(written) ? written : [written])].sort((a, b) => a - b));
}

function unique(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)];
}
