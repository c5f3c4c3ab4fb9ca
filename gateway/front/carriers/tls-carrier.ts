import { constants, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { CarriersNow } from '../../ipc/carriers-body.ts';
import { targetAsked } from '../../ipc/target-name.ts';
import type { Carrier, CarrierOptions, NamedGrant } from './carriers.ts';
import { openDataSocket } from './data-socket.ts';
import type { Arrival } from './entrance.ts';
import { joinHalves } from './join-halves.ts';

/** Milliseconds a client has for its handshake. */
const HandshakeTime = 5_000;

/** Channels of one grant that may be asked for at once; each is on disk before it opens. */
const MaxOpening = 32;

/** A connection of a vendor whose certificate is known. */
interface Held {
  readonly grant: string;
  opening: boolean;
  readonly end: () => void;
}

/**
 * The TLS carrier: TLS 1.3 and nothing older, both sides with a certificate of the box's own authority. The client's
 * has to be the one the engine named for an open grant, which is what its fingerprint is compared with. The server
 * name says which target is meant (gateway/ipc/target-name.ts). No session is resumed: each connection shows its
 * certificate (62443-3-3 SR 1.2, SR 1.9, SR 2.6).
 */
export function createTlsCarrier({ engine, log }: CarrierOptions): Carrier & {
  /** Takes what the listener shows; false while there is nothing to show. */
  readonly show: (identity: CarriersNow['tls']) => boolean;
} {
  /** By source, which no two open connections share: the raw socket under a TLS one, which alone can be reset. */
  const arrivals = new Map<string, { readonly socket: Socket; readonly arrival: Arrival }>();
  const held = new Set<Held>();
  let named: readonly NamedGrant[] = [];
  let shown: CarriersNow['tls'];

  const server = createServer({
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HandshakeTime,
    allowHalfOpen: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  server.on('tlsClientError', (err, secure) => {
    log.debug({ err, source: secure.remoteAddress }, 'a TLS handshake failed');
    secure.destroy();
  });
  server.on('secureConnection', (secure) => void serve(secure));

  function take(socket: Socket, arrival: Arrival): void {
    const key = keyOf(socket);
    arrivals.set(key, { socket, arrival });
    socket.once('close', () => arrivals.delete(key));
    server.emit('connection', socket);
  }

  async function serve(secure: TLSSocket): Promise<void> {
    const under = arrivals.get(keyOf(secure));
    secure.on('error', () => undefined); // its close follows
    if (under === undefined) return void secure.destroy();
    const { socket, arrival } = under;
    const certificate = secure.getPeerX509Certificate();
    const proof = certificate === undefined ? '' : fingerprintOf(certificate);
    const grant = secure.isSessionReused()
      ? undefined
      : named.find((one) => proof !== '' && one.certificate === proof);
    const target = grant === undefined ? undefined : targetAsked(serverNameOf(secure), grant.targets);
    if (grant === undefined || target === undefined) {
      log.info(
        { source: arrival.source, grant: grant?.grant },
        'no open grant, or no target of it, is asked for',
      );
      return void socket.resetAndDestroy();
    }
    if ([...held].filter((one) => one.opening && one.grant === grant.grant).length >= MaxOpening) {
      return void socket.resetAndDestroy();
    }
    arrival.known();
    let data: Socket | undefined;
    const mine: Held = {
      grant: grant.grant,
      opening: true,
      end: () => {
        held.delete(mine);
        data?.destroy();
        socket.resetAndDestroy();
      },
    };
    held.add(mine);
    secure.once('close', mine.end);
    const asks = { carrier: 'tls', grant: grant.grant, target, proof } as const;
    const answer = await engine.call('carrier-open', asks, {
      session: '',
      source: arrival.source,
      attended: true,
    });
    if (!held.has(mine)) return;
    if (!answer.ok) {
      log.info({ source: arrival.source, grant: mine.grant, code: answer.problem.code }, 'no channel');
      return mine.end();
    }
    const opened = await openDataSocket(answer.body, (made) => {
      data = made;
    });
    if (!held.has(mine)) return;
    if (opened === undefined) return mine.end();
    mine.opening = false;
    secure.off('close', mine.end);
    joinHalves(secure, opened, mine.end);
  }

  return {
    take,
    keepOnly: (now) => {
      named = now;
      for (const one of held) {
        if (!now.some(({ grant }) => grant === one.grant)) one.end();
      }
      // A handshake under way belongs to nobody yet; with no grant left it is nobody's.
      if (now.length === 0) for (const { socket } of arrivals.values()) socket.resetAndDestroy();
    },
    show: (identity) => {
      if (identity === undefined) return false;
      if (identity.certificate !== shown?.certificate || identity.authority !== shown.authority) {
        server.setSecureContext({
          cert: identity.certificate,
          key: identity.key,
          ca: identity.authority,
          minVersion: 'TLSv1.3',
          maxVersion: 'TLSv1.3',
          secureOptions: constants.SSL_OP_NO_TICKET,
        });
        shown = identity;
      }
      return true;
    },
  };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Node says false where no name was sent. */
function serverNameOf(secure: TLSSocket): string {
  const { servername } = secure as { readonly servername?: unknown };
  return typeof servername === 'string' ? servername : '';
}

/** SHA-256 of the certificate, as the engine tells it. */
function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
