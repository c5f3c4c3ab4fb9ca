import type { Cells } from './cell.ts';
import type { WriteHistory } from './write-history.ts';

/** What went to the units of a server unread, as an audit stage may let it, and so may have written anything there. */
export interface UnreadUnits {
  /** It is being sent: nothing is known of the unit, and nothing of what was written to it before `now`. */
  beginUnread(unit: number, now: number): void;
  /** It was answered, or nothing more will be heard of it and the server may carry it out until `openUntil`. */
  endUnread(unit: number, openUntil: number): void;
}

/** What the device state asks. */
export interface Unread {
  /** False as long as nothing went unread: then nothing else needs to be asked. */
  any: boolean;
  begin(unit: number, now: number): void;
  /** `moment` is that of its end. */
  end(unit: number, openUntil: number, moment: number): void;
  /** Whether what was sent to a unit at `sentAt` and `moment` can tell what is there after all that went unread. */
  isPast(unit: number, sentAt: number, moment: number): boolean;
}

/** None yet. What goes to `everyUnit` reaches all; -1 where there is no such unit. */
export function createUnread(everyUnit: number, cells: Cells, history: WriteHistory): Unread {
  const underWay = new Uint32Array(256);
  const endedAt = new Float64Array(256);
  const openUntil = new Float64Array(256).fill(Number.NEGATIVE_INFINITY);

  function forget(unit: number, now: number): void {
    cells.forget(unit, now);
    history.forget(unit, now);
  }

  function isPastAt(unit: number, sentAt: number, moment: number): boolean {
    return underWay[unit] === 0 && moment > (endedAt[unit] ?? 0) && !(sentAt < (openUntil[unit] ?? sentAt));
  }

  const unread: Unread = {
    any: false,
    begin(unit, now) {
      unread.any = true;
      underWay[unit] = (underWay[unit] ?? 0) + 1;
      if (unit === everyUnit) for (let each = 0; each < 256; each++) forget(each, now);
      else {
        forget(unit, now);
        if (everyUnit >= 0) forget(everyUnit, now);
      }
    },
    end(unit, until, moment) {
      underWay[unit] = (underWay[unit] ?? 1) - 1;
      endedAt[unit] = moment;
      openUntil[unit] = Math.max(openUntil[unit] ?? until, until);
    },
    isPast: (unit, sentAt, moment) =>
      isPastAt(unit, sentAt, moment) && (everyUnit < 0 || isPastAt(everyUnit, sentAt, moment)),
  };
  return unread;
}
