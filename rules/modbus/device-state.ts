/** What is known about one server: last values, last writes, writes under way. */
export interface DeviceState {
  readonly size: number;
}

/** One for each server asset; every inspection of a connection to it shares the same. */
export function createDeviceState(): DeviceState {
  return { size: 0 };
}
