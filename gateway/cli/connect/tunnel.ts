import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { SocketAddress } from '../../config.ts';
import { GatewayError } from '../../errors.ts';
import { joinHalves } from '../../front/carriers/join-halves.ts';
import type { Credentials } from './credentials.ts';

/** Host, by name or address, and port of the box. */
export interface Box {
  readonly host: string;
  readonly port: number;
}

export interface TunnelOptions {
  readonly box: Box;
  readonly listen: SocketAddress;
  readonly credentials: Credentials;
  /** Server name of the target, or '' for the first of the grant. */
  readonly target: string;
  /** Told of each connection that came to nothing: the code of the error, or `reset` where the box closed it unheard. */
  readonly onFailure: (code: string) => void;
}

export interface Tunnel {
  readonly port: number;
  readonly close: () => void;
}

/**
 * Every connection to the local address becomes one through the box. The box is known by its authority alone: it is
 * the one that made these credentials, and it certifies nobody else for this.
 * @throws GatewayError PST_ERR_LISTEN
 */
export async function openTunnel({
  box,
  listen,
  credentials,
  target,
  onFailure,
}: TunnelOptions): Promise<Tunnel> {
  const open = new Set<() => void>();

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (local) => {
    let heard = false;
    const far = dial(box, credentials, target);
    const end = (): void => {
      open.delete(end);
      local.resetAndDestroy();
      far.destroy();
    };
    open.add(end);
    local.on('error', () => undefined);
    local.once('close', end);
    far.once('data', () => {
      heard = true;
    });
    far.on('error', (error: NodeJS.ErrnoException) => onFailure(error.code ?? error.message));
    far.once('end', () => {
      if (!heard && far.bytesWritten === 0) onFailure('reset');
    });
    far.once('close', end);
    far.once('secureConnect', () => {
      local.off('close', end);
      far.off('close', end);
      joinHalves(local, far, end);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new GatewayError('PST_ERR_LISTEN', `${listen.address} port ${listen.port}.`, cause)),
    );
    server.listen({ host: listen.address, port: listen.port }, resolve);
  });
  const at = server.address();
  return {
    port: typeof at === 'object' && at !== null ? at.port : listen.port,
    close: () => {
      server.close();
      for (const end of open) end();
    },
  };
}

/** Whether the box takes connections, or the code of why not. */
export function knock({ host, port }: Box): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connectTcp({ host, port, timeout: KnockTime });
    const settle = (outcome: string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => settle(''));
    socket.once('timeout', () => settle('ETIMEDOUT'));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}

function dial({ host, port }: Box, { certificate, key, authority }: Credentials, target: string): TLSSocket {
  const socket = connectTcp({ host, port, noDelay: true, allowHalfOpen: true });
  return connectTls({
    socket,
    cert: certificate,
    key,
    ca: authority,
    minVersion: 'TLSv1.3',
    ...(target === '' ? {} : { servername: target }),
    checkServerIdentity: () => undefined,
  });
}

const KnockTime = 10_000;
