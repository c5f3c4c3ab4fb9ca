import { createDeviceState, type DeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import { decide } from '../../../rules/modbus/permission/decide.ts';
import type { ModbusDevice, ModbusProfile } from '../../../rules/modbus/profile.ts';
import type { Profile } from '../../model/zone-model.ts';

/**
 * Whether the decision itself permits a request, at a device of which nothing is known and with nothing unknown
 * held against it: limits that hold at some times do not hold at all of them.
 */
export function confirms(profile: Profile, request: Request, kind: ModbusDevice['kind']): boolean {
  const known = devices[kind].get(profile);
  // Deciding changes nothing in what is known of a device.
  const { rules, device } = known ?? watched(profile, kind);
  if (known === undefined) devices[kind].set(profile, { rules, device });
  return decide(rules, request, device, 0).kind === 'allow';
}

interface Watched {
  readonly rules: ModbusProfile;
  readonly device: DeviceState;
}

/** The profile as it is compiled, but that what cannot be judged passes. */
function watched(profile: Profile, kind: ModbusDevice['kind']): Watched {
  const { name, aliases, limits, refusal } = profile;
  const permissions = profile.permissions.map(
    (permission) => ({ ...permission, line: permission.at.line, unknown: 'allow' }) as const,
  );
  const rules = { name, permissions, aliases, limits, refusal };
  const device = createDeviceState(kind);
  device.watch(rules, Number.NEGATIVE_INFINITY);
  return { rules, device };
}

const devices = {
  direct: new WeakMap<Profile, Watched>(),
  'serial-gateway': new WeakMap<Profile, Watched>(),
} as const;
