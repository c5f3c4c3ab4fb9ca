/**
 * The number by which the kernel knows each flow, 1 to 2^24-1, made of its id: a flow keeps it when others come
 * and go. A packet on its way through the table finds its flow's number in one map and what becomes of it in
 * another; were numbers dealt in order, a new policy between the two would make it another flow's packet.
 * @param ids of every flow of the plant, different from each other
 */
export function flowNumbers(ids: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  for (const id of ids.toSorted()) {
    let number = numberOf(id);
    while (taken.has(number)) number = (number % MostNumbers) + 1;
    taken.add(number);
    numbers.set(id, number);
  }
  return numbers;
}

/** FNV-1a over the id's code units. */
function numberOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (hash % MostNumbers) + 1;
}

const MostNumbers = 0xff_ffff;
