import type { Permission } from '../../verdict.ts';
import { createSentWrite, type SentWrite } from '../device/sent-write.ts';
import { createRequest, type Request } from '../message/request.ts';

/**
 * One request that went to the server and what is needed to judge its answer. The same few are used again
 * and again, so nobody may keep one beyond its end.
 */
export interface Transaction {
  /** Ours, 0 to 65535: unique among all that the server may still answer. */
  upstreamId: number;
  /** The client's, which it may use again while this one is open. */
  clientId: number;
  state: TransactionState;
  /** No answer is expected, so nobody waits for one: a broadcast, or Force Listen Only Mode. */
  quiet: boolean;
  /** Went on as it was, because it could not be parsed: only its answer's identifier can be checked. */
  opaque: boolean;
  /** Late answers were tolerated when it was sent; terms adopted since change nothing for it. */
  toleratesLate: boolean;
  /** The client has used the identifier for another request since. */
  reused: boolean;
  readonly request: Request;
  /** Holds the bytes that were sent; {@link Transaction.request} borrows its data from here. */
  adu: Uint8Array;
  /** Valid while `writing`. */
  readonly write: SentWrite;
  writing: boolean;
  /** Rises with every request sent on the connection. */
  sequence: number;
  /** `undefined` before its first use, so that the number is kept in the box it came in and never needs another. */
  sentAt: number | undefined;
  /** The device state's moment of sending. */
  moment: number;
  permission: Permission | undefined;
  /** Neighbours in the list of its state, and the next one under the same low bits of `upstreamId`. */
  before: Transaction | undefined;
  behind: Transaction | undefined;
  beside: Transaction | undefined;
}

/**
 * `awaited`: the client waits for it. `quiet`: nobody does. `late`: timed out; it keeps its identifier, so
 * that its answer is known for what it is and never handed to the client as the answer to another request.
 * `answered`: remembered for a while, so that a second answer is known as one.
 */
export type TransactionState = 'awaited' | 'quiet' | 'late' | 'answered';

/** The requests of one connection that the server may still answer. */
export interface TransactionTable {
  /** Requests the client waits for. */
  outstanding(): number;
  /** Requests nobody waits for, sent less than a request time-out ago. */
  quiet(): number;
  /** Sequence of the last request sent. */
  lastSequence(): number;
  /** Sequence of the oldest request the client waits for; `Infinity` for none. */
  oldestSequence(): number;
  /** Opens one whose ADU has so many bytes; the caller fills in `adu` and `request`. */
  open(clientId: number, quiet: boolean, aduBytes: number, now: number, moment: number): Transaction;
  /** The one a response names; `undefined` when the server answers nothing we asked. */
  find(upstreamId: number): Transaction | undefined;
  /** Whether a request went out under this identifier, which may be forgotten by now. */
  wasUsed(upstreamId: number): boolean;
  /** It has been answered. */
  finish(transaction: Transaction): void;
  /** Makes late, and returns, the next one that has waited as long as `timeout` or longer. */
  nextExpired(now: number, timeout: number): Transaction | undefined;
  /** Takes out the next one that has been late so long that no answer is expected any more. */
  nextLapsed(now: number, timeout: number): Transaction | undefined;
  /** Takes out the next one that the server has not answered. */
  nextOpen(): Transaction | undefined;
  /** The client uses an identifier again: what is late under it, now or soon, must not come back to it. */
  markReused(clientId: number): void;
  /** When {@link TransactionTable.nextExpired} or {@link TransactionTable.nextLapsed} next has something to do; `Infinity` for never. */
  nextDeadline(timeout: number): number;
}

/** A late transaction is remembered for so many request time-outs after it was sent. */
export const LateTimeouts = 10;

/** So many answered transactions are remembered. */
export const AnsweredKept = 2;

/** A table for one connection to a server. It allocates as many transactions as are ever open at once. */
export function createTransactionTable(): TransactionTable {
  return new Transactions();
}

/** Of a class, as `createFrameStream` (frame-stream.ts) is. */
class Transactions implements TransactionTable {
  readonly #awaited = emptyList();
  readonly #quiet = emptyList();
  readonly #late = emptyList();
  readonly #answered = emptyList();
  readonly #buckets = new Array<Transaction | undefined>(Buckets).fill(undefined);
  #unused: Transaction | undefined = undefined;
  #lastSequence = 0;
  #lastId = 0;

  outstanding(): number {
    return this.#awaited.size;
  }

  quiet(): number {
    return this.#quiet.size;
  }

  lastSequence(): number {
    return this.#lastSequence;
  }

  oldestSequence(): number {
    return this.#awaited.first?.sequence ?? Number.POSITIVE_INFINITY;
  }

