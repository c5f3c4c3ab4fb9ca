import type { Schedule } from '../../rules/policy.ts';
import type { Mode, VendorAccess, VendorTarget } from './access.ts';
import { readTimeZone } from './resolve-conduits.ts';
import { readProfileName } from './resolve-presets.ts';
import { parseDays, parseHours } from './schedule.ts';
import type { ZoneModelFile } from './schema.ts';
import { entriesOf, readDuration, readTime, type Source, tidy } from './source.ts';
import type { FlowRef } from './zone-model.ts';

type VendorEntry = NonNullable<ZoneModelFile['vendor_access']>[string];
type ModeEntry = NonNullable<ZoneModelFile['modes']>[string];
type KeptModeEntry = Extract<ModeEntry, { readonly keep: readonly string[] }>;

/** Who may come in from outside, through which entry, to what. */
export function resolveVendors(source: Source, file: ZoneModelFile): void {
  const entries = file.vendor_access ?? {};
  for (const [id, entry] of Object.entries(entries)) {
    const vendor: VendorAccess = {
      at: source.places.key(entries, id),
      id,
      company: entry.company,
      external: entry.external ?? true,
      people: entry.people.map((person) => ({
        id: person.id,
        mfa: person.mfa ?? 'required',
        at: source.places.of(person),
      })),
      entry: readEntry(source, entry),
      opens: readFlowRefs(source, entry, 'opens', entry.opens ?? []),
      targets: readTargets(source, entry),
      approval:
        entry.approval === undefined
          ? undefined
          : { role: entry.approval.role, second: entry.approval.second ?? '' },
      limits: readLimits(source, entry.limits ?? {}),
      contractEnds:
        entry.contract_ends === undefined
          ? undefined
          : readTime(source, entry, 'contract_ends', entry.contract_ends),
      supplierDuties: entry.supplier_duties ?? '',
      record: entry.record ?? [],
    };
    source.names.vendors.set(id, vendor);
  }
}

/** The operating modes; `normal` is always there and keeps everything. */
export function resolveModes(source: Source, file: ZoneModelFile): readonly Mode[] {
  const entries = file.modes ?? {};
  const at = entries['normal'] === undefined ? source.places.of(file) : source.places.key(entries, 'normal');
  const unsaid = { purpose: '', authority: '', keep: [], recover: [], profiles: [] };
  const normal: Mode = { at, name: 'normal', keepsAll: true, ...unsaid };
  const kept = Object.entries(entries).flatMap(([name, entry]) => {
    if (name !== 'normal' && 'keep' in entry) return [readMode(source, entries, name, entry)];
    if ((name === 'normal') === 'keep' in entry) reportMode(source, entries, name);
    return [];
  });
  return [normal, ...kept];
}

/** Ids of flows, as flows with the place where each is named. */
export function readFlowRefs(
  source: Source,
  holder: object,
  key: string,
  written: readonly string[],
): readonly FlowRef[] {
  return entriesOf(source, holder, key, written).flatMap(({ entry, at }) => {
    const flow = source.names.flow(entry, at);
    return flow === undefined ? [] : [{ flow, at }];
  });
}

function readEntry(source: Source, holder: VendorEntry): VendorAccess['entry'] {
  const { names, places } = source;
  const { zone, asset } = holder.entry;
  return {
    at: places.key(holder, 'entry'),
    zone: names.zone(zone, places.value(holder.entry, 'zone')),
    asset: asset === undefined ? undefined : names.asset(asset, places.value(holder.entry, 'asset')),
  };
}

function reportMode({ places, reporter }: Source, holder: object, name: string): void {
  const [message, hint] =
    name === 'normal'
      ? ['`normal` keeps every flow, so there is nothing to say about it.', 'Write `normal: {}`.']
      : [
          `The mode ${name} does not say what it keeps.`,
          'Add `keep:` with conduits or flows; `keep: []` cuts all.',
        ];
  reporter.error('S-005', places.key(holder, name), message, hint);
}

function readMode(source: Source, holder: object, name: string, entry: KeptModeEntry): Mode {
  const flows = (key: 'keep' | 'recover') => [
    ...new Set(
      entriesOf(source, entry, key, entry[key] ?? []).flatMap(({ entry: id, at }) =>
        source.names.flowsNamed(id, at),
      ),
    ),
  ];
  const overrides = entry.modbus ?? {};
  return {
    at: source.places.key(holder, name),
    name,
    keepsAll: false,
    purpose: tidy(entry.purpose),
    authority: entry.authority ?? '',
    keep: flows('keep'),
    recover: flows('recover'),
    profiles: Object.entries(overrides).flatMap(([id, profileName]) => {
      const at = source.places.key(overrides, id);
      const flow = source.names.flow(id, at);
      if (flow === undefined) return [];
      const place = source.places.value(overrides, id);
      const profile = readProfileName(source, profileName, place, flow.destinations);
      return profile === undefined ? [] : [{ flow, profile, at }];
    }),
  };
}

function readTargets(source: Source, entry: VendorEntry): VendorTarget[] {
  return (entry.targets ?? []).flatMap((target) => {
    const at = source.places.value(target, 'asset');
    const asset = source.names.asset(target.asset, at);
    const ends = asset === undefined ? [] : [{ kind: 'asset', asset, at } as const];
    const profile =
      target.modbus === undefined
        ? undefined
        : readProfileName(source, target.modbus, source.places.value(target, 'modbus'), ends);
    return asset === undefined ? [] : [{ at: source.places.of(target), asset, port: target.port, profile }];
  });
}

function readLimits(source: Source, limits: NonNullable<VendorEntry['limits']>): VendorAccess['limits'] {
  return {
    maxDuration: readDuration(source, limits, 'max_duration', limits.max_duration),
    idle: readDuration(source, limits, 'idle', limits.idle),
    concurrent: limits.concurrent ?? 0,
    window: readWindow(source, limits),
  };
}

function readWindow(source: Source, limits: NonNullable<VendorEntry['limits']>): Schedule | undefined {
  const { places, reporter } = source;
  if (limits.window === undefined) return undefined;
  const [days = '', hoursText = ''] = limits.window.split(' ');
  const hours = parseHours(hoursText);
  if (!hours.ok)
    reporter.error(
      'S-007',
      places.value(limits, 'window'),
      hours.message,
      'For example: "mon-fri 07:00-16:00".',
    );
  if (limits.tz === undefined) {
    reporter.error(
      'S-005',
      places.key(limits, 'window'),
      '`tz` is missing beside this window.',
      'For example: `tz: Europe/Stockholm`.',
    );
    return undefined;
  }
  const { from, to } = hours.ok ? hours : { from: 0, to: 1440 };
  return { days: parseDays(days), from, to, timeZone: readTimeZone(source, limits, limits.tz) };
}
