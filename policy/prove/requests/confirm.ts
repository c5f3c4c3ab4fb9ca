import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import { decide } from '../../../rules/modbus/permission/decide.ts';
import type { ModbusDevice, ModbusProfile } from '../../../rules/modbus/profile.ts';
import type { Profile } from '../../model/zone-model.ts';

/**
 * Whether the decision itself permits a request, at a device of which nothing is known and with nothing unknown
 * held against it: limits that hold at some times do not hold at all of them.
 */
export function confirms(profile: Profile, request: Request, kind: ModbusDevice['kind']): boolean {
  const rules = lenient(profile);
  const device = createDeviceState(kind);
  device.watch(rules, Number.NEGATIVE_INFINITY);
  return decide(rules, request, device, 0).kind === 'allow';
}

/** The profile as it is compiled, but that what cannot be judged passes. */
function lenient(profile: Profile): ModbusProfile {
  const known = lenients.get(profile);
  if (known !== undefined) return known;
  const { name, aliases, limits, refusal } = profile;
  const permissions = profile.permissions.map(
    (permission) => ({ ...permission, line: permission.at.line, unknown: 'allow' }) as const,
  );
  const created = { name, permissions, aliases, limits, refusal };
  lenients.set(profile, created);
  return created;
}

const lenients = new WeakMap<Profile, ModbusProfile>();
