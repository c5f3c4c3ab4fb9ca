/** What can send bytes. */
export interface Sender {
  /** Hands lent bytes to the kernel, or keeps what it does not take. */
  send(bytes: Uint8Array): void;
  /** All that was flushed was given to `send`. */
  sent(): void;
}

/**
 * Collects what all senders of a loop send while a batch of events is dealt with, and sends it in one go: what is asked
 * in one call of a connection costs one system call, and a core that is sent to is woken once for many, not for each.
 * Nothing changes its order.
 */
export interface Outgoing {
  /** Adds lent bytes `[0, length)` to what this sender is about to flush. */
  readonly add: (sender: Sender, bytes: Uint8Array, length: number) => void;
  /** Sends what was added all at once, or so many of what was added each time: now, or at the end of the batch. */
  readonly flush: (sender: Sender, pieces?: number) => void;
  /** A batch begins: what is flushed is held back. */
  readonly hold: () => void;
  /** Sends what is held back. */
  readonly release: () => void;
  /** The batch has ended: sends what is held back, and from now on at once. */
  readonly end: () => void;
  /** Whether there may be too little room for what one more chunk asks for. */
  readonly isCrowded: () => boolean;
  /** What this sender has here is not sent. */
  readonly drop: (sender: Sender) => void;
}

/** Room for `capacity` bytes, of which one chunk asks for `most`. Outside of a batch it is empty between two calls. */
export function createOutgoing(capacity: number, most: number): Outgoing {
  const held = new Uint8Array(capacity);
  /** What begins at the beginning, as most that is sent alone does, by its length. */
  const heads: Uint8Array[] = [];
  let count = 0;
  let isHolding = false;
  /** Who adds, from where on, and where each of so many pieces ends. Lists are filled anew, and never cut. */
  let holder: Sender | undefined;
  let start = 0;
  const ends: number[] = [];
  let pieceCount = 0;
  /** What was flushed, oldest first; nobody's where it was sent, or the sender dropped. */
  const senders: (Sender | undefined)[] = [];
  const froms: number[] = [];
  const tos: number[] = [];
  let queued = 0;
  /** The oldest that is yet to be sent: who is told that it was sent may come back here. */
  let next = 0;

  function queue(pieces = pieceCount): void {
    for (let done = 0; done < pieceCount; ) {
      done = Math.min(done + pieces, pieceCount);
      const end = ends[done - 1] ?? start;
      senders[queued] = holder;
      froms[queued] = start;
      tos[queued] = end;
      queued += 1;
      start = end;
    }
    forgetHolder();
  }

  function forgetHolder(): void {
    holder = undefined;
    pieceCount = 0;
  }

  function release(): void {
    while (next < queued) {
      const at = next;
      const sender = senders[at];
      senders[at] = undefined;
      next += 1;
      if (sender === undefined) continue;
      sender.send(part(froms[at] ?? 0, tos[at] ?? 0));
      if (next === queued || sender !== senders[next]) sender.sent();
    }
    next = 0;
    queued = 0;
    if (holder === undefined) count = 0;
  }

  function part(from: number, to: number): Uint8Array {
    if (from > 0 || to > LongestHead) return held.subarray(from, to);
    heads[to] ??= held.subarray(0, to);
    return heads[to];
  }

  return {
    add: (sender, bytes, length) => {
      if (length > capacity) throw new RangeError(`${length} bytes at once`);
      if (count + length > capacity) {
        queue();
        release();
      }
      if (holder !== undefined && holder !== sender) queue();
      if (holder === undefined) start = count;
      holder = sender;
      // A loop and no `set`, which would take a view of the bytes first.
      for (let index = 0; index < length; index++) held[count + index] = bytes[index] ?? 0;
      count += length;
      ends[pieceCount] = count;
      pieceCount += 1;
    },
    flush: (sender, pieces) => {
      if (holder === sender) queue(pieces);
      if (!isHolding) release();
    },
    hold: () => {
      isHolding = true;
    },
    release,
    end: () => {
      isHolding = false;
      release();
    },
    isCrowded: () => count + most > capacity,
    drop: (sender) => {
      if (holder === sender) forgetHolder();
      for (let index = next; index < queued; index++)
        if (senders[index] === sender) senders[index] = undefined;
    },
  };
}

/** Bytes; one or a few ADUs. */
const LongestHead = 1024;
