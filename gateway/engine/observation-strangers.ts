import type { Stranger } from '../../rules/observation.ts';

/** Source addresses that no asset has. Whoever makes them up pushes out the oldest, and fills no memory. */
export interface Strangers {
  readonly see: (address: string, zone: string, packets: number, now: number) => void;
  /** Newest first. */
  readonly list: () => readonly Stranger[];
  /** Those of them that still are strangers. */
  readonly keep: (isStranger: (address: string) => boolean) => void;
}

export function createStrangers(known: readonly Stranger[]): Strangers {
  /** The one seen last is the last. */
  const strangers = new Map(known.toReversed().map((one) => [one.address, one]));
  return {
    see: (address, zone, packets, now) => {
      const before = strangers.get(address);
      strangers.delete(address);
      strangers.set(address, {
        address,
        zone,
        first: before?.first ?? now,
        last: now,
        packets: packets + (before?.packets ?? 0),
      });
      const [oldest] = strangers.keys();
      if (strangers.size > MostStrangers && oldest !== undefined) strangers.delete(oldest);
    },
    list: () => [...strangers.values()].reverse(),
    keep: (isStranger) => {
      for (const address of [...strangers.keys()]) if (!isStranger(address)) strangers.delete(address);
    },
  };
}

export const MostStrangers = 1000;
