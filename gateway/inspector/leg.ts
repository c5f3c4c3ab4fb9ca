/**
 * One end of a connection, whatever carries it: a descriptor on the event loop, a stream of Node's, a serial line.
 * Everything here is in order and nothing blocks; what the other end does not take yet waits in the leg.
 */
export interface Leg {
  /** Who is told from now on. Another call replaces it. */
  follow(events: LegEvents): void;
  /** Whether what comes is read and told; off at first. */
  read(on: boolean): void;
  /** Sends `[0, length)` together with what else is added, at {@link flush}. The bytes are lent. */
  add(bytes: Uint8Array, length: number): void;
  /**
   * Sends what was added, all of it together or so many pieces in each segment; `sent` is told when that is done, which
   * may be within this call. Whatever is done to the leg afterwards comes after it.
   */
  flush(pieces?: number): void;
  /**
   * Segments with data that came since it was last asked, and those before that were not all read then; not there where
   * nobody can tell.
   */
  segments?(): number;
  /** Sends FIN after all that was given; reading goes on. */
  finish(): void;
  /** Ends both directions now, with a reset where there is such a thing: nothing that waits is sent. */
  reset(): void;
  /** Gives the leg up without asking the other end any more. */
  drop(): void;
  /** Takes back what waits, where that is possible; true when nothing waits any more. */
  withdraw(): boolean;
  /** More waits here than is good: give nothing more until `drained` is told. */
  readonly isFull: boolean;
  /** FIN was asked for, or the leg is gone: what is given to it is dropped. */
  readonly isFinished: boolean;
  readonly isGone: boolean;
}

/** What a leg tells; but for `sent` never from within a call of the leg's own functions. */
export interface LegEvents {
  /** Bytes that came; good until the call returns. */
  readonly data: (bytes: Uint8Array) => void;
  /** The other end has sent FIN. */
  readonly end: () => void;
  /** What was flushed was handed to the kernel, or waits for it: the leg may be full now. */
  readonly sent: () => void;
  /** There is room again. */
  readonly drained: () => void;
  /** Nothing comes and goes here any more; told once, last. `failed` after a reset or another error of the network. */
  readonly gone: (failed: boolean) => void;
}

/** Hears nothing: what comes is not for anybody yet, or no longer. */
export const Deaf: LegEvents = {
  data: () => undefined,
  end: () => undefined,
  sent: () => undefined,
  drained: () => undefined,
  gone: () => undefined,
};

/** Bytes that may wait in a leg before it calls itself full. */
export const LegCapacity = 64 * 1024;
