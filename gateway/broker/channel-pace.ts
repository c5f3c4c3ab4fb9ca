/**
 * How fast one grant may get channels. Each is on record for good and has a file of its own, so that whoever connects
 * without end would fill the box (62443-3-3 SR 7.1, SR 7.2).
 */
export interface ChannelPace {
  /** Whether one more may be opened for this grant now; it counts if so. */
  readonly take: (grant: object) => boolean;
}

/** So many at once, for a tool that holds many; and each second after that, for one that connects for each question. */
export const ChannelsAtOnce = 1_200;
export const ChannelsPerSecond = 5;

/** Nothing taken. `now` is monotonic, milliseconds. */
export function createChannelPace(now: () => number): ChannelPace {
  const buckets = new WeakMap<object, { left: number; at: number }>();
  return {
    take: (grant) => {
      const at = now();
      const before = buckets.get(grant) ?? { left: ChannelsAtOnce, at };
      const left = Math.min(ChannelsAtOnce, before.left + ((at - before.at) / 1000) * ChannelsPerSecond);
      const may = left >= 1;
      buckets.set(grant, { left: may ? left - 1 : left, at });
      return may;
    },
  };
}
