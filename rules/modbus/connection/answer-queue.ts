import type { Reason } from '../../reason.ts';

/** An exception of our own that waits its turn. */
export interface OwnAnswer {
  readonly transactionId: number;
  readonly unit: number;
  readonly functionCode: number;
  /** 0 says nothing: only the connection ends. */
  readonly exceptionCode: number;
  /** Why the connection ends behind it, or `undefined`. */
  readonly closes: Reason | undefined;
}

/**
 * Exceptions of our own. Some clients take answers in the order of their requests and not by identifier,
 * so ours never overtakes the answer to a request that was sent on before it. It waits for those alone;
 * the server's answers are never held, in whatever order it gives them.
 */
export interface AnswerQueue {
  size(): number;
  /** Queues an answer behind the request of this sequence and all before it. */
  add(answer: OwnAnswer, after: number): void;
  /** Takes out the next answer with no request in front of it from `oldestSequence` on. */
  next(oldestSequence: number): OwnAnswer | undefined;
}

/** An empty queue, for one connection. */
export function createAnswerQueue(): AnswerQueue {
  const waiting: { readonly answer: OwnAnswer; readonly after: number }[] = [];
  return {
    size: () => waiting.length,
    add: (answer, after) => void waiting.push({ answer, after }),
    next(oldestSequence) {
      const first = waiting[0];
      if (first === undefined || first.after >= oldestSequence) return undefined;
      waiting.shift();
      return first.answer;
    },
  };
}
