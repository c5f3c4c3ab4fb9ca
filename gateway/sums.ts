/** How like things are counted together. */
export interface SumRules<T> {
  /** Things with the same key are of one kind. */
  readonly key: (item: T) => string;
  /** Two of one kind as one; the earlier first, which may be changed. */
  readonly merge: (earlier: T, later: T) => T;
  /** What stays apart also where kinds do not, as why something was refused. */
  readonly group: (item: T) => string;
  /** Things of different kinds as one, `kinds` of them at least. */
  readonly mix: (earlier: T | undefined, later: T, kinds: number) => T;
}

/** Any number of things as a bounded number of sums, exact. */
export interface Sums<T> {
  readonly add: (item: T) => void;
  /** The sums since the last call, and begins anew. */
  readonly take: () => readonly T[];
  readonly isEmpty: () => boolean;
}

/** Sums by kind; what is of one kind too many is in the last of them, see {@link createMixture}. */
export function createSums<T>(rules: SumRules<T>, kinds: number): Sums<T> {
  const { key, merge } = rules;
  const mixture = createMixture(rules);
  let sums = new Map<string, T>();
  return {
    add: (item) => {
      const name = key(item);
      const known = sums.get(name);
      if (known === undefined && sums.size >= kinds) mixture.add(item);
      else sums.set(name, known === undefined ? item : merge(known, item));
    },
    take: () => {
      const all = [...sums.values(), ...mixture.take()];
      sums = new Map();
      return all;
    },
    isEmpty: () => sums.size === 0 && mixture.isEmpty(),
  };
}

/** Things of any kinds, one sum for each of {@link MixedGroups} groups and one for the rest. */
export function createMixture<T>({ key, group, mix }: SumRules<T>): Sums<T> {
  let mixed = new Map<string, { sum: T; kinds: number }>();
  let names = new Set<string>();

  function add(item: T): void {
    const name = key(item);
    const isNews = names.size < MaxMixedKinds && !names.has(name);
    if (isNews) names.add(name);
    const own = JSON.stringify(group(item));
    const place = mixed.has(own) || mixed.size < MixedGroups ? own : Rest;
    const known = mixed.get(place);
    const kinds = (known?.kinds ?? 0) + (isNews ? 1 : 0);
    mixed.set(place, { sum: mix(known?.sum, item, Math.max(1, kinds)), kinds });
  }

  return {
    add,
    take: () => {
      const all = [...mixed.values()].map(({ sum }) => sum);
      mixed = new Map();
      names = new Set();
      return all;
    },
    isEmpty: () => mixed.size === 0,
  };
}

/** Groups that are told apart in a mixture. */
export const MixedGroups = 8;

/** Of the groups that are too many; no group is written like this. */
const Rest = 'rest';

/** The number of mixed kinds is counted up to here; what is of them is counted without end. */
const MaxMixedKinds = 10_000;
