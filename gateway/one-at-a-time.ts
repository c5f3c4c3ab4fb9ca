/** Runs acts one after the other, in the order they were asked for, whatever becomes of each. */
export type OneAtATime = <T>(act: () => Promise<T>) => Promise<T>;

/** An empty line. Whoever is in it must not wait for another act of the same line. */
export function createLine(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
}
