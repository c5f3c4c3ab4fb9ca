import { createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { InspectorPort } from '../../rules/policy.ts';
import { openMarked, openTransparentListener, openUpstream, setResetOnClose } from '../ffi/socket.ts';
import type { Peer } from '../ipc/reports.ts';
import {
  type Arrival,
  type Carrier,
  connected,
  ListenerOptions,
  patiently,
  plainAddress,
} from './carrier.ts';
import type { Leg } from './connection.ts';

/**
 * The kernel back end's carrier: connections the ruleset diverts arrive with the server's address as their
 * local one, and are led on from the client's own address, so that each end sees the other.
 */
export function createTransparentCarrier(arrive: (arrival: Arrival) => void): Carrier {
  const open = new Map<number, Server>();
  return {
    take: async (shards) => {
      const wanted = shards.filter((shard) => !open.has(shard));
      try {
        for (const shard of wanted) {
          open.set(shard, await patiently(() => listen(InspectorPort + shard, arrive)));
        }
      } catch (error) {
        // All or none: the engine gives them to another process then, which must find the ports free.
        for (const shard of wanted) {
          open.get(shard)?.close();
          open.delete(shard);
        }
        throw error;
      }
      return shards.map((shard) => ({ address: '127.0.0.1', port: InspectorPort + shard }));
    },
    close: async () => {
      for (const server of open.values()) server.close();
      open.clear();
    },
  };
}

async function listen(port: number, arrive: (arrival: Arrival) => void): Promise<Server> {
  const fd = openTransparentListener(port);
  const server = createServer(ListenerOptions, (socket) => {
    socket.on('error', () => undefined);
    arrive(arrival(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ fd }, resolve);
  });
  server.on('error', () => undefined);
  return server;
}

function arrival(socket: Socket): Arrival {
  const client = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
  const server = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
  return {
    socket,
    client,
    server,
    locate: () => ({ client: client.address, server: server.address, port: server.port }),
    dial: (signal) => dial(client, server, signal),
    finish,
  };
}

async function dial(client: Peer, server: Peer, signal: AbortSignal): Promise<Socket> {
  try {
    return await dialFrom(client, server, signal);
  } catch (error) {
    // A server without TCP timestamps leaves the client's port in TIME_WAIT: the address stays, the port changes.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error;
    return dialFrom({ address: client.address, port: 0 }, server, signal);
  }
}

/** Connects from the box's own address, as the inspectors' user and with their mark. */
export function dialAsBox(server: Peer, signal: AbortSignal): Promise<Socket> {
  return connectBy(openMarked(), server, signal);
}

function dialFrom(client: Peer, server: Peer, signal: AbortSignal): Promise<Socket> {
  return connectBy(openUpstream(client), server, signal);
}

function connectBy(fd: number, server: Peer, signal: AbortSignal): Promise<Socket> {
  // `manualStart` is not in Node's documentation: without it libuv would read from a socket that is not
  // connected yet. The runtime is pinned and a system test guards this.
  const options: SocketConstructorOpts & { readonly manualStart: boolean } = {
    fd,
    allowHalfOpen: true,
    manualStart: true,
  };
  const socket = new Socket(options);
  socket.connect({ host: server.address, port: server.port });
  return connected(socket, signal);
}

/** These sockets reset when the process dies; ended in order they must not, or the last bytes are lost. */
export function finish(leg: Leg): void {
  const fd = descriptorOf(leg);
  try {
    if (fd >= 0) setResetOnClose(fd, false);
  } catch {
    // The socket is already gone; ending it is then without effect.
  }
  leg.end();
}

function descriptorOf(leg: Leg): number {
  return (leg as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}
