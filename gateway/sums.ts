/** How like things are counted together. */
export interface SumRules<T> {
  /** Things with the same key are of one kind. */
  readonly key: (item: T) => string;
  /** Two of one kind as one; the earlier first. */
  readonly merge: (earlier: T, later: T) => T;
  /** Things of different kinds as one, `kinds` of them at least. */
  readonly mix: (earlier: T | undefined, later: T, kinds: number) => T;
}

/** Any number of things as a bounded number of sums, exact: what is of one kind too many is in the last of them. */
export interface Sums<T> {
  readonly add: (item: T) => void;
  /** The sums since the last call, and begins anew. */
  readonly take: () => readonly T[];
  readonly isEmpty: () => boolean;
}

export function createSums<T>({ key, merge, mix }: SumRules<T>, kinds: number): Sums<T> {
  let sums = new Map<string, T>();
  let mixed: T | undefined;
  let mixedKinds = new Set<string>();
  return {
    add: (item) => {
      const name = key(item);
      const known = sums.get(name);
      if (known !== undefined || sums.size < kinds) {
        sums.set(name, known === undefined ? item : merge(known, item));
        return;
      }
      if (mixedKinds.size < MaxMixedKinds) mixedKinds.add(name);
      mixed = mix(mixed, item, mixedKinds.size);
    },
    take: () => {
      const all = [...sums.values(), ...(mixed === undefined ? [] : [mixed])];
      sums = new Map();
      mixed = undefined;
      mixedKinds = new Set();
      return all;
    },
    isEmpty: () => sums.size === 0,
  };
}

/** The number of mixed kinds is counted up to here; what is of them is counted without end. */
const MaxMixedKinds = 10_000;
