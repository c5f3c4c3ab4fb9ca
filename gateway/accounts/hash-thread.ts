import { Worker } from 'node:worker_threads';
import type { Derive, ScryptCost } from './password-hash.ts';

/** What the thread is told. */
export interface HashWish {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly bytes: number;
  readonly cost: ScryptCost;
}

/** What it says. */
export type HashAnswer = { readonly hash: Uint8Array } | { readonly problem: string };

/** A thread for password hashes with less weight than the rest: who floods log-ins gets what the plant leaves. */
export interface HashThread {
  /** One at a time. */
  readonly derive: Derive;
  readonly close: () => Promise<void>;
}

/** How long it is kept with nothing to do, milliseconds: it holds memory that the box has other uses for. */
const KeepTime = 60_000;

/** The thread is started when it is wanted, and again should it ever end. */
export function createHashThread(): HashThread {
  let worker: Worker | undefined;
  let settle: ((answer: HashAnswer) => void) | undefined;
  let idle: NodeJS.Timeout | undefined;

  function finish(answer: HashAnswer): void {
    const settled = settle;
    settle = undefined;
    idle = setTimeout(() => void close(), KeepTime).unref();
    settled?.(answer);
  }

  function start(): Worker {
    const started = new Worker(new URL('./hash-worker.ts', import.meta.url), { name: 'password hash' });
    started.unref();
    started.on('message', finish);
    started.on('error', (error) => finish({ problem: error.message }));
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      if (settle !== undefined && worker === undefined) finish({ problem: 'the thread ended' });
    });
    return started;
  }

  async function close(): Promise<void> {
    const ending = worker;
    worker = undefined;
    clearTimeout(idle);
    await ending?.terminate();
  }

  return {
    derive: (password, salt, bytes, cost) => {
      clearTimeout(idle);
      worker ??= start();
      const wish: HashWish = { password, salt, bytes, cost };
      worker.postMessage(wish);
      return new Promise((resolve, reject) => {
        settle = (answer) =>
          'hash' in answer ? resolve(Buffer.from(answer.hash)) : reject(new Error(answer.problem));
      });
    },
    close,
  };
}
