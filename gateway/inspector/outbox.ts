import { MaxBatch } from '../ipc/messages.ts';
import type {
  ClosedConnection,
  ConnectionSum,
  OpenConnection,
  RefusalReport,
  ToldTotals,
} from '../ipc/reports.ts';
import { createToldBook, type RecordMessage } from '../ipc/told-book.ts';
import { createSums } from '../sums.ts';
import { ConnectionSumRules, sumOf } from './connection-sums.ts';

/**
 * Tells the engine of connections in batches, and keeps what it cannot take for when it can. Memory is bounded: what
 * is too much to keep one by one is counted together. What an engine was sent and had not read when it was killed is in
 * the counters, and not on record.
 */
export interface Outbox {
  readonly opened: (connection: OpenConnection) => void;
  readonly closed: (connection: ClosedConnection) => void;
  /** The engine has come and knows of no connection: these are open. */
  readonly begin: (open: Iterable<OpenConnection>) => void;
  /** Tells them now. @returns those that were not taken */
  readonly refusals: (reports: readonly RefusalReport[]) => readonly RefusalReport[];
  /** Tells what waits now, oldest first, until the engine takes no more. */
  readonly flush: () => void;
  /** Records that are kept one by one. */
  readonly waiting: () => number;
  /** What was taken since the start. */
  readonly told: () => ToldTotals;
}

/** Milliseconds in which connections are gathered: at thousands a second a message for each would be most of the work. */
export const GatherTime = 20;

/** Ended connections that are kept one by one while nobody takes them. */
export const MaxKept = 2_000;

/** Kinds of sums, see gateway/sums.ts. */
export const SumKinds = 256;

export function createOutbox(take: (record: RecordMessage) => boolean, maxKept: number = MaxKept): Outbox {
  const book = createToldBook();
  /** Open, and not told yet. */
  const news = new Map<string, OpenConnection>();
  const sums = createSums(ConnectionSumRules, SumKinds);
  let ended: ClosedConnection[] = [];
  /** Taken from the sums and not taken by the engine yet. */
  let untold: readonly ConnectionSum[] = [];
  /** Until it is over, what comes is gathered. */
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;

  function send(message: RecordMessage): boolean {
    if (!take(message)) return false;
    book.take(message);
    return true;
  }

  /** The first goes at once, with its names: of one that was not told, a process that is killed leaves only counts. */
  function soon(): void {
    isAsked = true;
    if (timer === undefined) flush();
  }

  function flush(): void {
    isAsked = false;
    clearTimeout(timer);
    timer = setTimeout(rested, GatherTime);
    while (!isEmpty()) if (!tellSome()) return;
  }

  function rested(): void {
    timer = undefined;
    if (isAsked) flush();
  }

  function isEmpty(): boolean {
    return news.size === 0 && ended.length === 0 && untold.length === 0 && sums.isEmpty();
  }

  function tellSome(): boolean {
    const opened = [...news.values().take(MaxBatch)];
    const closed = ended.slice(0, MaxBatch);
    // What ended later comes later.
    const isLast = closed.length === ended.length;
    if (isLast && untold.length === 0) untold = sums.take();
    if (!send({ kind: 'connections', opened, closed, sums: isLast ? [...untold] : [] })) return false;
    for (const { id } of opened) news.delete(id);
    ended = ended.slice(closed.length);
    if (isLast) untold = [];
    return true;
  }

  return {
    opened: (connection) => {
      news.set(connection.id, connection);
      soon();
    },
    closed: (connection) => {
      // One that was told is known by its name over there, and there are no more of them than places.
      const isNews = news.delete(connection.id);
      if (isNews && ended.length >= maxKept) sums.add(sumOf(connection));
      else ended.push(connection);
      soon();
    },
    begin: (open) => {
      news.clear();
      for (const connection of open) news.set(connection.id, connection);
      flush();
    },
    refusals: (reports) => {
      for (let told = 0; told < reports.length; told += MaxBatch) {
        if (!send({ kind: 'refusals', refusals: reports.slice(told, told + MaxBatch) }))
          return reports.slice(told);
      }
      return [];
    },
    flush,
    waiting: () => ended.length,
    told: book.totals,
  };
}
