/**
 * The number by which the kernel knows each flow, 1 to 2^24-1, made of its id: a flow keeps it when others come
 * and go. A packet on its way through the table finds its flow's number in one map and what becomes of it in
 * another; were numbers dealt in order, a new policy between the two would make it another flow's packet.
 * @param ids of every flow of the plant, different from each other
 * @param side of a pair: one box numbers odd, the other even. A connection's stamp comes over from the other box
 * with its state, and that box may be under another policy: no stamp of one box means anything to the other, so
 * that only what a box has judged itself is stamped for it
 */
export function flowNumbers(ids: readonly string[], side?: 0 | 1): ReadonlyMap<string, number> {
  const [first, step] = side === undefined ? [1, 1] : [1 + side, 2];
  const places = Math.floor(MostNumbers / step);
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  for (const id of ids.toSorted()) {
    let place = hashOf(id) % places;
    while (taken.has(place)) place = (place + 1) % places;
    taken.add(place);
    numbers.set(id, first + place * step);
  }
  return numbers;
}

/** FNV-1a over the id's code units. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

const MostNumbers = 0xff_ffff;
