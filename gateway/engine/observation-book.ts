import type { UseCount } from '../../rules/observation.ts';

/** How often each of some ids was used since it is in force. Times are the observer's. */
export interface UseBook {
  /**
   * These are in force from now on, by id with a digest of what they permit. One that permits something else
   * than before starts anew; one that comes back within the hour, as after a rollback, counts on.
   */
  readonly follow: (keys: ReadonlyMap<string, string>, now: number) => void;
  /** It was used so often, by now; nothing where it is not in force with this digest. */
  readonly add: (id: string, digest: string | undefined, hits: number, now: number) => void;
  readonly digestOf: (id: string) => string | undefined;
  /** When it came into force as it is; undefined for what is not. */
  readonly sinceOf: (id: string) => number | undefined;
  /** Those in force, in the order of the policy. */
  readonly inForce: () => readonly UseCount[];
  /** Those that went within the hour as well. */
  readonly kept: () => readonly KeptUse[];
}

/** A use as the file keeps it. */
export interface KeptUse extends UseCount {
  readonly digest: string;
  /** When it went out of force; 0 while it is in force. */
  readonly goneAt: number;
}

export function createUseBook(kept: readonly KeptUse[]): UseBook {
  let entries = new Map(kept.filter(({ goneAt }) => goneAt === 0).map((use) => [use.id, { ...use }]));
  let gone = kept.filter(({ goneAt }) => goneAt > 0);

  return {
    follow: (keys, now) => {
      const former = entries;
      const left = [...former.values()].filter(({ id, digest }) => keys.get(id) !== digest);
      const returned = gone.filter(
        ({ id, digest, goneAt }) => now - goneAt <= Returns && keys.get(id) === digest,
      );
      const back = new Map(returned.map((use) => [use.id, use]));
      entries = new Map(
        [...keys].map(([id, digest]) => {
          const known = former.get(id);
          if (known?.digest === digest) return [id, known];
          return [id, { ...(back.get(id) ?? { id, digest, since: now, hits: 0, last: 0 }), goneAt: 0 }];
        }),
      );
      gone = [
        ...gone.filter((use) => now - use.goneAt <= Returns && back.get(use.id) !== use),
        ...left.map((use) => ({ ...use, goneAt: now })),
      ].slice(-MostGone);
    },
    add: (id, digest, hits, now) => {
      const entry = entries.get(id);
      if (entry === undefined || entry.digest !== digest || hits <= 0) return;
      entry.hits += hits;
      entry.last = now;
    },
    digestOf: (id) => entries.get(id)?.digest,
    sinceOf: (id) => entries.get(id)?.since,
    inForce: () => [...entries.values()].map(({ id, since, hits, last }) => ({ id, since, hits, last })),
    kept: () => [...entries.values(), ...gone],
  };
}

/** What went for less than this is taken for a change that was taken back. Milliseconds. */
const Returns = 3_600_000;
const MostGone = 20_000;
