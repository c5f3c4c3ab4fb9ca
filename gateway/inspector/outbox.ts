import { MaxBatch } from '../ipc/bounds.ts';
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
import { createRecordBudget, type RecordBudget } from './record-budget.ts';

/**
 * Tells the engine of connections in batches, and keeps what it cannot take for when it can. Memory is bounded: what
 * is too much to keep one by one is counted together, and so is what ends faster than it is put on record one by one
 * (record-budget.ts). What an engine was sent and had not read when it was killed is in the counters, and not on record.
 */
export interface Outbox {
  readonly opened: (connection: OpenConnection) => void;
  /** @param wasOpened whether `opened` was called for it */
  readonly closed: (connection: ClosedConnection, wasOpened?: boolean) => void;
  /** The engine has come and knows of no connection: these are open. */
  readonly begin: (open: Iterable<OpenConnection>) => void;
  /** Tells them now. @returns those that were not taken */
  readonly refusals: (reports: readonly RefusalReport[]) => readonly RefusalReport[];
  /** Tells what waits now, oldest first and sums at last, until the engine takes no more. Called once a second. */
  readonly flush: () => void;
  /** Records that are kept one by one. */
  readonly waiting: () => number;
  /** What was taken since the start. */
  readonly told: () => ToldTotals;
}

/** Milliseconds in which connections are gathered: at thousands a second a message for each would be most of the work. */
export const GatherTime = 20;

/** The same while there are more than are told one by one: of most then only the number has to be told. */
export const FloodGatherTime = 200;

/** Ended connections that are kept one by one while nobody takes them. */
export const MaxKept = 2_000;

/** Kinds of sums, see gateway/sums.ts. */
export const SumKinds = 256;

export function createOutbox(
  take: (record: RecordMessage) => boolean,
  maxKept: number = MaxKept,
  budget: RecordBudget = createRecordBudget(),
): Outbox {
  const book = createToldBook();
  /** Open, and not told yet. */
  let news = new Map<string, OpenConnection>();
  const sums = createSums(ConnectionSumRules, SumKinds);
  let ended: ClosedConnection[] = [];
  /**
   * Ids of those in the sums that this engine was told are open. While it takes nothing it is told of none, so that
   * there are no more of them than places and one message's worth.
   */
  let summed: string[] = [];
  /** Taken from the sums and not taken by the engine yet. */
  let untold: readonly ConnectionSum[] = [];
  /** Until it is over, what comes is gathered. */
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;
  /** Something was summed since the last message. */
  let isFlood = false;

  function send(message: RecordMessage): boolean {
    if (!take(message)) return false;
    book.take(message);
    return true;
  }

  /** The first goes at once, with its names: of one that was not told, a process that is killed leaves only counts. */
  function soon(): void {
    isAsked = true;
    if (timer === undefined) tell(false);
  }

  function tell(withSums: boolean): void {
    isAsked = false;
    clearTimeout(timer);
    timer = setTimeout(rested, isFlood ? FloodGatherTime : GatherTime);
    isFlood = false;
    while (!isEmpty(withSums)) if (!tellSome(withSums)) return;
    // Of one that is used on, all that was ever in it stays in memory for long, as of a `Set` (roll.ts).
    news = new Map();
  }

  function rested(): void {
    timer = undefined;
    if (isAsked) tell(false);
  }

  function isEmpty(withSums: boolean): boolean {
    const hasSums = untold.length > 0 || !sums.isEmpty();
    return news.size === 0 && ended.length === 0 && summed.length === 0 && !(withSums && hasSums);
  }

  function tellSome(withSums: boolean): boolean {
    const opened = [...news.values().take(MaxBatch)];
    const closed = ended.slice(0, MaxBatch);
    const gone = summed.slice(0, MaxBatch);
    // What ended later comes later, and sums after the ids of what is in them: whatever of these messages is not read
    // in the end, nothing is on record twice.
    const isLast = withSums && closed.length === ended.length && gone.length === summed.length;
    if (isLast && untold.length === 0) untold = sums.take();
    const told = isLast ? [...untold] : [];
    if (!send({ kind: 'connections', opened, closed, summed: gone, sums: told })) return false;
    for (const { id } of opened) news.delete(id);
    ended = ended.slice(closed.length);
    summed = summed.slice(gone.length);
    if (isLast) untold = [];
    return true;
  }

  return {
    opened: (connection) => {
      news.set(connection.id, connection);
      soon();
    },
    closed: (connection, wasOpened = true) => {
      const wasTold = wasOpened && !news.delete(connection.id);
      const sum = sumOf(connection);
      if (ended.length < maxKept && budget.take(ConnectionSumRules.key(sum))) {
        ended.push(connection);
        return soon();
      }
      sums.add(sum);
      isFlood = true;
      if (wasTold) {
        summed.push(connection.id);
        soon();
      }
    },
    begin: (open) => {
      news.clear();
      // It forgets what it was told before, also if it is the same engine.
      summed = [];
      for (const connection of open) news.set(connection.id, connection);
      tell(true);
    },
    refusals: (reports) => {
      for (let told = 0; told < reports.length; told += MaxBatch) {
        if (!send({ kind: 'refusals', refusals: reports.slice(told, told + MaxBatch) }))
          return reports.slice(told);
      }
      return [];
    },
    flush: () => {
      budget.refill();
      tell(true);
    },
    waiting: () => ended.length,
    told: book.totals,
  };
}
