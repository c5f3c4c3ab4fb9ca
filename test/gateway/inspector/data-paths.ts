import { readdirSync, readlinkSync } from 'node:fs';
import {
  bindSocket,
  closeDescriptor,
  listenOn,
  openSocket,
  type SocketOption,
  setIntegerOption,
} from '../../../gateway/ffi/libc.ts';
import { setResetOnClose, socketAddress } from '../../../gateway/ffi/socket.ts';
import { ownAddress } from '../../../gateway/ffi/stream-socket.ts';
import type { Accepted, DataListener } from '../../../gateway/inspector/data-path.ts';
import type { Leg } from '../../../gateway/inspector/leg.ts';
import { type LoadedPath, loadDataPath } from '../../../gateway/inspector/load-data-path.ts';

/** One way to carry, over plain descriptors on loopback: no privileges are needed. */
export interface Ground {
  /** Listens and gives the port. */
  readonly listen: (arrive: (accepted: Accepted) => void) => Promise<number>;
  /** Connects to a port of 127.0.0.1. */
  readonly connect: (port: number, options?: ConnectOptions) => Promise<Leg>;
  readonly close: () => void;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** Bytes the kernel keeps for what is sent; it takes twice that. */
  readonly sendBuffer?: number;
}

export const PathNames = ['streams', 'epoll'] as const;

/** Loads a data path. Every byte it lends is spoilt when the call is over, so that nobody can have kept it. */
export async function openGround(name: (typeof PathNames)[number]): Promise<Ground> {
  const loaded: LoadedPath = await loadDataPath(name);
  const listeners: DataListener[] = [];
  const legs: Leg[] = [];
  const known = (leg: Leg): Leg => {
    legs.push(leg);
    return spoiling(leg);
  };
  return {
    listen: async (arrive) => {
      const fd = plainSocket();
      bindSocket(fd, socketAddress('127.0.0.1', 0));
      listenOn(fd, 512);
      const { port = 0 } = ownAddress(fd) ?? {};
      listeners.push(await loaded.path.listen(fd, (one) => arrive({ ...one, leg: known(one.leg) })));
      return port;
    },
    connect: async (port, { signal = new AbortController().signal, sendBuffer } = {}) => {
      const fd = plainSocket();
      if (sendBuffer !== undefined) setIntegerOption(fd, SO_SNDBUF, sendBuffer);
      return known(await loaded.path.connect(fd, { address: '127.0.0.1', port }, signal));
    },
    close: () => {
      for (const listener of listeners) listener.close();
      for (const leg of legs) leg.reset();
      loaded.close();
    },
  };
}

/** As the transparent ones are made, but for what needs a privilege. */
export function plainSocket(): number {
  const fd = openSocket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  try {
    setResetOnClose(fd, true);
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** What this process has open now, without what the runtime opens and closes as it likes. */
export function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // closed meanwhile, or the folder itself
    }
  }).length;
}

function spoiling(leg: Leg): Leg {
  const follow = leg.follow.bind(leg);
  leg.follow = (events) =>
    follow({
      ...events,
      data: (bytes) => {
        events.data(bytes);
        bytes.fill(0xee);
      },
    });
  return leg;
}

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SO_SNDBUF: SocketOption = { name: 'SO_SNDBUF', level: 1, number: 7 };
