import type { DataTable } from '../message/function-code.ts';
import { addressKey, createWatchList, type WatchList } from './watch-list.ts';

/** What is known of one coil, input or register. Times are of sending, in milliseconds. */
export interface Cell {
  /** Last read, or written and confirmed; -1 in any doubt. */
  value: number;
  /** When what gave the value was sent, and the moment of that. */
  knownAt: number;
  knownMoment: number;
  /** When the read that gave the value was sent; −Infinity where it was a write. */
  readAt: number;
  /** The word last sent to it, or read; -1 where there is none. */
  sent: number;
  /** When a write was last sent, whatever became of it; −Infinity for never. */
  writtenAt: number;
  /** When something that may have been a write was last sent unread; −Infinity for never. */
  unreadAt: number;
  /** Until then a write of which nothing more will be heard may still be carried out; −Infinity for none. */
  openUntil: number;
  /** Every write since then has been seen. */
  since: number;
  /** Moment a write was last sent or answered. */
  touched: number;
  /** Writes under way, and whether two of them have overlapped. */
  writing: number;
  contended: boolean;
}

/** The cells of one server, made as they are first needed. */
export interface Cells {
  readonly watched: WatchList;
  /** `undefined` where nobody watches, or too much is watched. */
  at(unit: number, table: DataTable, address: number): Cell | undefined;
  /** Nobody saw what was done to a unit until `now`: no value is known, nor any write. */
  forget(unit: number, now: number): void;
}

/** So many addresses of one server are kept at most; the others count as unknown. */
export const MaxCells = 65_536;

/** Watches nothing yet. */
export function createCells(): Cells {
  const watched = createWatchList();
  const cells = new Map<number, Cell>();
  /** By unit, so that nobody else's are gone through. */
  const made: Cell[][] = Array.from({ length: 256 }, () => []);
  const forgotten = new Float64Array(256).fill(Number.NEGATIVE_INFINITY);
  return {
    watched,
    at(unit, table, address) {
      const key = addressKey(unit, table, address);
      const known = cells.get(key);
      if (known !== undefined) return known;
      const since = watched.since(unit, table, address);
      if (since === Number.POSITIVE_INFINITY || cells.size >= MaxCells) return undefined;
      const created = createCell(Math.max(since, forgotten[unit] ?? since));
      cells.set(key, created);
      made[unit]?.push(created);
      return created;
    },
    forget(unit, now) {
      forgotten[unit] = now;
      for (const cell of made[unit] ?? []) {
        cell.value = -1;
        cell.readAt = Number.NEGATIVE_INFINITY;
        cell.since = cell.unreadAt = now;
      }
    },
  };
}

function createCell(since: number): Cell {
  return {
    value: -1,
    knownAt: Number.NEGATIVE_INFINITY,
    knownMoment: 0,
    readAt: Number.NEGATIVE_INFINITY,
    sent: -1,
    openUntil: Number.NEGATIVE_INFINITY,
    writtenAt: Number.NEGATIVE_INFINITY,
    unreadAt: Number.NEGATIVE_INFINITY,
    since,
    touched: 0,
    writing: 0,
    contended: false,
  };
}
