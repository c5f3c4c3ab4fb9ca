import type { WritableTable } from '../message/access.ts';
import type { DataTable } from '../message/function-code.ts';
import type { ValueForm } from '../permission/value-form.ts';
import { addToMinute, createMinuteWindow, type MinuteWindow } from './minute-window.ts';
import { addressKey, createWatchList, type WatchList } from './watch-list.ts';
import type { Watch } from './watch-plan.ts';

/** How often, and how far, watched addresses were written in the last minute. */
export interface WriteHistory {
  watch(watch: Watch, unit: number, now: number): void;
  /** Writes of one address; `undefined` where nobody counts them. */
  writesOf(unit: number, table: DataTable, address: number): MinuteWindow | undefined;
  /** Sum of the steps of the value that begins at an address; `undefined` where nobody adds them up. */
  driftOf(form: ValueForm, unit: number, table: DataTable, address: number): MinuteWindow | undefined;
  /** One more write of each address of a span. */
  count(unit: number, table: WritableTable, address: number, quantity: number, now: number): void;
  /** Whatever was done to a unit until `now`, nobody has counted all of it. */
  forget(unit: number, now: number): void;
  /** The measures by which steps are added up. */
  readonly terms: readonly DriftTerm[];
}

/** One measure of steps, with the sum for each value that begins at a watched address. */
export interface DriftTerm {
  readonly form: ValueForm;
  at(unit: number, table: DataTable, address: number): MinuteWindow | undefined;
  /** Where the first watched value begins that has a word in `[from, to]`, or -1. */
  firstWithin(unit: number, table: DataTable, from: number, to: number): number;
}

/** At most so many windows of each kind are kept for a server; more addresses count as unknown. */
export const MaxWindows = 65_536;

/** Watches nothing yet. */
export function createWriteHistory(): WriteHistory {
  const writes = createWindows();
  /** By the form's key and the remainder of the address. */
  const drifts = new Map<string, (ListedTerm | undefined)[]>();
  const terms: ListedTerm[] = [];

  function watch({ what, table, ranges }: Watch, unit: number, now: number): void {
    if (what === 'cell') return;
    if (what === 'writes') {
      writes.list.add(unit, table, ranges, now);
      return;
    }
    const { form, remainder } = what;
    const ofForm = drifts.get(form.key) ?? [];
    drifts.set(form.key, ofForm);
    let term = ofForm[remainder];
    if (term === undefined) {
      term = createTerm(form, remainder);
      ofForm[remainder] = term;
      terms.push(term);
    }
    term.list.add(unit, table, ranges, now);
  }

  return {
    watch,
    writesOf: writes.at,
    driftOf(form, unit, table, address) {
      return drifts.get(form.key)?.[address % form.width]?.at(unit, table, address);
    },
    count(unit, table, address, quantity, now) {
      const last = address + quantity - 1;
      let next = writes.list.next(unit, table, address, last);
      while (next >= 0) {
        const window = writes.at(unit, table, next);
        if (window !== undefined) addToMinute(window, now, 1);
        next = writes.list.next(unit, table, next + 1, last);
      }
    },
    forget(unit, now) {
      writes.forget(unit, now);
      for (const { forget } of terms) forget(unit, now);
    },
    terms,
  };
}

interface ListedTerm extends DriftTerm {
  readonly list: WatchList;
  forget(unit: number, now: number): void;
}

function createTerm(form: ValueForm, remainder: number): ListedTerm {
  const { list, at, forget } = createWindows();
  return {
    form,
    list,
    at,
    forget,
    firstWithin(unit, table, from, to) {
      const next = list.next(unit, table, Math.max(0, from - form.width + 1), to);
      if (next < 0) return -1;
      // What is watched begins and ends with whole values.
      const begins = next - ((next - remainder + form.width) % form.width);
      return begins + form.width > from ? begins : list.next(unit, table, begins + form.width, to);
    },
  };
}

interface Windows {
  readonly list: WatchList;
  at(unit: number, table: DataTable, address: number): MinuteWindow | undefined;
  forget(unit: number, now: number): void;
}

function createWindows(): Windows {
  const list = createWatchList();
  const windows = new Map<number, MinuteWindow>();
  const made: MinuteWindow[][] = Array.from({ length: 256 }, () => []);
  const forgotten = new Float64Array(256).fill(Number.NEGATIVE_INFINITY);
  return {
    list,
    at(unit, table, address) {
      const key = addressKey(unit, table, address);
      const known = windows.get(key);
      if (known !== undefined) return known;
      const since = list.since(unit, table, address);
      if (since === Number.POSITIVE_INFINITY || windows.size >= MaxWindows) return undefined;
      const created = createMinuteWindow(Math.max(since, forgotten[unit] ?? since));
      windows.set(key, created);
      made[unit]?.push(created);
      return created;
    },
    forget(unit, now) {
      forgotten[unit] = now;
      for (const window of made[unit] ?? []) window.since = now;
    },
  };
}
