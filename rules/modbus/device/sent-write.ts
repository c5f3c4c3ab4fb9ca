import type { WritableTable } from '../message/access.ts';
import type { Cell } from './cell.ts';

/**
 * One write that was sent and whose end is not known: the device state's own notes, in a record that the
 * transaction owns and uses again. All of a server's are chained, newest first.
 */
export interface SentWrite {
  isUnderWay: boolean;
  /** Whether what it reaches has been noted once; a profile watched later may add to that. */
  isNoted: boolean;
  /** When it was sent. */
  at: number;
  /** As the device state counts units. */
  unit: number;
  table: WritableTable;
  address: number;
  quantity: number;
  /** The moment it began to be noted: what it touches was touched later. */
  moment: number;
  /** What it touches of what is kept, and the word it leaves there, -1 for any; the first `count` of each. */
  readonly cells: Cell[];
  readonly words: number[];
  count: number;
  /** So many of them are of its own unit and table, and ascend. */
  own: number;
  older: SentWrite | undefined;
  newer: SentWrite | undefined;
}

/** To be filled by `beginWrite` of a device state, again and again. */
export function createSentWrite(): SentWrite {
  return {
    isUnderWay: false,
    isNoted: false,
    at: Number.NEGATIVE_INFINITY,
    unit: 0,
    table: 'coils',
    address: 0,
    quantity: 0,
    moment: 0,
    cells: [],
    words: [],
    count: 0,
    own: 0,
    older: undefined,
    newer: undefined,
  };
}

/** The writes of one server that are under way. */
export interface SentWrites {
  newest: SentWrite | undefined;
}

export function chain(writes: SentWrites, sent: SentWrite): void {
  sent.older = writes.newest;
  sent.newer = undefined;
  if (writes.newest !== undefined) writes.newest.newer = sent;
  writes.newest = sent;
}

export function unchain(writes: SentWrites, sent: SentWrite): void {
  if (sent.newer === undefined) writes.newest = sent.older;
  else sent.newer.older = sent.older;
  if (sent.older !== undefined) sent.older.newer = sent.newer;
  sent.older = sent.newer = undefined;
}

/** Where a write has a cell among those it touches, or -1; `index` is how far it is into the write's own span. */
export function placeOf(sent: SentWrite, cell: Cell, index: number): number {
  // What is kept of its own span ascends without a repetition, so it is there or in front of it.
  for (let place = Math.min(index, sent.own - 1); place >= 0; place--) {
    if (sent.cells[place] === cell) return place;
  }
  for (let place = sent.own; place < sent.count; place++) {
    if (sent.cells[place] === cell) return place;
  }
  return -1;
}
