/** Requests under way to each unit of one server, all clients together. */
export interface UnitPlaces {
  /**
   * Takes a place for one more request; false while the unit has `limit` of them, 1 to 512, under way, or while
   * others wait for it: then the asker, known by its `wake`, stands in line, and `wake` is called when it is
   * its turn to ask again. 0 is no limit, and waits for nobody.
   */
  takePlace(unit: number, limit: number, wake: () => void): boolean;
  /** Gives a place back, exactly once for each one taken. */
  freePlace(unit: number): void;
  /** The asker leaves the line without its place, and must say so: nobody behind it passes it. */
  stopWaiting(wake: () => void): void;
}

/**
 * All places free. Strictly first come, first served: a busy client frees a place and asks for the next one in
 * one go, so without a line it would keep a slower one waiting for ever.
 */
export function createUnitPlaces(): UnitPlaces {
  const taken = new Int32Array(256);
  const lines = new Map<number, (() => void)[]>();

  function stopWaiting(wake: () => void): void {
    for (const [unit, line] of lines) {
      const place = line.indexOf(wake);
      if (place < 0) continue;
      line.splice(place, 1);
      if (line.length === 0) lines.delete(unit);
      // Whoever is first now may find room that the one in front had no use for.
      else if (place === 0) line[0]?.();
    }
  }

  return {
    takePlace(unit, limit, wake) {
      const now = taken[unit] ?? 0;
      const line = lines.size === 0 ? undefined : lines.get(unit);
      const isNext = line === undefined || line[0] === wake;
      if (limit !== 0 && (now >= limit || !isNext)) {
        if (line === undefined) lines.set(unit, [wake]);
        else if (!line.includes(wake)) line.push(wake);
        return false;
      }
      taken[unit] = now + 1;
      if (line !== undefined) stopWaiting(wake);
      return true;
    },
    freePlace(unit) {
      const now = taken[unit] ?? 0;
      if (now === 0) throw new Error(`unit ${unit} has no place taken`);
      taken[unit] = now - 1;
      if (lines.size > 0) lines.get(unit)?.[0]?.();
    },
    stopWaiting,
  };
}
