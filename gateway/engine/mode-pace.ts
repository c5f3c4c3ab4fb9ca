/** Milliseconds from one step of recovery to the next, or each by a person's word. */
export type Pace = number | 'confirm';

/** When the next step of a recovery is taken. */
export interface Pacer {
  /** The next step comes by itself after this time, or waits for a person. */
  readonly wait: (pace: Pace) => void;
  /** Nothing comes by itself any more; `why` is empty when that is as it should be. */
  readonly rest: (why: string) => void;
  /** Wall clock of the next step; undefined when none comes by itself. */
  readonly nextAt: () => number | undefined;
  /** Why it does not go on by itself as it was told to, or empty. */
  readonly held: () => string;
}

/** @param onDue takes the step; where it rejects, the recovery is held for a person */
export function createPacer(onDue: () => Promise<void>, wall: () => number): Pacer {
  let timer: NodeJS.Timeout | undefined;
  let nextAt: number | undefined;
  let held = '';

  function rest(why: string): void {
    clearTimeout(timer);
    nextAt = undefined;
    held = why;
  }

  function wait(pace: Pace): void {
    rest('');
    if (pace === 'confirm') return;
    nextAt = wall() + pace;
    timer = setTimeout(() => {
      void onDue().catch((cause) => rest(cause instanceof Error ? cause.message : String(cause)));
    }, pace);
  }

  return { wait, rest, nextAt: () => nextAt, held: () => held };
}
