/** An open serial port: bytes out; what comes in, and its end, are told as {@link TtyEvents}. */
export interface Tty {
  /** Starts sending. A failure is told as `lost`. */
  readonly write: (bytes: Uint8Array) => void;
  /** Throws away what is not sent yet: a request that has failed must not reach anybody later on. */
  readonly discard: () => void;
  /** Nothing is told any more. */
  readonly close: () => void;
}

export interface TtyEvents {
  /** Bytes as they came from the wire, cut anywhere; lent during the call. */
  readonly bytes: (chunk: Uint8Array) => void;
  /** The port is gone, as when its adapter is pulled out; once. */
  readonly lost: (problem: string) => void;
}

/** Opens a port for this process alone; rejects with the system's error. */
export type OpenTty = (events: TtyEvents) => Promise<Tty>;
