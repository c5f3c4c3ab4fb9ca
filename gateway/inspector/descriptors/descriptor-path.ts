import { Ready } from '../../ffi/epoll.ts';
import { closeDescriptor, SystemCallError } from '../../ffi/libc.ts';
import { acceptNext, beginConnect, connectOutcome, tune } from '../../ffi/stream-socket.ts';
import { KeepaliveDelay } from '../carrier.ts';
import type { Accepted, DataListener, DataPath } from '../data-path.ts';
import type { Leg } from '../leg.ts';
import { DescriptorLeg } from './descriptor-leg.ts';
import type { EventLoop } from './event-loop.ts';

/** Descriptors on an event loop of ours, without Node's streams, which take more processor time. */
export function createDescriptorPath(loop: EventLoop): DataPath {
  return {
    listen: async (fd, arrive) => listen(loop, fd, arrive),
    connect: (fd, server, signal) =>
      new Promise((resolve, reject) => {
        const attempt = new Attempt(loop, fd, resolve, reject);
        attempt.begin(() => beginConnect(fd, server), signal);
      }),
  };
}

function listen(loop: EventLoop, fd: number, arrive: (accepted: Accepted) => void): DataListener {
  let pause: NodeJS.Timeout | undefined;
  let isOpen = true;
  const watcher = { ready: accept };
  const slot = begin();

  function begin(): number {
    try {
      // What a listener is tuned to, its clients are.
      tune(fd, KeepaliveDelay);
      return loop.watch(fd, Ready.In, watcher);
    } catch (cause) {
      closeDescriptor(fd);
      throw cause;
    }
  }

  function accept(): void {
    // Whoever is told of a client may close the listener.
    for (let count = 0; isOpen && count < AcceptedAtOnce; count++) {
      const accepted = next();
      if (accepted === undefined) return;
      arrive(accepted);
    }
  }

  function next(): Accepted | undefined {
    try {
      const accepted = acceptNext(fd);
      if (accepted === undefined) return undefined;
      const { client, server } = accepted;
      return { leg: new DescriptorLeg(loop, accepted.fd), client, server };
    } catch (cause) {
      if (!(cause instanceof SystemCallError)) throw cause;
      // No descriptors are left. Those who wait keep their place in the kernel's queue until some are.
      loop.change(slot, fd, 0);
      pause = setTimeout(() => loop.change(slot, fd, Ready.In), AcceptPause);
      return undefined;
    }
  }

  return {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(pause);
      loop.forget(slot);
      closeDescriptor(fd);
    },
  };
}

/** One connection that is being made. */
class Attempt {
  readonly #loop: EventLoop;
  readonly #fd: number;
  readonly #resolve: (leg: Leg) => void;
  readonly #reject: (error: unknown) => void;
  #slot: number | undefined;
  #signal: AbortSignal | undefined;

  constructor(loop: EventLoop, fd: number, resolve: (leg: Leg) => void, reject: (error: unknown) => void) {
    this.#loop = loop;
    this.#fd = fd;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(connect: () => void, signal: AbortSignal): void {
    try {
      signal.throwIfAborted();
      tune(this.#fd, KeepaliveDelay);
      connect();
      this.#slot = this.#loop.watch(this.#fd, Ready.Out | Ready.Once, this);
      this.#signal = signal;
      signal.addEventListener('abort', this.#abort, { once: true });
    } catch (cause) {
      this.#fail(cause);
    }
  }

  ready(): void {
    try {
      connectOutcome(this.#fd);
      this.#signal?.removeEventListener('abort', this.#abort);
      this.#resolve(new DescriptorLeg(this.#loop, this.#fd, this.#slot));
    } catch (cause) {
      this.#fail(cause);
    }
  }

  readonly #abort = (): void => this.#fail(new Error('no answer in time'));

  #fail(cause: unknown): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    if (this.#slot !== undefined) this.#loop.forget(this.#slot);
    closeDescriptor(this.#fd);
    this.#reject(cause);
  }
}

/** Clients taken before others have their turn. */
const AcceptedAtOnce = 16;
/** Milliseconds. */
const AcceptPause = 100;
