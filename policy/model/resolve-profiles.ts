import type { CoilAlias, ModbusLimits, RefusalRule } from '../../rules/modbus/profile.ts';
import type { Place } from '../finding.ts';
import { DefaultLimits, DefaultRefusal } from './modbus-defaults.ts';
import { readPermission, readRefusal } from './resolve-permissions.ts';
import { reportPresetNames } from './resolve-presets.ts';
import type { ZoneModelFile } from './schema.ts';
import { readDuration, type Source } from './source.ts';
import { didYouMean } from './suggest.ts';
import { quote } from './yaml-tree.ts';
import type { Permission, Profile } from './zone-model.ts';

type ProfileEntry = NonNullable<ZoneModelFile['modbus_profiles']>[string];

/** Modbus profiles with what they extend already in them. */
export function resolveProfiles(source: Source, file: ZoneModelFile): void {
  const entries = file.modbus_profiles ?? {};
  const own = new Map(
    Object.entries(entries).map(([name, entry]) => [name, readOwn(source, entries, name, entry)]),
  );
  reportPresetNames(source, entries);
  for (const name of own.keys()) resolve(source, own, name, []);
}

/** A profile's own part, before what it extends is joined to it. */
interface OwnPart {
  readonly at: Place;
  readonly extends: string;
  readonly extendsAt: Place;
  readonly permissions: readonly Permission[];
  readonly aliases: readonly (CoilAlias & { readonly at: Place })[];
  readonly limits: Partial<ModbusLimits>;
  readonly stated: Profile['stated'];
  readonly refusal: RefusalRule | undefined;
}

function resolve(
  source: Source,
  own: ReadonlyMap<string, OwnPart>,
  name: string,
  path: readonly string[],
): Profile | undefined {
  const { names, reporter } = source;
  const known = names.profiles.get(name);
  const part = own.get(name);
  if (known !== undefined || part === undefined) return known;
  const base = part.extends === '' ? undefined : resolveBase(source, own, part, [...path, name], reporter);
  const profile: Profile = {
    at: part.at,
    name,
    extends: part.extends,
    permissions: [...(base?.permissions ?? []), ...part.permissions],
    aliases: [...(base?.aliases ?? []), ...part.aliases],
    limits: { ...(base?.limits ?? DefaultLimits), ...part.limits },
    stated: { ...base?.stated, ...part.stated },
    refusal: part.refusal ?? base?.refusal ?? DefaultRefusal,
    preset: undefined,
  };
  names.profiles.set(name, profile);
  return profile;
}

function resolveBase(
  source: Source,
  own: ReadonlyMap<string, OwnPart>,
  part: OwnPart,
  path: readonly string[],
  reporter: Source['reporter'],
): Profile | undefined {
  if (!own.has(part.extends)) {
    const hint = didYouMean(part.extends, [...own.keys()], 'Modbus profiles');
    reporter.error('N-001', part.extendsAt, `There is no Modbus profile named ${quote(part.extends)}.`, hint);
    return undefined;
  }
  const start = path.indexOf(part.extends);
  if (start >= 0) {
    const circle = [...path.slice(start), part.extends].join(' → ');
    reporter.error(
      'N-003',
      part.extendsAt,
      `These profiles extend each other: ${circle}.`,
      'Remove one `extends`.',
    );
    return undefined;
  }
  return resolve(source, own, part.extends, path);
}

function readOwn(source: Source, entries: object, name: string, entry: ProfileEntry): OwnPart {
  return {
    at: source.places.key(entries, name),
    extends: entry.extends ?? '',
    extendsAt: source.places.value(entry, 'extends'),
    permissions: entry.allow.map((permission, index) =>
      readPermission(source, permission, `${name}/${index + 1}`),
    ),
    aliases: (entry.alias ?? []).map((alias) => ({
      at: source.places.of(alias),
      coil: alias.coil,
      register: alias.is.register,
      bit: alias.is.bit,
      name: alias.name ?? '',
    })),
    ...readLimits(source, entry.limits ?? {}),
    refusal: entry.on_refuse === undefined ? undefined : readRefusal(entry.on_refuse),
  };
}

type LimitsEntry = NonNullable<ProfileEntry['limits']>;

/** Limits as written, by the name they have in the model. */
const LimitKeys: Readonly<Record<keyof ModbusLimits, keyof LimitsEntry>> = {
  aduPerSecond: 'adu_per_second',
  outstanding: 'outstanding',
  outstandingPerUnit: 'outstanding_per_unit',
  requestTimeout: 'request_timeout',
  connectionsPerSource: 'connections_per_source',
  exceptionsPerMinute: 'exceptions_per_minute',
  readAddressesPerMinute: 'read_addresses_per_minute',
  readWordsPerMinute: 'read_words_per_minute',
};

const RequestTimeout = { least: 50, most: 3_600_000, words: '50 milliseconds to one hour' };

function readLimits(source: Source, entry: LimitsEntry): Pick<OwnPart, 'limits' | 'stated'> {
  const limits: Partial<Record<keyof ModbusLimits, number>> = {};
  const stated: Partial<Record<keyof ModbusLimits, Place>> = {};
  for (const [limit, key] of Object.entries(LimitKeys) as [keyof ModbusLimits, keyof LimitsEntry][]) {
    const written = entry[key];
    if (written === undefined) continue;
    stated[limit] = source.places.key(entry, key);
    limits[limit] =
      typeof written === 'string' ? readDuration(source, entry, key, written, RequestTimeout) : written;
  }
  return { limits, stated };
}
