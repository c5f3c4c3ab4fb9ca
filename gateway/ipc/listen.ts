import { chmod, mkdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { GatewayError } from '../errors.ts';

export interface LocalListener {
  /** Stops listening, removes the socket file and cuts what is still connected. */
  readonly close: () => Promise<void>;
}

export interface LocalListenerOptions {
  readonly path: string;
  /** Permission bits of the socket's directory when it has to be made: who may enter may connect. */
  readonly directoryMode: number;
  /** Permission bits of the socket itself. */
  readonly mode: number;
  /** A peer that has ended its side may still be written to; off if not stated. */
  readonly halfOpen?: boolean;
  readonly onConnection: (socket: Socket) => void;
}

/**
 * Listens on a local socket. A file left behind by a killed process is removed; one that still answers
 * is not, so that a second gateway cannot take over a running one's socket. Throws PST_ERR_SOCKET.
 */
export async function listenLocally(options: LocalListenerOptions): Promise<LocalListener> {
  const { path, directoryMode, mode, halfOpen = false, onConnection } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: halfOpen }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Until a channel takes the socket over, an error on it must not end the process.
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  try {
    await mkdir(dirname(path), { recursive: true, mode: directoryMode });
    if (await answers(path)) throw new Error(`${path} is in use by a running process`);
    await unlink(path).catch(ignoreMissing);
    await listen(server, path);
    await chmod(path, mode);
  } catch (error) {
    server.close();
    throw new GatewayError('PST_ERR_SOCKET', error instanceof Error ? error.message : path, error);
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
