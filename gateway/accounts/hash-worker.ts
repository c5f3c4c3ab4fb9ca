import { scryptSync } from 'node:crypto';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { HashAnswer, HashWish } from './hash-thread.ts';

/** Hashes what it is told to, one after the other. On Linux a priority is a thread's own, so that only this one is nice. */
const Niceness = 5;

try {
  setPriority(0, Niceness);
} catch {
  // A sandbox that forbids it takes nothing from the answers.
}
parentPort?.on('message', ({ password, salt, bytes, cost: { N, r, p } }: HashWish) => {
  parentPort?.postMessage(answer());

  function answer(): HashAnswer {
    try {
      return { hash: scryptSync(password, salt, bytes, { N, r, p, maxmem: 128 * r * (N + p + 2) }) };
    } catch (cause) {
      return { problem: cause instanceof Error ? cause.message : String(cause) };
    }
  }
});
