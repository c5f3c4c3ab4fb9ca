/**
 * Turns any number of like things into few records with exact counts. The first of a kind is told at once;
 * what follows within the interval becomes one more record at its end. Kinds beyond the bound share one
 * record, so that neither memory nor disk grows with what an attacker sends.
 */
export interface Fold<T> {
  /** What is to be recorded now, if anything. `now` is monotonic, milliseconds. */
  readonly add: (item: T, now: number) => readonly T[];
  /** What is to be recorded because its interval is over. Call at least once per interval. */
  readonly flush: (now: number) => readonly T[];
  /** Everything still held, for an orderly stop. */
  readonly end: () => readonly T[];
}

export interface FoldRules<T> {
  /** Things with the same key are of one kind. */
  readonly key: (item: T) => string;
  /** Two of one kind as one; the earlier first. */
  readonly merge: (earlier: T, later: T) => T;
  /** Things of different kinds as one, `kinds` of them at least. */
  readonly mix: (earlier: T | undefined, later: T, kinds: number) => T;
}

/** Milliseconds over which like things are counted together. */
export const FoldInterval = 60_000;

/** Kinds told apart within one interval. */
export const MaxKinds = 64;

/** Most records one fold gives in a day, whatever it is fed. */
export const FoldedRecordsPerDay = (24 * 60 * 60_000 * (2 * MaxKinds + 1)) / FoldInterval;

export function createFold<T>({ key, merge, mix }: FoldRules<T>): Fold<T> {
  /** Kinds seen in this interval or the one before, with what was not yet recorded of them. */
  let kinds = new Map<string, T | undefined>();
  let mixed: T | undefined;
  let mixedKinds = new Set<string>();
  let endsAt: number | undefined;

  function add(item: T, now: number): readonly T[] {
    const due = flush(now);
    endsAt ??= now + FoldInterval;
    const kind = key(item);
    if (kinds.has(kind)) {
      const held = kinds.get(kind);
      kinds.set(kind, held === undefined ? item : merge(held, item));
      return due;
    }
    if (kinds.size < MaxKinds) {
      kinds.set(kind, undefined);
      return [...due, item];
    }
    if (mixedKinds.size < MaxMixedKinds) mixedKinds.add(kind);
    mixed = mix(mixed, item, mixedKinds.size);
    return due;
  }

  function flush(now: number): readonly T[] {
    if (endsAt === undefined || now < endsAt) return [];
    const held = take();
    // A kind that goes on is not told anew: one record per interval, for as long as it lasts.
    kinds = new Map([...kinds].flatMap(([kind, item]) => (item === undefined ? [] : [[kind, undefined]])));
    endsAt = kinds.size === 0 ? undefined : now + FoldInterval;
    return held;
  }

  function take(): readonly T[] {
    const held = [...kinds.values()].filter((item) => item !== undefined);
    if (mixed !== undefined) held.push(mixed);
    mixed = undefined;
    mixedKinds = new Set();
    return held;
  }

  function end(): readonly T[] {
    const held = take();
    kinds = new Map();
    endsAt = undefined;
    return held;
  }

  return { add, flush, end };
}

/** The number of mixed kinds is counted up to here; their events are counted without end. */
const MaxMixedKinds = 10_000;
