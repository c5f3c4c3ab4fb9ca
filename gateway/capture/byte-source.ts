/** Bytes in order, a few at a time, so that a capture of any size is read in a few hundred kilobytes. */
export interface ByteSource {
  /** The next `count` bytes, lent until the next call; fewer only at the end. */
  take(count: number): Uint8Array;
  /** Passes over `count` bytes; how many there were. */
  skip(count: number): number;
}

/** A source over bytes in memory. */
export function bytesInMemory(bytes: Uint8Array): ByteSource {
  let at = 0;
  function pass(count: number): number {
    const start = at;
    at = Math.min(bytes.length, at + count);
    return start;
  }
  return {
    take: (count) => bytes.subarray(pass(count), at),
    skip(count) {
      const start = pass(count);
      return at - start;
    },
  };
}
