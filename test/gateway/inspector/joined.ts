import { setTimeout as delay } from 'node:timers/promises';
import {
  type Connection,
  type ConnectionObserver,
  type ConnectionParts,
  carry,
} from '../../../gateway/inspector/connection.ts';
import type { Leg } from '../../../gateway/inspector/leg.ts';
import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import type { Inspection } from '../../../rules/modbus/connection/inspection.ts';
import type { Reason } from '../../../rules/reason.ts';
import type { ConnectOptions, Ground } from './data-paths.ts';
import { type Client, type Loopback, watch } from './loopback.ts';

/** A client and a server joined by a connection. */
export interface Joined {
  readonly client: Client;
  readonly server: Client;
  readonly connection: Connection;
  /** The ends of the connection that face them. */
  readonly legs: { readonly client: Leg; readonly server: Leg };
  /** Bytes that were read from each so far. */
  readonly read: { fromClient: number; fromServer: number };
  readonly ended: Promise<Reason>;
}

export interface JoinOptions extends ConnectOptions {
  readonly inspect?: ConnectionParts['inspect'];
  readonly observer?: Partial<ConnectionObserver>;
  readonly now?: () => number;
}

/** Joins them over a data path; without an inspection everything is forwarded. */
export async function joinOver(
  ground: Ground,
  loopback: Loopback,
  options: JoinOptions = {},
): Promise<Joined> {
  const ended = Promise.withResolvers<Reason>();
  const atServer = Promise.withResolvers<Client>();
  const joined = Promise.withResolvers<{ connection: Connection; legs: Joined['legs'] }>();
  const read = { fromClient: 0, fromServer: 0 };
  const { inspect = (sink) => fakeInspection({}, sink, () => undefined), observer, now } = options;
  const serverPort = await loopback.listen((socket) => atServer.resolve(watch(socket)));
  const port = await ground.listen(({ leg }) => void lead(leg).catch(joined.reject));

  async function lead(leg: Leg): Promise<void> {
    const legs = { client: leg, server: await ground.connect(serverPort, options) };
    const connection = carry({
      ...legs,
      inspect,
      observer: {
        decided: () => undefined,
        refused: () => undefined,
        quarantined: () => undefined,
        tolerated: () => undefined,
        forwarded: () => undefined,
        answered: () => undefined,
        ...observer,
        fromClient: (bytes) => {
          read.fromClient += bytes;
        },
        fromServer: (bytes) => {
          read.fromServer += bytes;
        },
        ended: ended.resolve,
      },
      now: now ?? (() => performance.now()),
    });
    joined.resolve({ connection, legs });
  }

  const client = await loopback.connect(port);
  const server = await atServer.promise;
  return { client, server, read, ...(await joined.promise), ended: ended.promise };
}

/** What a fake inspection does otherwise than forward everything. */
export interface Behaviour {
  fromClient?: (sink: InspectionSink, bytes: Uint8Array, wake: () => void) => void;
  resume?: (sink: InspectionSink) => void;
  tick?: (sink: InspectionSink) => void;
  nextDeadline?: (now: number) => number | undefined;
  readingClient?: () => boolean;
  end?: () => void;
}

export function fakeInspection(behaviour: Behaviour, sink: InspectionSink, wake: () => void): Inspection {
  let ended = false;
  return {
    fromClient: (bytes) =>
      behaviour.fromClient === undefined
        ? sink.toServer(bytes, bytes.length)
        : behaviour.fromClient(sink, bytes, wake),
    fromServer: (bytes) => sink.toClient(bytes, bytes.length, 'server'),
    resume: () => behaviour.resume?.(sink),
    tick: () => behaviour.tick?.(sink),
    nextDeadline: () => behaviour.nextDeadline?.(performance.now()),
    readingClient: () => behaviour.readingClient?.() ?? true,
    adopt: () => undefined,
    end: () => {
      if (!ended) behaviour.end?.();
      ended = true;
    },
  };
}

/** Writes until the kernel takes no more for a while: every buffer on the way is full then. */
export async function flood({ socket }: Client): Promise<void> {
  const block = Buffer.alloc(64 * 1024);
  let quietRounds = 0;
  let last = -1;
  while (quietRounds < 20) {
    if (socket.writableLength === 0) socket.write(block);
    await delay(10);
    const written = socket.bytesWritten - socket.writableLength;
    quietRounds = written === last ? quietRounds + 1 : 0;
    last = written;
  }
}
