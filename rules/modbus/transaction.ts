import { writes } from './access.ts';
import { BroadcastUnit, type SentWrite } from './device-state.ts';
import type { Request } from './request.ts';

/** One request that went to the server and what is needed to judge its answer. */
export interface Transaction {
  /** Ours, 0 to 65535: unique among all that the server may still answer. */
  readonly upstreamId: number;
  /** The client's, which it may use again while this one is open. */
  readonly clientId: number;
  readonly request: Request;
  /** Rises with every request sent on the connection. */
  readonly sequence: number;
  readonly sentAt: number;
  /** The device state's moment of sending. */
  readonly moment: number;
  readonly write: SentWrite | undefined;
}

/**
 * The requests of one connection that the server may still answer, in three kinds: those the client waits
 * for; broadcast writes, which a serial gateway never answers and a device on TCP may; and late ones, that
 * timed out. A late one keeps its identifier so that its answer is known for what it is, and never handed
 * to the client as the answer to another request.
 */
export interface TransactionTable {
  /** Requests the client waits for. */
  readonly outstanding: number;
  /** Sequence of the last request sent. */
  readonly lastSequence: number;
  /** Sequence of the oldest request the client waits for; `Infinity` for none. */
  readonly oldestSequence: number;
  /** Whether one more may be opened under this limit, 1 to 512. */
  hasRoom(request: Request, limit: number): boolean;
  /** Opens one; only after {@link hasRoom}. */
  open(
    clientId: number,
    request: Request,
    now: number,
    moment: number,
    write: SentWrite | undefined,
  ): Transaction;
  /** Takes out the one a response names; `undefined` when the server answers nothing we asked. */
  take(upstreamId: number): { readonly transaction: Transaction; readonly late: boolean } | undefined;
  /** Makes late what waited as long as `timeout` or longer; returns those the client waited for. */
  expire(now: number, timeout: number): readonly Transaction[];
  /** Takes out what has been late so long that no answer is expected any more. */
  lapse(now: number, timeout: number): readonly Transaction[];
  /** When {@link expire} or {@link lapse} next has something to do; `Infinity` for never. */
  nextDeadline(timeout: number): number;
  /** Takes out everything. */
  drain(): readonly Transaction[];
}

/** A late transaction is remembered for so many request time-outs after it was sent. */
export const LateTimeouts = 10;

/** A table for one connection to a server. */
export function createTransactionTable(): TransactionTable {
  const awaited = new Map<number, Transaction>();
  const broadcasts = new Map<number, Transaction>();
  const late = new Map<number, Transaction>();
  let lastSequence = 0;
  let lastId = 0;

  function freeId(): number {
    do lastId = (lastId + 1) & 0xffff;
    while (awaited.has(lastId) || broadcasts.has(lastId) || late.has(lastId));
    return lastId;
  }

  function take(upstreamId: number): { transaction: Transaction; late: boolean } | undefined {
    for (const kind of [awaited, broadcasts, late]) {
      const transaction = kind.get(upstreamId);
      if (transaction === undefined) continue;
      kind.delete(upstreamId);
      return { transaction, late: kind === late };
    }
    return undefined;
  }

  /** Maps keep the order of sending, so the due ones are in front. */
  function takeDue(kind: Map<number, Transaction>, sentBy: number): Transaction[] {
    const due: Transaction[] = [];
    for (const transaction of kind.values()) {
      if (transaction.sentAt > sentBy) break;
      kind.delete(transaction.upstreamId);
      due.push(transaction);
    }
    return due;
  }

  function expire(now: number, timeout: number): readonly Transaction[] {
    const expired = takeDue(awaited, now - timeout);
    for (const transaction of expired) late.set(transaction.upstreamId, transaction);
    for (const transaction of takeDue(broadcasts, now - timeout))
      late.set(transaction.upstreamId, transaction);
    return expired;
  }

  return {
    get outstanding() {
      return awaited.size;
    },
    get lastSequence() {
      return lastSequence;
    },
    get oldestSequence() {
      return oldest(awaited)?.sequence ?? Number.POSITIVE_INFINITY;
    },
    hasRoom(request, limit) {
      return (isBroadcast(request) ? broadcasts : awaited).size < limit;
    },
    open(clientId, request, now, moment, write) {
      const upstreamId = freeId();
      const sequence = ++lastSequence;
      const transaction = { upstreamId, clientId, request, sequence, sentAt: now, moment, write };
      (isBroadcast(request) ? broadcasts : awaited).set(upstreamId, transaction);
      return transaction;
    },
    take,
    expire,
    lapse: (now, timeout) => takeDue(late, now - LateTimeouts * timeout),
    nextDeadline(timeout) {
      return Math.min(
        (oldest(awaited)?.sentAt ?? Number.POSITIVE_INFINITY) + timeout,
        (oldest(broadcasts)?.sentAt ?? Number.POSITIVE_INFINITY) + timeout,
        (oldest(late)?.sentAt ?? Number.POSITIVE_INFINITY) + LateTimeouts * timeout,
      );
    },
    drain() {
      const all = [...awaited.values(), ...broadcasts.values(), ...late.values()];
      for (const kind of [awaited, broadcasts, late]) kind.clear();
      return all;
    },
  };
}

function isBroadcast(request: Request): boolean {
  return request.unit === BroadcastUnit && writes(request);
}

function oldest(kind: Map<number, Transaction>): Transaction | undefined {
  for (const transaction of kind.values()) return transaction;
  return undefined;
}
