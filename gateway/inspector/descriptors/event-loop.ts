import {
  changeWatch,
  EventLayout,
  openEpoll,
  takeReady,
  unwatchDescriptor,
  watchDescriptor,
} from '../../ffi/epoll.ts';
import { closeDescriptor } from '../../ffi/libc.ts';
import { type Readable, whenReadable } from '../../ffi/readable.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';

/** Who is told when its descriptor is ready. */
export interface Watcher {
  /** @param events bits of `Ready` */
  ready(events: number): void;
}

/**
 * An epoll descriptor of our own inside of Node's event loop: Node waits for it as for one of its own, and all that
 * is ready is then handled without a stream, a callback of libuv's or a promise for each.
 */
export interface EventLoop {
  /** Watches a descriptor and gives the slot it has here. @throws SystemCallError */
  readonly watch: (fd: number, events: number, watcher: Watcher) => number;
  /** Watches for other events. @throws SystemCallError */
  readonly change: (slot: number, fd: number, events: number) => void;
  /** From now on somebody else is told. */
  readonly hand: (slot: number, watcher: Watcher) => void;
  /** Watches again for what the kernel was told to forget; its slot was kept. @throws SystemCallError */
  readonly rewatch: (slot: number, fd: number, events: number) => void;
  /** Leaves the kernel without it, and keeps its slot. @throws SystemCallError */
  readonly unwatch: (fd: number) => void;
  /**
   * Tells nothing more of it; once for each slot. Closing the descriptor, which nobody else has, is enough for the
   * kernel.
   */
  readonly forget: (slot: number) => void;
  /** Where all legs receive into: what is in there is good until the next is told. */
  readonly received: Uint8Array;
  /** As {@link received} up to `length`, for bytes that have just come; the same object for the same short length. */
  readonly view: (length: number) => Uint8Array;
  /** What all legs send. */
  readonly outgoing: Outgoing;
  readonly close: () => void;
}

/** Watches nothing yet. @throws SystemCallError; Error where Node cannot wait for it */
export function createEventLoop(): EventLoop {
  const epoll = openEpoll();
  const events = new Uint32Array(MostEvents * EventLayout.words);
  /** Events `[next, count)` are yet to be told. */
  let next = 0;
  let count = 0;
  const watchers: (Watcher | undefined)[] = [];
  const free: number[] = [];
  /** Slots given back while events that may name them are yet to be told. */
  let freed: number[] = [];
  const received = new Uint8Array(ReceiveBytes);
  const views = Array.from({ length: ShortChunk + 1 }, (_, length) => received.subarray(0, length));
  /** Bytes that came since Node's other work had its turn. */
  let taken = 0;
  const outgoing = createOutgoing(OutgoingBytes, MostOfChunk);
  let isOpen = true;
  const handle = nested(epoll, tell);

  function tell(): void {
    taken = 0;
    outgoing.hold();
    try {
      tellAll();
    } finally {
      outgoing.end();
    }
    // Of what the kernel tells but once it wakes nobody a second time.
    if (next < count) setImmediate(tellRest);
  }

  function tellRest(): void {
    if (isOpen && next < count) tell();
  }

  function tellAll(): void {
    for (let round = 0; round < Rounds; round++) {
      while (next < count) {
        const at = next * EventLayout.words;
        next += 1;
        if (outgoing.isCrowded()) outgoing.release();
        watchers[events[at + EventLayout.dataWord] ?? 0]?.ready(events[at] ?? 0);
        // What is left comes first the next time, or the last of many would never have their turn.
        if (!isOpen || taken >= MostBytes) return;
      }
      outgoing.release();
      if (freed.length > 0) {
        free.push(...freed);
        freed = [];
      }
      next = 0;
      count = takeReady(epoll, events, MostEvents);
      if (count === 0) return;
    }
  }

  return {
    watch: (fd, wanted, watcher) => {
      const slot = free.pop() ?? watchers.length;
      try {
        watchDescriptor(epoll, fd, wanted, slot);
      } catch (cause) {
        if (slot < watchers.length) free.push(slot);
        throw cause;
      }
      watchers[slot] = watcher;
      return slot;
    },
    change: (slot, fd, wanted) => changeWatch(epoll, fd, wanted, slot),
    hand: (slot, watcher) => {
      watchers[slot] = watcher;
    },
    forget: (slot) => {
      watchers[slot] = undefined;
      freed.push(slot);
    },
    rewatch: (slot, fd, wanted) => watchDescriptor(epoll, fd, wanted, slot),
    unwatch: (fd) => unwatchDescriptor(epoll, fd),
    received,
    outgoing,
    view: (length) => {
      taken += length;
      return views[length] ?? received.subarray(0, length);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      handle.close();
      closeDescriptor(epoll);
    },
  };
}

function nested(epoll: number, tell: () => void): Readable {
  try {
    return whenReadable(epoll, tell);
  } catch (cause) {
    closeDescriptor(epoll);
    throw cause;
  }
}

/** Events taken at once. */
const MostEvents = 256;

/** Times that is done before Node's own timers and sockets, the engine's among them, have their turn. */
const Rounds = 8;

/**
 * The same for bytes, since a chunk may hold thousands of requests: a change of mode waits for no more than these
 * (milliseconds, and not seconds with hundreds of connections that send refused requests at line rate).
 */
const MostBytes = 64 * 1024;

const ReceiveBytes = 64 * 1024;
/**
 * What one chunk can ask for at most: an exception of nine bytes for each of the shortest ADUs, of eight, and what the
 * beginning of one before it adds.
 */
const MostOfChunk = (ReceiveBytes / 8) * 9 + 4096;
const OutgoingBytes = 2 * MostOfChunk;
/** Lengths up to which a view is kept: one or a few ADUs. */
const ShortChunk = 1024;
