import type { Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import type { CarriersNow } from '../../ipc/carriers-body.ts';
import type { Carrier, CarrierOptions, NamedGrant } from './carriers.ts';
import { openDataSocket } from './data-socket.ts';
import type { Arrival } from './entrance.ts';
import { joinForward } from './join-forward.ts';
import { sshServerOptions } from './ssh-options.ts';
import type { SshPerson } from './ssh-person.ts';
import { signInOver } from './ssh-sign-in.ts';
import { findForward } from './ssh-target.ts';

/** Milliseconds a client has until the keys are agreed. */
const HandshakeTime = 10_000;

/** Milliseconds a person has for password and code. */
const SignInTime = 120_000;

/** Milliseconds between two looks whether the sign-in still holds. */
const LookAgain = 1_000;

/** Forwards one connection may have open or ask for at once; each may hold 2 MiB in either direction. */
const MaxForwards = 16;

/** Bytes a client may send above the window it was given (RFC 4254 §5.2) before it is thrown out: ssh2 keeps them. */
const MaxUnread = 4 * 1024 * 1024;

/** A connection from its first byte on. */
interface Held {
  readonly socket: Socket;
  readonly arrival: Arrival;
  /** Grants whose bytes it carries or is about to: it ends with the first of them. */
  readonly used: Set<string>;
  /** Grants that were open for its person when it last asked; undefined while nobody is signed in. */
  known: ReadonlySet<string> | undefined;
  readonly forwards: Set<ServerChannel>;
  /** Data sockets, from before they are open. */
  readonly data: Set<Socket>;
  asking: number;
  patience: NodeJS.Timeout | undefined;
}

/**
 * The SSH carrier: `ssh -L` and nothing else. Keyboard-interactive with password and code, which is a sign-in like
 * any other; only `direct-tcpip`, only to targets of the person's open grants. No shell, command, subsystem, agent,
 * X11, remote forward or environment: nobody listens for those, and ssh2 refuses what nobody listens for. A forward
 * is looked at when it is asked for, and refused or opened then; none waits for an approval
 * (62443-3-3 SR 1.1, SR 1.13, SR 2.6).
 */
export function createSshCarrier({ engine, log }: CarrierOptions): Carrier & {
  /** Takes the host key; false while there is none. */
  readonly show: (identity: CarriersNow['ssh']) => boolean;
} {
  const held = new Set<Held>();
  let named: readonly NamedGrant[] = [];
  let shown = '';
  let server: ssh2.Server | undefined;

  function take(socket: Socket, arrival: Arrival): void {
    if (server === undefined) return void socket.resetAndDestroy();
    const one: Held = {
      socket,
      arrival,
      used: new Set(),
      known: undefined,
      forwards: new Set(),
      data: new Set(),
      asking: 0,
      patience: undefined,
    };
    held.add(one);
    setPatience(one, HandshakeTime);
    socket.once('close', () => {
      clearTimeout(one.patience);
      held.delete(one);
      for (const data of one.data) data.destroy();
    });
    server.injectSocket(socket);
    socket.on('data', () => {
      if ([...one.forwards].some(({ readableLength }) => readableLength > MaxUnread))
        socket.resetAndDestroy();
    });
  }

  function meet(client: Connection, place: { readonly ip: string; readonly port: number }): void {
    const one = [...held].find(({ socket }) => isOf(socket, place));
    client.on('error', (err) => log.debug({ err, source: one?.arrival.source }, 'an SSH connection broke'));
    if (one === undefined) return void client.end();
    client.once('handshake', () => setPatience(one, SignInTime));
    signInOver({
      engine,
      client,
      source: one.arrival.source,
      onEnd: () => client.end(),
      onSignedIn: (person, open) => {
        clearTimeout(one.patience);
        one.arrival.known();
        one.known = open;
        stay(one, client, person);
      },
    });
  }

  function stay(one: Held, client: Connection, person: SshPerson): void {
    const look = setInterval(() => {
      void person.holds().then((holds) => {
        if (!holds) one.socket.resetAndDestroy();
      });
    }, LookAgain);
    one.socket.once('close', () => clearInterval(look));
    if (one.socket.destroyed) return clearInterval(look);
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (one.asking + one.forwards.size >= MaxForwards) return reject();
      one.asking += 1;
      void openForward(one, person, destIP, destPort).then((data) => {
        one.asking -= 1;
        if (data === undefined) return reject();
        const channel = accept();
        one.forwards.add(channel);
        joinForward(channel, data, one.socket, () => one.forwards.delete(channel));
      });
    });
  }

  /** The data socket of a forward that may be, or nothing. */
  async function openForward(
    one: Held,
    person: SshPerson,
    host: string,
    port: number,
  ): Promise<Socket | undefined> {
    const open = await person.open();
    one.known = new Set(open.map(({ grant }) => grant));
    const found = findForward(open, host, port);
    if (found === undefined || !isNamed(found.grant) || one.socket.destroyed) {
      log.info({ source: one.arrival.source, person: person.name }, 'a forward to what is not granted now');
      return undefined;
    }
    // From here on the connection ends with this grant, also while it still waits.
    one.used.add(found.grant);
    const offer = await person.openChannel(found);
    if (offer === undefined || one.socket.destroyed) return undefined;
    return openDataSocket(offer, (made) => {
      one.data.add(made);
      made.once('close', () => one.data.delete(made));
    });
  }

  function isNamed(grant: string): boolean {
    return named.some((one) => one.grant === grant);
  }

  function hasEnded({ used, known }: Held): boolean {
    if (named.length === 0 || [...used].some((grant) => !isNamed(grant))) return true;
    return known !== undefined && ![...known].some(isNamed);
  }

  return {
    take,
    keepOnly: (now) => {
      named = now;
      for (const one of held) {
        if (!hasEnded(one)) continue;
        for (const data of one.data) data.destroy();
        one.socket.resetAndDestroy();
      }
    },
    show: (identity) => {
      if (identity === undefined) return false;
      if (identity.key !== shown) {
        server = new ssh2.Server(sshServerOptions(identity.key));
        server.on('connection', meet);
        shown = identity.key;
      }
      return true;
    },
  };
}

function setPatience(one: Held, patience: number): void {
  clearTimeout(one.patience);
  one.patience = setTimeout(() => one.socket.resetAndDestroy(), patience);
}

function isOf(socket: Socket, { ip, port }: { readonly ip: string; readonly port: number }): boolean {
  return socket.remoteAddress === ip && socket.remotePort === port;
}
