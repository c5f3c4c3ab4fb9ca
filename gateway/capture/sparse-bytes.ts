/**
 * Bytes at places, in any order, with holes between them. What comes first stays: a second copy of the
 * same place is compared and never taken, since whoever reassembles otherwise reads another stream.
 */
export interface SparseBytes {
  /** Adds a copy of what is new; how many bytes differ from what is there already. */
  add(place: number, bytes: Uint8Array): number;
  /** Takes out everything that follows `place` without a hole; undefined where nothing lies there. */
  takeFrom(place: number): Uint8Array | undefined;
  /** The lowest place that is held; Infinity for none. */
  readonly first: number;
  /** Bytes held, and in how many runs. */
  readonly size: number;
  readonly runs: number;
}

export function createSparseBytes(): SparseBytes {
  /** In order of place, never touching one another's bytes. */
  const runs: Run[] = [];
  let size = 0;

  function insert(index: number, place: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    runs.splice(index, 0, { place, bytes: Uint8Array.from(bytes) });
    size += bytes.length;
  }

  function add(place: number, bytes: Uint8Array): number {
    const end = place + bytes.length;
    let differing = 0;
    let at = place;
    let index = firstEndingAfter(runs, place);
    while (at < end) {
      const run = runs[index];
      if (run === undefined || run.place >= end) {
        insert(index, at, bytes.subarray(at - place));
        break;
      }
      if (run.place > at) {
        insert(index, at, bytes.subarray(at - place, run.place - place));
        index++;
        at = run.place;
      }
      const stop = Math.min(end, run.place + run.bytes.length);
      for (; at < stop; at++) if (run.bytes[at - run.place] !== bytes[at - place]) differing++;
      index++;
    }
    return differing;
  }

  function takeFrom(place: number): Uint8Array | undefined {
    let end = place;
    let count = 0;
    for (const run of runs) {
      if (run.place !== end) break;
      end += run.bytes.length;
      count++;
    }
    if (count === 0) return undefined;
    const taken = runs.splice(0, count);
    size -= end - place;
    if (count === 1) return taken[0]?.bytes;
    const whole = new Uint8Array(end - place);
    for (const run of taken) whole.set(run.bytes, run.place - place);
    return whole;
  }

  return {
    add,
    takeFrom,
    get first() {
      return runs[0]?.place ?? Number.POSITIVE_INFINITY;
    },
    get size() {
      return size;
    },
    get runs() {
      return runs.length;
    },
  };
}

interface Run {
  readonly place: number;
  readonly bytes: Uint8Array;
}

function firstEndingAfter(runs: readonly Run[], place: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const run = runs[middle];
    if (run !== undefined && run.place + run.bytes.length <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
