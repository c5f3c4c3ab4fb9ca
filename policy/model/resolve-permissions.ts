import type {
  AddressRange,
  FileRange,
  Interlock,
  RefusalRule,
  StepRule,
  ValueRule,
} from '../../rules/modbus/profile.ts';
import { Day } from './instant.ts';
import { isPreset, PresetTable, type PresetTerms } from './presets.ts';
import { expandRanges, joinRanges } from './ranges.ts';
import { AnsweredReasons } from './refusals.ts';
import { readValues, wordsOf } from './resolve-values.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, isList, type OneOrMore, readDuration, readNumbers, type Source } from './source.ts';
import type { Permission } from './zone-model.ts';

type ProfileEntry = NonNullable<ZoneModelFile['modbus_profiles']>[string];
type PermissionEntry = ProfileEntry['allow'][number];
type InterlockEntry = Extract<NonNullable<PermissionEntry['when']>, { is: unknown }>;

/** One line of a profile's `allow`; `id` is its profile's name and its place in the list. */
export function readPermission(source: Source, entry: PermissionEntry, id: string): Permission {
  const values = readValues(source, entry);
  const addresses = readAddresses(source, entry, 'address', values);
  const terms = isPreset(entry.fc)
    ? readPreset(source, entry, PresetTable[entry.fc])
    : readTerms(source, entry, entry.fc);
  return {
    at: source.places.of(entry),
    id,
    name: entry.name ?? '',
    ...terms,
    units: unique(expandRanges(readNumbers(source, entry, 'units', entry.units, 255, 'unit identifier'))),
    addresses,
    // A preset reads what it writes, so its one range is meant for both halves of function code 23.
    readAddresses:
      isPreset(entry.fc) && entry.read_address === undefined && terms.functions.includes(ReadWrite)
        ? joinRanges(addresses)
        : readAddresses(source, entry, 'read_address', []),
    files: readFiles(source, entry),
    maxQuantity: entry.quantity?.max ?? 0,
    maxBytes: entry.max_bytes ?? 0,
    values,
    step: readStep(source, entry),
    minInterval: readDuration(source, entry, 'min_interval', entry.min_interval, StateTime),
    writesPerMinute: entry.writes_per_minute ?? 0,
    interlocks:
      entry.when === undefined
        ? []
        : entriesOf(source, entry, 'when', entry.when).map(({ entry: when }) => readInterlock(source, when)),
    unknown: entry.unknown ?? 'refuse',
    refusal: entry.on_refuse === undefined ? undefined : readRefusal(entry.on_refuse),
  };
}

/** `on_refuse:` of a profile or a permission; codes in the order of the reasons, whatever was written. */
export function readRefusal(written: NonNullable<ProfileEntry['on_refuse']>): RefusalRule {
  if (typeof written === 'string') return { action: written, exceptionCodes: [] };
  const codes = written.codes ?? {};
  return {
    action: written.action ?? 'exception',
    exceptionCodes: AnsweredReasons.flatMap((reason) => {
      const code = codes[reason];
      return code === undefined ? [] : [{ reason, code }];
    }),
  };
}

/** The compiled form counts milliseconds in 32 bits, which is 49 days. */
const StateTime = { least: 1, most: 30 * Day, words: 'one millisecond to 30 days' };
const ReadWrite = 23;
const ReadFile = 20;

function readTerms(source: Source, entry: PermissionEntry, codes: OneOrMore<number>): PresetTerms {
  const sub = readNumbers(source, entry, 'sub', entry.sub, 65535, 'sub-function');
  return {
    functions: sortedNumbers(codes),
    subFunctions: sortedNumbers(expandRanges(joinRanges(sub))),
    mei: sortedNumbers(entry.mei ?? []),
  };
}

function readPreset(source: Source, entry: PermissionEntry, terms: PresetTerms): PresetTerms {
  for (const key of ['sub', 'mei', 'max_bytes'] as const)
    if (entry[key] !== undefined)
      source.reporter.error(
        'S-007',
        source.places.key(entry, key),
        `\`${key}\` stands beside a preset, which brings its own.`,
        'Remove it, or list the function codes instead of the preset.',
      );
  // No files never means all files: without them a preset reads none.
  const functions = terms.functions.filter((code) => code !== ReadFile || entry.files !== undefined);
  return { ...terms, functions };
}

/** Neighbours are joined, but not where values span registers: each range then starts a value of its own. */
function readAddresses(
  source: Source,
  entry: PermissionEntry,
  key: 'address' | 'read_address',
  values: readonly ValueRule[],
): readonly AddressRange[] {
  const ranges = readNumbers(source, entry, key, entry[key], 65535, 'Modbus address');
  return values.some(({ type }) => wordsOf(type) > 1) ? ranges : joinRanges(ranges);
}

function readFiles(source: Source, entry: PermissionEntry): readonly FileRange[] {
  return (entry.files ?? []).flatMap((written) => {
    const [files] = readNumbers(source, written, 'file', written.file, 65535, 'file');
    const [records] = readNumbers(source, written, 'records', written.records, 9999, 'record');
    if (files === undefined || records === undefined) return [];
    if (files.first === 0) {
      const at = source.places.value(written, 'file');
      source.reporter.error('S-007', at, 'There is no file 0.', 'Files are 1 to 65535.');
    }
    return [
      { firstFile: files.first, lastFile: files.last, firstRecord: records.first, lastRecord: records.last },
    ];
  });
}

function readStep(source: Source, entry: PermissionEntry): StepRule | undefined {
  const step = entry.max_step;
  if (step === undefined) return undefined;
  if (typeof step === 'number') return { max: step, maxPerMinute: undefined, noOlderThan: 0 };
  if (step.max === undefined && step.per_minute === undefined)
    source.reporter.error(
      'S-007',
      source.places.key(entry, 'max_step'),
      '`max_step` has neither `max` nor `per_minute`, so it limits nothing.',
      'For example: `max_step: {max: 5, no_older_than: PT10S}`.',
    );
  const noOlderThan = readDuration(source, step, 'no_older_than', step.no_older_than, StateTime);
  return { max: step.max, maxPerMinute: step.per_minute, noOlderThan };
}

function readInterlock(source: Source, entry: InterlockEntry): Interlock {
  if (entry.read.fc <= 2 && entry.is > 1) {
    const message = `Function code ${entry.read.fc} reads bits, so \`is\` cannot be ${entry.is}.`;
    source.reporter.error('S-007', source.places.value(entry, 'is'), message, 'Write 0 or 1.');
  }
  return {
    functionCode: entry.read.fc,
    unit: entry.read.unit,
    address: entry.read.address,
    is: entry.is,
    noOlderThan: readDuration(source, entry, 'no_older_than', entry.no_older_than, StateTime),
  };
}

function sortedNumbers(written: OneOrMore<number>): readonly number[] {
  return unique([...(isList(written) ? written : [written])].sort((a, b) => a - b));
}

function unique(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)];
}
