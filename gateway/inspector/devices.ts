import { createDeviceState, type DeviceState } from '../../rules/modbus/device-state.ts';

/** What is known about each server, shared by all connections to it and kept when the policy changes. */
export interface Devices {
  /** `name` is the asset's, or its address where the model has no asset for it. */
  readonly of: (name: string) => DeviceState;
}

/**
 * Nothing known. At most `limit` servers are kept, the longest unused forgotten first: a flow towards a
 * whole zone must not let a client fill the memory by walking through its addresses.
 */
export function createDevices(limit: number = DeviceLimit): Devices {
  const states = new Map<string, DeviceState>();
  return {
    of: (name) => {
      const state = states.get(name) ?? createDeviceState();
      states.delete(name);
      states.set(name, state);
      const [oldest] = states.keys();
      if (states.size > limit && oldest !== undefined) states.delete(oldest);
      return state;
    },
  };
}

const DeviceLimit = 4096;
