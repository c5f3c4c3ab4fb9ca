import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FlowTable, Tuple } from '../../rules/admission/flow-table.ts';
import { GatewayError } from '../errors.ts';
import type { Peer } from '../ipc/reports.ts';
import type { Leg } from './leg.ts';

/** A client that has connected and waits, not read from, to be led on or refused. */
export interface Arrival {
  readonly leg: Leg;
  /** The two ends as they really are, for records. */
  readonly client: Peer;
  readonly server: Peer;
  /** The two ends as the policy names them; undefined where it does not know them. */
  readonly locate: (table: FlowTable) => Tuple | undefined;
  /** Connects to the server; rejects with the system's error, or when `signal` fires. */
  readonly dial: (signal: AbortSignal) => Promise<Leg>;
}

/** How clients come to this process: the one thing the two back ends differ in here. */
export interface Carrier {
  /**
   * Listens for these shards too and says where, or for none of them.
   * @throws GatewayError PST_ERR_LISTEN, PST_ERR_CAPABILITY, PST_ERR_KERNEL_FEATURE
   */
  readonly take: (shards: readonly number[]) => Promise<readonly Peer[]>;
  /** Takes no new clients; those that came stay. */
  readonly close: () => Promise<void>;
}

/** Milliseconds a server has to answer a connection request. */
export const ConnectTimeout = 5_000;

/** Milliseconds of silence before TCP keepalive asks whether the other end is still there. */
export const KeepaliveDelay = 30_000;

/**
 * Options of every listener: half-open, because a client may end its side and still wait for the answer;
 * paused, because nothing may be read before it is decided who reads it.
 */
export const ListenerOptions = {
  allowHalfOpen: true,
  pauseOnConnect: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KeepaliveDelay,
} as const;

/** Waits until a connecting socket is connected, and tunes it. Rejects, with the socket destroyed, otherwise. */
export function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const abort = (): void => void socket.destroy(new Error('no answer in time'));
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      reject(error);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    // Stays for good: an error between this promise and the next listener must not end the process.
    socket.on('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KeepaliveDelay);
      resolve(socket);
    });
  });
}

/**
 * Tries again for a while when an address is taken: a process that has just died may hold its ports some
 * milliseconds longer than its engine connection.
 */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      const taken = error instanceof GatewayError && error.code === 'PST_ERR_LISTEN';
      if (!taken || attempt === Attempts) throw error;
      await delay(AttemptInterval);
    }
  }
}

/** An address without the IPv4-in-IPv6 clothes a dual-stack listener puts on it. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

const Attempts = 50;
const AttemptInterval = 10;
