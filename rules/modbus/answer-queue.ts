import type { ToClient } from './effect.ts';

/**
 * Exceptions of our own that wait their turn. Some clients take answers in the order of their requests and
 * not by identifier, so ours never overtakes the answer to a request that was sent on before it. It waits
 * for those alone; the server's answers are never held, in whatever order it gives them.
 */
export interface AnswerQueue {
  readonly length: number;
  /** Queues an answer behind the request of this sequence and all before it. */
  add(answer: ToClient, after: number): void;
  /** Takes out, in order, the answers with no request in front of `oldestSequence`. */
  release(oldestSequence: number): readonly ToClient[];
}

/** An empty queue, for one connection. */
export function createAnswerQueue(): AnswerQueue {
  let waiting: { readonly answer: ToClient; readonly after: number }[] = [];
  return {
    get length() {
      return waiting.length;
    },
    add: (answer, after) => void waiting.push({ answer, after }),
    release(oldestSequence) {
      if (waiting.length === 0) return None;
      let free = waiting.findIndex(({ after }) => after >= oldestSequence);
      if (free < 0) free = waiting.length;
      if (free === 0) return None;
      const released = waiting.slice(0, free);
      waiting = waiting.slice(free);
      return released.map(({ answer }) => answer);
    },
  };
}

const None: readonly never[] = [];
