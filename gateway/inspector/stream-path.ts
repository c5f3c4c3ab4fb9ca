import { createServer, Socket, type SocketConstructorOpts } from 'node:net';
import { setResetOnClose } from '../ffi/socket.ts';
import { connected, ListenerOptions, plainAddress } from './carrier.ts';
import type { DataPath } from './data-path.ts';
import { createStreamLeg } from './stream-leg.ts';

/** The reference: descriptors of ours as sockets of Node's. */
export const streamPath: DataPath = {
  listen: async (fd, arrive) => {
    const server = createServer(ListenerOptions, (socket) => {
      socket.on('error', () => undefined);
      const client = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
      const wanted = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
      arrive({ leg: createStreamLeg(socket, finish), client, server: wanted });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ fd }, resolve);
    });
    server.on('error', () => undefined);
    return { close: () => void server.close() };
  },
  connect: async (fd, server, signal) => {
    // `manualStart` is not in Node's documentation: without it libuv would read from a socket that is not
    // connected yet. The runtime is pinned and a system test guards this.
    const options: SocketConstructorOpts & { readonly manualStart: boolean } = {
      fd,
      allowHalfOpen: true,
      manualStart: true,
    };
    const socket = new Socket(options);
    socket.connect({ host: server.address, port: server.port });
    return createStreamLeg(await connected(socket, signal), finish);
  },
};

/** These sockets reset when the process dies; ended in order they must not, or the last bytes are lost. */
function finish(socket: Socket): void {
  const fd = descriptorOf(socket);
  try {
    if (fd >= 0) setResetOnClose(fd, false);
  } catch {
    // The socket is already gone; ending it is then without effect.
  }
  socket.end();
}

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}