  open(clientId: number, isQuiet: boolean, aduBytes: number, now: number, moment: number): Transaction {
    const transaction = this.#takeUnused();
    if (transaction.adu.length < aduBytes) transaction.adu = new Uint8Array(aduBytes);
    transaction.upstreamId = this.#freeId();
    transaction.clientId = clientId;
    transaction.state = isQuiet ? 'quiet' : 'awaited';
    transaction.quiet = isQuiet;
    transaction.opaque = false;
    transaction.toleratesLate = false;
    transaction.reused = false;
    transaction.writing = false;
    this.#lastSequence += 1;
    transaction.sequence = this.#lastSequence;
    transaction.sentAt = now;
    transaction.moment = moment;
    transaction.permission = undefined;
    append(isQuiet ? this.#quiet : this.#awaited, transaction);
    const bucket = transaction.upstreamId % Buckets;
    transaction.beside = this.#buckets[bucket];
    this.#buckets[bucket] = transaction;
    return transaction;
  }

  find(upstreamId: number): Transaction | undefined {
    let found = this.#buckets[upstreamId % Buckets];
    while (found !== undefined && found.upstreamId !== upstreamId) found = found.beside;
    return found;
  }

  wasUsed(upstreamId: number): boolean {
    // Given out in turn from 1 on, so after one time round all of them.
    return this.#lastSequence > 0xffff || (upstreamId > 0 && upstreamId <= this.#lastId);
  }

  finish(transaction: Transaction): void {
    this.#move(transaction, 'answered');
    const { size, first } = this.#answered;
    if (size > AnsweredKept && first !== undefined) this.#forget(first);
  }

  nextExpired(now: number, timeout: number): Transaction | undefined {
    const due = dueIn(this.#awaited, now - timeout) ?? dueIn(this.#quiet, now - timeout);
    if (due !== undefined) this.#move(due, 'late');
    return due;
  }

  nextLapsed(now: number, timeout: number): Transaction | undefined {
    const due = dueIn(this.#late, now - LateTimeouts * timeout);
    if (due !== undefined) this.#forget(due);
    return due;
  }

  nextOpen(): Transaction | undefined {
    const next = this.#awaited.first ?? this.#quiet.first ?? this.#late.first;
    if (next !== undefined) this.#forget(next);
    return next;
  }

  markReused(clientId: number): void {
    markIn(this.#awaited, clientId);
    markIn(this.#late, clientId);
  }

  nextDeadline(timeout: number): number {
    return Math.min(
      deadlineOf(this.#awaited, timeout),
      deadlineOf(this.#quiet, timeout),
      deadlineOf(this.#late, LateTimeouts * timeout),
    );
  }

  #takeUnused(): Transaction {
    const transaction = this.#unused;
    if (transaction === undefined) return emptyTransaction();
    this.#unused = transaction.behind;
    return transaction;
  }

  /** Goes all the way round before it comes back, so that an answer of long ago fits nothing. */
  #freeId(): number {
    do this.#lastId = (this.#lastId + 1) & 0xffff;
    while (this.find(this.#lastId) !== undefined);
    return this.#lastId;
  }

  #listOf(state: TransactionState): TransactionList {
    if (state === 'awaited') return this.#awaited;
    if (state === 'answered') return this.#answered;
    return state === 'quiet' ? this.#quiet : this.#late;
  }

  #move(transaction: Transaction, to: TransactionState): void {
    remove(this.#listOf(transaction.state), transaction);
    transaction.state = to;
    append(this.#listOf(to), transaction);
  }

  #forget(transaction: Transaction): void {
    remove(this.#listOf(transaction.state), transaction);
    const bucket = transaction.upstreamId % Buckets;
    let at = this.#buckets[bucket];
    if (at === transaction) this.#buckets[bucket] = transaction.beside;
    else {
      while (at !== undefined && at.beside !== transaction) at = at.beside;
      if (at !== undefined) at.beside = transaction.beside;
    }
    transaction.behind = this.#unused;
    this.#unused = transaction;
  }
}

/** In the order of sending, nearly: late ones follow in the order of their time-outs. */
interface TransactionList {
  first: Transaction | undefined;
  last: Transaction | undefined;
  size: number;
}

function emptyList(): TransactionList {
  return { first: undefined, last: undefined, size: 0 };
}

function append(list: TransactionList, transaction: Transaction): void {
  transaction.before = list.last;
  transaction.behind = undefined;
  if (list.last === undefined) list.first = transaction;
  else list.last.behind = transaction;
  list.last = transaction;
  list.size++;
}

function remove(list: TransactionList, transaction: Transaction): void {
  const { before, behind } = transaction;
  if (before === undefined) list.first = behind;
  else before.behind = behind;
  if (behind === undefined) list.last = before;
  else behind.before = before;
  list.size--;
}

function markIn({ first }: TransactionList, clientId: number): void {
  for (let each = first; each !== undefined; each = each.behind) {
    if (each.clientId === clientId) each.reused = true;
  }
}

function dueIn({ first }: TransactionList, sentBy: number): Transaction | undefined {
  return first?.sentAt !== undefined && first.sentAt <= sentBy ? first : undefined;
}

function deadlineOf({ first }: TransactionList, timeout: number): number {
  return first?.sentAt === undefined ? Number.POSITIVE_INFINITY : first.sentAt + timeout;
}

function emptyTransaction(): Transaction {
  return {
    upstreamId: 0,
    clientId: 0,
    state: 'awaited',
    quiet: false,
    opaque: false,
    toleratesLate: false,
    reused: false,
    request: createRequest(),
    adu: Empty,
    write: createSentWrite(),
    writing: false,
    sequence: 0,
    sentAt: undefined,
    moment: 0,
    permission: undefined,
    before: undefined,
    behind: undefined,
    beside: undefined,
  };
}

const Buckets = 16;
const Empty = new Uint8Array(0);
