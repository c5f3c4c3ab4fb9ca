import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress } from '../../config.ts';
import type { Logger } from '../../log.ts';
import { createSourceBounds, type SourceBounds } from './source-bounds.ts';

/** An address that is listened on only while somebody may come in. */
export interface Entrance {
  /** Opens or closes it. What came in before stays with the carrier it was given to. */
  readonly open: (wanted: boolean) => void;
  /** The port it listens on, or undefined. */
  readonly port: () => number | undefined;
  readonly onSocket: (socket: Socket, arrival: Arrival) => void;
}

/** A connection that nobody knows the owner of yet. */
export interface Arrival {
  readonly source: SocketAddress;
  /** Says that its owner is known; until then it counts among the strangers. */
  readonly known: () => void;
}

/** Milliseconds until an address that was not free is tried again. */
const RetryAfter = 1_000;

/** Milliseconds of silence after which TCP asks whether the other side is still there; no payload is made for it. */
const SilenceBeforeProbe = 30_000;

export function createEntrance(options: {
  readonly name: string;
  readonly place: SocketAddress;
  readonly log: Logger;
  readonly bounds?: SourceBounds;
  readonly onSocket: Entrance['onSocket'];
}): Omit<Entrance, 'onSocket'> {
  const { name, place, log, onSocket, bounds = createSourceBounds() } = options;
  let server: Server | undefined;
  let retry: NodeJS.Timeout | undefined;

  function open(wanted: boolean): void {
    if (!wanted) return close();
    if (server === undefined && retry === undefined) listen();
  }

  function listen(): void {
    const made = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => arrive(socket));
    server = made;
    made.on('error', (err) => {
      if (server !== made) return;
      log.error(
        { err, carrier: name, ...place },
        'vendors cannot come in: the address cannot be listened on',
      );
      server = undefined;
      retry = setTimeout(() => {
        retry = undefined;
        listen();
      }, RetryAfter);
    });
    made.listen({ host: place.address, port: place.port }, () =>
      log.info({ carrier: name, address: place.address, port: port() }, 'vendors may come in'),
    );
  }

  function close(): void {
    clearTimeout(retry);
    retry = undefined;
    if (server === undefined) return;
    server.close();
    server = undefined;
    log.info({ carrier: name }, 'vendors may come in no longer');
  }

  function arrive(socket: Socket): void {
    const source = sourceOf(socket);
    socket.on('error', () => undefined); // its close follows, and says all there is to say
    const place = source === undefined ? undefined : bounds.admit(source.address);
    if (source === undefined || place === undefined) return void socket.resetAndDestroy();
    socket.once('close', place.leave);
    socket.setKeepAlive(true, SilenceBeforeProbe);
    onSocket(socket, { source, known: place.known });
  }

  function port(): number | undefined {
    const at = server?.listening === true ? (server.address() as AddressInfo | null) : null;
    return at?.port;
  }

  return { open, port };
}

/** Where a connection comes from; an IPv4 client of an IPv6 listener by its IPv4 address. */
function sourceOf({ remoteAddress, remotePort }: Socket): SocketAddress | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return { address: remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, ''), port: remotePort };
}
