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

/**
 * Time in which the engine was kept from running does not count: nobody could come then.
 * @param patience milliseconds
 */
export function createAbsences(patience: number): Absences {
  const away = new Map<string, Absence>();

  function wait(epoch: string, absence: Absence, looks: number): void {
    absence.timer = setTimeout(() => {
      if (looks > 1) return wait(epoch, absence, looks - 1);
      afterSockets(() => {
        if (away.get(epoch) !== absence) return;
        away.delete(epoch);
        absence.lost();
      });
    }, LookInterval);
  }

  function end(epoch: string): boolean {
    clearTimeout(away.get(epoch)?.timer);
    return away.delete(epoch);
  }

  return {
    begin: (epoch, lost) => {
      const absence = { lost, timer: undefined };
      away.set(epoch, absence);
      wait(epoch, absence, Math.ceil(patience / LookInterval));
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

interface Absence {
  readonly lost: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** Timers run before sockets are read: one turn accepts whoever waits at the door, the next reads what it said. */
function afterSockets(act: () => void): void {
  setImmediate(() => setImmediate(act));
}

/** Milliseconds. However long the engine was kept from running, one look is what it counts for. */
const LookInterval = 100;
