import { createMixture, MixedGroups, type SumRules } from '../sums.ts';

/**
 * Turns any number of like things into few records with exact counts. The first of a kind is told at once;
 * what follows is counted and told again after a second, then two, four, and at last once per interval. So
 * a sudden stop costs the count of a flood at most as long as the flood has lasted, and never more than an
 * interval. Kinds beyond the bound share a few records: neither memory nor disk grows with what is sent.
 */
export interface Fold<T> {
  /** What is to be recorded now, if anything. `now` is monotonic, milliseconds. */
  readonly add: (item: T, now: number) => readonly T[];
  /** What is due meanwhile; call it every {@link FirstDelay} while something is held. */
  readonly flush: (now: number) => readonly T[];
  /** Whether something is counted that is not yet recorded. */
  readonly holds: () => boolean;
  /** Everything still held, for an orderly stop. */
  readonly end: () => readonly T[];
}

/** Milliseconds over which like things are counted together at the most. */
export const FoldInterval = 60_000;

/** Milliseconds until the second of a kind is told. */
export const FirstDelay = 1_000;

/** Kinds told apart within one interval, and records written before its end. */
export const MaxKinds = 64;

/** Most records one fold gives in a day, whatever it is fed. */
export const FoldedRecordsPerDay = (24 * 60 * 60_000 * (2 * MaxKinds + MixedGroups + 1)) / FoldInterval;

export function createFold<T>(rules: SumRules<T>): Fold<T> {
  const { key, merge } = rules;
  const mixture = createMixture(rules);
  let kinds = new Map<string, Kind<T>>();
  let written = 0;
  let endsAt = Number.NEGATIVE_INFINITY;

  function add(item: T, now: number): readonly T[] {
    const due = flush(now);
    if (now >= endsAt) begin(now);
    const name = key(item);
    const kind = kinds.get(name);
    if (kind !== undefined) {
      if (kind.held === undefined) kind.dueAt = now + kind.delay;
      kind.held = kind.held === undefined ? item : merge(kind.held, item);
      kind.repeated = true;
      return due;
    }
    if (written < MaxKinds) {
      kinds.set(name, { held: undefined, dueAt: 0, delay: FirstDelay, repeated: false });
      written += 1;
      return [...due, item];
    }
    mixture.add(item);
    return due;
  }

  function flush(now: number): readonly T[] {
    if (now >= endsAt) return end();
    const due: T[] = [];
    for (const kind of kinds.values()) {
      if (kind.held === undefined || kind.dueAt > now || written >= MaxKinds) continue;
      due.push(kind.held);
      kind.held = undefined;
      kind.delay = Math.min(2 * kind.delay, FoldInterval);
      written += 1;
    }
    return due;
  }

  /** A kind that went on through the last interval is told at the end of this one; one that rested is new. */
  function begin(now: number): void {
    kinds = new Map([...kinds].filter(([, kind]) => kind.repeated));
    for (const kind of kinds.values()) {
      kind.repeated = false;
      kind.delay = FoldInterval;
    }
    written = 0;
    endsAt = now + FoldInterval;
  }

  function end(): readonly T[] {
    const held = [...kinds.values()].map((kind) => kind.held).filter((item) => item !== undefined);
    for (const kind of kinds.values()) kind.held = undefined;
    return [...held, ...mixture.take()];
  }

  return {
    add,
    flush,
    holds: () => !mixture.isEmpty() || [...kinds.values()].some((kind) => kind.held !== undefined),
    end,
  };
}

interface Kind<T> {
  /** Counted and not yet recorded. */
  held: T | undefined;
  dueAt: number;
  delay: number;
  /** More than one came in this interval. */
  repeated: boolean;
}
