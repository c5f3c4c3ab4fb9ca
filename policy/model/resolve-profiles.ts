import type { CoilAlias, ModbusLimits } from '../../rules/policy.ts';
import type { Place } from '../finding.ts';
import { readPermission } from './resolve-permissions.ts';
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
}

/** Limits of a profile that states none: the server count the Modbus TCP guide suggests, and 5 s. */
const DefaultLimits: ModbusLimits = { aduPerSecond: 0, outstanding: 16, requestTimeout: 5_000 };

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
    permissions: entry.allow.map((permission) => readPermission(source, permission)),
    aliases: (entry.alias ?? []).map((alias) => ({
      at: source.places.of(alias),
      coil: alias.coil,
      register: alias.is.register,
      bit: alias.is.bit,
      name: alias.name ?? '',
    })),
    limits: readLimits(source, entry.limits ?? {}),
  };
}

function readLimits(source: Source, limits: NonNullable<ProfileEntry['limits']>): Partial<ModbusLimits> {
  return {
    ...(limits.adu_per_second === undefined ? {} : { aduPerSecond: limits.adu_per_second }),
    ...(limits.outstanding === undefined ? {} : { outstanding: limits.outstanding }),
    ...(limits.request_timeout === undefined
      ? {}
      : { requestTimeout: readDuration(source, limits, 'request_timeout', limits.request_timeout) }),
  };
}
