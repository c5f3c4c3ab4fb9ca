import { functionCode } from '../../../rules/modbus/message/function-code.ts';
import type { ModbusProfile } from '../../../rules/modbus/profile.ts';

/**
 * The profile as if each write were judged by a step: so that what is known of a server includes what stands where
 * a vendor may write, and a write is told with the value it replaced. For watching only, never for deciding.
 * Undefined where that would be so much that guards of the plant's own flows could lose their place.
 */
export function watchingWrites(profile: ModbusProfile): ModbusProfile | undefined {
  const known = watching.get(profile);
  if (known !== undefined) return known;
  const writing = profile.permissions.filter(({ functions }) =>
    functions.some((code) => (functionCode(code)?.maxWrite ?? 0) > 0),
  );
  const places = writing.flatMap(({ units, addresses }) =>
    addresses.map(({ first, last }) => units.length * (last - first + 1)),
  );
  if (places.reduce((sum, one) => sum + one, 0) > MostPlaces) return undefined;
  const permissions = profile.permissions.map((permission) => ({
    ...permission,
    step: permission.step ?? { max: undefined, maxPerMinute: undefined, noOlderThan: 0 },
  }));
  const made = { ...profile, permissions };
  watching.set(profile, made);
  return made;
}

/** Of the addresses that are kept of one server at most, an eighth. */
const MostPlaces = 8_192;
const watching = new WeakMap<ModbusProfile, ModbusProfile>();
