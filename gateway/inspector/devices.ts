import { createDeviceState, type DeviceState } from '../../rules/modbus/device-state.ts';

/** What is known about each server, shared by all connections to it and kept when the policy changes. */
export interface Devices {
  /** `name` is the asset's, or its address where the model has no asset for it. */
  readonly of: (name: string) => DeviceState;
}

/**
 * Nothing known. At most `limit` servers are kept, the longest unused forgotten first: a flow towards a
 * whole zone must not let a client fill the memory by walking through its addresses. A server with an open
 * connection is never forgotten, or a second connection would find its steps and intervals unguarded.
 */
export function createDevices(limit: number = DeviceLimit): Devices {
  const states = new Map<string, DeviceState>();
  /** Pushed out of the list; there as long as a connection still holds it. */
  const held = new Map<string, WeakRef<DeviceState>>();
  return {
    of: (name) => {
      const state = states.get(name) ?? held.get(name)?.deref() ?? createDeviceState();
      states.delete(name);
      states.set(name, state);
      held.delete(name);
      const [oldest] = states;
      if (states.size > limit && oldest !== undefined) {
        states.delete(oldest[0]);
        held.set(oldest[0], new WeakRef(oldest[1]));
        if (held.size > limit) sweep();
      }
      return state;
    },
  };

  function sweep(): void {
    for (const [name, state] of held) if (state.deref() === undefined) held.delete(name);
  }
}

const DeviceLimit = 4096;
