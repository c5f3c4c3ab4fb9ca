/**
 * Who has gone and may come back: a connection that broke looks like a process that ended, and only a while later they
 * can be told apart.
 */
export interface Absences {
  /** Calls `lost` once it has stayed away too long. */
  readonly begin: (epoch: string, lost: () => void) => void;
  /** It is here again. @returns whether it was waited for */
  readonly end: (epoch: string) => boolean;
  readonly epochs: () => readonly string[];
  /** Nobody comes back any more: all count as lost now. */
  readonly close: () => void;
}

/** @param patience milliseconds */
export function createAbsences(patience: number): Absences {
  const away = new Map<string, { readonly timer: NodeJS.Timeout; readonly lost: () => void }>();

  function end(epoch: string): boolean {
    clearTimeout(away.get(epoch)?.timer);
    return away.delete(epoch);
  }

  return {
    begin: (epoch, lost) => {
      const timer = setTimeout(() => {
        away.delete(epoch);
        lost();
      }, patience);
      away.set(epoch, { timer, lost });
    },
    end,
    epochs: () => [...away.keys()],
    close: () => {
      for (const [epoch, { lost }] of away) {
        end(epoch);
        lost();
      }
    },
  };
}
