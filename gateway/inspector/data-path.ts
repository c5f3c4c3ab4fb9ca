import type { Peer } from '../ipc/reports.ts';
import type { Leg } from './leg.ts';

/** A client on a listener, and the two ends of its connection as they really are. */
export interface Accepted {
  readonly leg: Leg;
  readonly client: Peer;
  /** Where it wanted to go. */
  readonly server: Peer;
}

/**
 * How TCP descriptors made elsewhere are carried: by Node's sockets, the reference, or by the event loop of
 * `descriptors/`. The two differ in what they cost and in nothing else.
 */
export interface DataPath {
  /** Takes clients from a listening descriptor until closed; those that came stay. Rejects with the system's error. */
  readonly listen: (fd: number, arrive: (accepted: Accepted) => void) => Promise<DataListener>;
  /**
   * Connects a descriptor that is bound and not connected; rejects with the system's error, or when `signal`
   * fires. The descriptor is taken over either way.
   */
  readonly connect: (fd: number, server: Peer, signal: AbortSignal) => Promise<Leg>;
}

export interface DataListener {
  readonly close: () => void;
}
