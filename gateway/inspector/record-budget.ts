/**
 * Which ended connections are put on record one by one. Connecting costs an attacker little, and each record room on
 * the disk from which older ones are then given up: what comes faster than any plant connects is counted together.
 */
export interface RecordBudget {
  /** Takes a place for one of this kind; false when there is none left. */
  readonly take: (kind: string) => boolean;
  /** Called once a second. */
  readonly refill: () => void;
}

/** Of one kind: at once what one pair may have open (places.ts), since all of it may be cut, and then so many each second. */
export const BurstOfKind = 128;
export const RefillOfKind = 16;

/** Of all kinds: the same of what may be open at all. */
export const BurstOfAll = 2_000;
export const RefillOfAll = 256;

export function createRecordBudget(): RecordBudget {
  /** Of kinds that have not all their places; never more of them than places were taken. */
  const left = new Map<string, number>();
  let leftOfAll = BurstOfAll;

  return {
    take: (kind) => {
      const places = left.get(kind) ?? BurstOfKind;
      if (places === 0 || leftOfAll === 0) return false;
      left.set(kind, places - 1);
      leftOfAll -= 1;
      return true;
    },
    refill: () => {
      leftOfAll = Math.min(BurstOfAll, leftOfAll + RefillOfAll);
      for (const [kind, places] of left) {
        if (places + RefillOfKind < BurstOfKind) left.set(kind, places + RefillOfKind);
        else left.delete(kind);
      }
    },
  };
}
