/** How many connections may come in: from one source, and in all (62443-3-3 SR 7.1, SR 7.2). */
export interface SourceBounds {
  /** A place for one connection, or none left. */
  readonly admit: (source: string) => { readonly known: () => void; readonly leave: () => void } | undefined;
}

export interface Bounds {
  /** Connections whose owner is not known yet. */
  readonly strangersPerSource: number;
  readonly strangers: number;
  readonly perSource: number;
  readonly inAll: number;
}

/** Strangers are few, so that a flood costs little; who is known may hold many, for a tool that opens one per request. */
export const CarrierBounds: Bounds = {
  strangersPerSource: 16,
  strangers: 64,
  perSource: 1_024,
  inAll: 2_048,
};

/** Both calls of a place may come in any order and more than once; each counts once. */
export function createSourceBounds(bounds: Bounds = CarrierBounds): SourceBounds {
  const here = tally();
  const strange = tally();

  function admit(source: string): ReturnType<SourceBounds['admit']> {
    if (here.total() >= bounds.inAll || here.of(source) >= bounds.perSource) return undefined;
    if (strange.total() >= bounds.strangers || strange.of(source) >= bounds.strangersPerSource)
      return undefined;
    const known = strange.add(source);
    const gone = here.add(source);
    return {
      known,
      leave: () => {
        known();
        gone();
      },
    };
  }

  return { admit };
}

interface Tally {
  /** Counts one more; the answer takes it back, once. */
  readonly add: (source: string) => () => void;
  readonly of: (source: string) => number;
  readonly total: () => number;
}

function tally(): Tally {
  const counts = new Map<string, number>();
  let total = 0;
  const of = (source: string): number => counts.get(source) ?? 0;
  const change = (source: string, by: 1 | -1): void => {
    total += by;
    const count = of(source) + by;
    if (count === 0) counts.delete(source);
    else counts.set(source, count);
  };
  return {
    of,
    total: () => total,
    add: (source) => {
      change(source, 1);
      let counted = true;
      return () => {
        if (counted) change(source, -1);
        counted = false;
      };
    },
  };
}
