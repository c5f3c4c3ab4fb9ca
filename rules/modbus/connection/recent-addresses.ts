/**
 * Which addresses were read in the last 60 seconds: so many different ones at most, in bounded memory. An
 * address is a place in a space; both are numbers of up to 31 bits.
 */
export interface RecentAddresses {
  /** How many of `first` to `first + quantity - 1` were not read in the 60 seconds up to `now`. */
  countNew(now: number, space: number, first: number, quantity: number): number;
  /** Different addresses read in the 60 seconds up to `now`, or a second more. */
  within(now: number): number;
  /** Notes a run as read; `limit` is the most that {@link within} will then be. */
  add(now: number, space: number, first: number, quantity: number, limit: number): void;
}

/** Nothing read. */
export function createRecentAddresses(): RecentAddresses {
  // Open addressing over two flat arrays; an entry older than the window is dead and goes at the next rebuild.
  let spaces = new Int32Array(SmallestTable).fill(Free);
  let places = new Int32Array(SmallestTable);
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

  /** Where an address is in the table, or the free slot where it belongs. */
  function slotOf(space: number, place: number): number {
    const mask = spaces.length - 1;
    let slot = (Math.imul(space, 0x85ebca6b) ^ Math.imul(place, 0x9e3779b1)) & mask;
    while (spaces[slot] !== Free && !(spaces[slot] === space && places[slot] === place))
      slot = (slot + 1) & mask;
    return slot;
  }

  function isAlive(slot: number): boolean {
    return spaces[slot] !== Free && second - (seconds[slot] ?? 0) < Seconds;
  }

  function note(space: number, place: number): void {
    const slot = slotOf(space, place);
    if (isAlive(slot)) {
      const before = (seconds[slot] ?? 0) % Seconds;
      alive[before] = (alive[before] ?? 0) - 1;
    } else {
      live++;
      if (spaces[slot] === Free) used++;
    }
    put(slot, space, place, second);
    alive[second % Seconds] = (alive[second % Seconds] ?? 0) + 1;
  }

  function put(slot: number, space: number, place: number, at: number): void {
    spaces[slot] = space;
    places[slot] = place;
    seconds[slot] = at;
  }

  /** Leaves the dead behind. Rare: each rebuild is paid for by as many new addresses as it keeps. */
  function rebuild(size: number): void {
    const [oldSpaces, oldPlaces, oldSeconds] = [spaces, places, seconds];
    spaces = new Int32Array(size).fill(Free);
    places = new Int32Array(size);
    seconds = new Int32Array(size);
    used = 0;
    for (const [from, space] of oldSpaces.entries()) {
      const at = oldSeconds[from] ?? 0;
      const place = oldPlaces[from] ?? 0;
      if (space === Free || second - at >= Seconds) continue;
      put(slotOf(space, place), space, place, at);
      used++;
    }
  }

  return {
    countNew(now, space, first, quantity) {
      advance(now);
      let count = 0;
      for (let place = first; place < first + quantity; place++) if (!isAlive(slotOf(space, place))) count++;
      return count;
    },
    within(now) {
      advance(now);
      return live;
    },
    add(now, space, first, quantity, limit) {
      advance(now);
      const room = tableFor(limit);
      if (room > spaces.length || used + quantity > spaces.length >>> 1) {
        rebuild(Math.max(room, spaces.length));
      }
      for (let place = first; place < first + quantity; place++) note(space, place);
    },
  };
}

/** A power of two of which a quarter is enough for so many addresses. */
function tableFor(limit: number): number {
  let size = SmallestTable;
  while (size < 4 * limit) size *= 2;
  return size;
}

const Free = -1;
const Seconds = 61;
const SmallestTable = 256;
