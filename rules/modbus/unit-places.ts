/** Requests under way to each unit of one server, all clients together. */
export interface UnitPlaces {
  /** Takes a place for one more request; false while the unit has `limit` of them, 1 to 512, under way; 0 is no limit. */
  takePlace(unit: number, limit: number): boolean;
  /** Gives a place back, exactly once for each one taken. */
  freePlace(unit: number): void;
  /**
   * Calls `wake` once, when a place of any unit has been given back. Who waited longest is called first; who
   * still finds no place waits again.
   */
  waitForPlace(wake: () => void): void;
}

/** All places free. */
export function createUnitPlaces(): UnitPlaces {
  const taken = new Int32Array(256);
  let waiting = new Set<() => void>();
  let woken = new Set<() => void>();
  return {
    takePlace(unit, limit) {
      const now = taken[unit] ?? 0;
      if (limit !== 0 && now >= limit) return false;
      taken[unit] = now + 1;
      return true;
    },
    freePlace(unit) {
      const now = taken[unit] ?? 0;
      if (now === 0) throw new Error(`unit ${unit} has no place taken`);
      taken[unit] = now - 1;
      if (waiting.size === 0) return;
      [waiting, woken] = [woken, waiting];
      for (const wake of woken) wake();
      woken.clear();
    },
    waitForPlace(wake) {
      waiting.add(wake);
    },
  };
}
