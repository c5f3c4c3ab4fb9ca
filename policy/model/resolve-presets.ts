import type { ModbusDevice } from '../../rules/modbus/profile.ts';
import type { Place } from '../finding.ts';
import { DefaultLimits, DefaultRefusal } from './modbus-defaults.ts';
import { isPreset, type Preset, Presets, PresetTable } from './presets.ts';
import { expandRanges } from './ranges.ts';
import type { Source } from './source.ts';
import type { EndpointRef, Permission, Profile } from './zone-model.ts';

/** The profile a flow names, or the one made from the preset it names, for the kind of device it leads to. */
export function readProfileName(
  source: Source,
  written: string,
  at: Place,
  destinations: readonly EndpointRef[],
): Profile | undefined {
  if (!isPreset(written)) return source.names.profile(written, at);
  const kinds = new Set(destinations.map((end) => (end.kind === 'asset' ? end.asset.modbus.kind : 'direct')));
  if (kinds.size > 1)
    source.reporter.error(
      'S-007',
      at,
      `\`${written}\` means other units for a device than for a serial gateway, and this flow leads to both.`,
      'Make a flow for each kind.',
    );
  const kind = kinds.has('serial-gateway') ? 'serial-gateway' : 'direct';
  const name = profileName(written, kind);
  const known = source.names.presetProfiles.get(name);
  if (known !== undefined) return known;
  const profile = makeProfile(written, kind, name, at);
  source.names.presetProfiles.set(name, profile);
  return profile;
}

/** A profile with the name of a preset would change what the word means on every flow. */
export function reportPresetNames(source: Source, entries: Readonly<Record<string, unknown>>): void {
  for (const preset of Presets)
    for (const kind of ['direct', 'serial-gateway'] as const) {
      const name = profileName(preset, kind);
      if (!Object.hasOwn(entries, name)) continue;
      const message = `\`${name}\` is the name of a preset.`;
      source.reporter.error('N-002', source.places.key(entries, name), message, 'Rename the profile.');
    }
}

/** What the words mean where no unit is written: the device itself, or every unit but the broadcast. */
const UnitsOf: Readonly<Record<ModbusDevice['kind'], readonly number[]>> = {
  direct: [0, 1, 255],
  'serial-gateway': expandRanges([{ first: 1, last: 247 }]),
};

function profileName(preset: Preset, kind: ModbusDevice['kind']): string {
  return kind === 'direct' ? preset : `${preset}-serial`;
}

function makeProfile(preset: Preset, kind: ModbusDevice['kind'], name: string, at: Place): Profile {
  const terms = PresetTable[preset];
  const all = [{ first: 0, last: 65535 }];
  const permission: Permission = {
    at,
    id: `${name}/1`,
    name: '',
    ...terms,
    units: UnitsOf[kind],
    addresses: all,
    readAddresses: terms.functions.includes(23) ? all : [],
    files: terms.functions.includes(20)
      ? [{ firstFile: 1, lastFile: 65535, firstRecord: 0, lastRecord: 9999 }]
      : [],
    maxQuantity: 0,
    maxBytes: 0,
    values: [],
    step: undefined,
    minInterval: 0,
    writesPerMinute: 0,
    interlocks: [],
    unknown: 'refuse',
    refusal: undefined,
  };
  return {
    at,
    name,
    extends: '',
    permissions: [permission],
    aliases: [],
    limits: DefaultLimits,
    stated: {},
    refusal: DefaultRefusal,
    preset,
  };
}
