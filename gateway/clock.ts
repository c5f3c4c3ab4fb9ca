/** Both clocks of the box. The wall clock may jump; the monotonic one only runs forward. Milliseconds. */
export interface Clock {
  readonly wall: () => number;
  readonly monotonic: () => number;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};
