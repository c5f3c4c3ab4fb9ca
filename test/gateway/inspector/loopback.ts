import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Sockets and listeners a test makes, closed together at its end. */
export interface Loopback {
  /** Listens on a free port of 127.0.0.1; every connection is kept half-open and handed over. */
  readonly listen: (onConnection: (socket: Socket) => void, options?: object) => Promise<number>;
  readonly connect: (port: number) => Promise<Client>;
  readonly close: () => void;
}

/** A client that remembers what it was sent. */
export interface Client {
  readonly socket: Socket;
  readonly received: () => Buffer;
  /** Resolves with the first `length` bytes once they are there. */
  readonly read: (length: number) => Promise<Buffer>;
  /** How the connection ended: `end` by FIN, or the code of the error. */
  readonly ended: Promise<string>;
}

export function createLoopback(): Loopback {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  return {
    listen: async (onConnection, options = { allowHalfOpen: true }) => {
      const server = createServer(options, (socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        onConnection(socket);
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      return address.port;
    },
    connect: async (port) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      sockets.add(socket);
      const client = watch(socket);
      // A reset may come before the connection is seen as made: that too is an answer, in `ended`.
      await Promise.race([once(socket, 'connect').catch(() => undefined), client.ended]);
      return client;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}

/** Remembers what a socket receives and how it ends. */
export function watch(socket: Socket): Client {
  const chunks: Buffer[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const one of waiting) one();
  };
  const ended = new Promise<string>((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve('close'));
  });
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  socket.on('close', wake);
  const received = (): Buffer => Buffer.concat(chunks);
  return {
    socket,
    received,
    ended,
    read: (length) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const bytes = received();
          if (bytes.length >= length) resolve(bytes.subarray(0, length));
          else if (socket.destroyed) reject(new Error(`ended after ${bytes.length} of ${length} bytes`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Polls until it holds; for what emits no event. The test's own time-out is the end. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}

/** One request or response: transaction identifier, unit, PDU bytes. */
export function adu(transaction: number, unit: number, ...pdu: readonly number[]): Buffer {
  const bytes = Buffer.alloc(7 + pdu.length);
  bytes.writeUInt16BE(transaction, 0);
  bytes.writeUInt16BE(pdu.length + 1, 4);
  bytes[6] = unit;
  bytes.set(pdu, 7);
  return bytes;
}

export function readRegisters(transaction: number, address: number, quantity: number): Buffer {
  return adu(transaction, 1, 3, address >> 8, address & 255, quantity >> 8, quantity & 255);
}

export function writeRegister(transaction: number, address: number, value: number): Buffer {
  return adu(transaction, 1, 6, address >> 8, address & 255, value >> 8, value & 255);
}
