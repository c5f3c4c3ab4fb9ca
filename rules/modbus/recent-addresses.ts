/** Which addresses were read in the last 60 seconds: so many different ones at most, in bounded memory. */
export interface RecentAddresses {
  /** How many of `first` to `first + quantity - 1` were not read in the 60 seconds up to `now`. */
  countNew(now: number, first: number, quantity: number): number;
  /** Different addresses read in the 60 seconds up to `now`, or a second more. */
  within(now: number): number;
  /** Notes a run as read; `limit` is the most that {@link within} will then be. */
  add(now: number, first: number, quantity: number, limit: number): void;
}

/** Nothing read. An address is any number below 2^53. */
export function createRecentAddresses(): RecentAddresses {
  // Open addressing over two flat arrays; an entry older than the window is dead and goes at the next rebuild.
  let keys = new Float64Array(SmallestTable).fill(Free);
  let seconds = new Int32Array(SmallestTable);
  let used = 0;
  const alive = new Uint32Array(Seconds);
  let live = 0;
  let second = 0;

  function advance(now: number): void {
    const next = Math.floor(now / 1000);
    for (let passed = Math.min(next - second, Seconds); passed > 0; passed--) {
      const slot = (next - passed + 1) % Seconds;
      live -= alive[slot] ?? 0;
      alive[slot] = 0;
    }
    if (next > second) second = next;
  }

  /** The place of a key, or the free one where it belongs. */
  function placeOf(key: number): number {
    const mask = keys.length - 1;
    let place = hash(key) & mask;
    while (keys[place] !== key && keys[place] !== Free) place = (place + 1) & mask;
    return place;
  }

  function isAlive(place: number): boolean {
    return keys[place] !== Free && second - (seconds[place] ?? 0) < Seconds;
  }

  function note(key: number): void {
    const place = placeOf(key);
    if (isAlive(place)) {
      const before = (seconds[place] ?? 0) % Seconds;
      alive[before] = (alive[before] ?? 0) - 1;
    } else {
      live++;
      if (keys[place] === Free) used++;
    }
    keys[place] = key;
    seconds[place] = second;
    const slot = second % Seconds;
    alive[slot] = (alive[slot] ?? 0) + 1;
  }

  /** Leaves the dead behind. Rare: each rebuild is paid for by as many new addresses as it keeps. */
  function rebuild(size: number): void {
    const [oldKeys, oldSeconds] = [keys, seconds];
    keys = new Float64Array(size).fill(Free);
    seconds = new Int32Array(size);
    used = 0;
    for (let from = 0; from < oldKeys.length; from++) {
      const key = oldKeys[from] ?? Free;
      const at = oldSeconds[from] ?? 0;
      if (key === Free || second - at >= Seconds) continue;
      const place = placeOf(key);
      keys[place] = key;
      seconds[place] = at;
      used++;
    }
  }

  return {
    countNew(now, first, quantity) {
      advance(now);
      let count = 0;
      for (let key = first; key < first + quantity; key++) if (!isAlive(placeOf(key))) count++;
      return count;
    },
    within(now) {
      advance(now);
      return live;
    },
    add(now, first, quantity, limit) {
      advance(now);
      const room = tableFor(limit);
      if (room > keys.length || used + quantity > keys.length >>> 1) rebuild(Math.max(room, keys.length));
      for (let key = first; key < first + quantity; key++) note(key);
    },
  };
}

/** A power of two of which a quarter is enough for so many addresses. */
function tableFor(limit: number): number {
  let size = SmallestTable;
  while (size < 4 * limit) size *= 2;
  return size;
}

function hash(key: number): number {
  const high = Math.floor(key / 0x1_0000_0000);
  return (Math.imul(key ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 7) | 0;
}

const Free = -1;
const Seconds = 61;
const SmallestTable = 256;
