/** What can send bytes at once. */
export interface Sender {
  send(bytes: Uint8Array, length: number): void;
}

/** Collects what one sender sends in one call of its connection, so that it costs one system call. */
export interface Together {
  /** Lent bytes `[0, length)`; what another sender has here goes out first. */
  readonly add: (sender: Sender, bytes: Uint8Array, length: number) => void;
  /** Sends it all at once, or so many of what was added each time. */
  readonly flush: (sender: Sender, pieces?: number) => void;
  /** What this sender has here is not sent. */
  readonly drop: (sender: Sender) => void;
}

/** Room for `capacity` bytes, shared by all senders of a loop: between two calls it is empty. */
export function createTogether(capacity: number): Together {
  const held = new Uint8Array(capacity);
  let count = 0;
  let holder: Sender | undefined;
  /** Where each piece ends. */
  let ends: number[] = [];

  function flush(sender: Sender, pieces = Number.POSITIVE_INFINITY): void {
    if (holder !== sender) return;
    const last = ends;
    empty();
    if (last.length <= pieces) return sender.send(held, last.at(-1) ?? 0);
    let start = 0;
    for (let next = pieces; start < (last.at(-1) ?? 0); next += pieces) {
      const end = last[Math.min(next, last.length) - 1] ?? 0;
      sender.send(held.subarray(start, end), end - start);
      start = end;
    }
  }

  function empty(): void {
    holder = undefined;
    count = 0;
    ends = [];
  }

  return {
    add: (sender, bytes, length) => {
      if (holder !== undefined && (holder !== sender || count + length > capacity)) flush(holder);
      if (length > capacity) return sender.send(bytes, length);
      holder = sender;
      // A loop and no `set`, which would take a view of the bytes first.
      for (let index = 0; index < length; index++) held[count + index] = bytes[index] ?? 0;
      count += length;
      ends.push(count);
    },
    flush,
    drop: (sender) => {
      if (holder === sender) empty();
    },
  };
}
