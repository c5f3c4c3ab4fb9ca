import type { Duplex } from 'node:stream';
import type { InspectionSink, Outcome, Refusal } from '../../rules/modbus/connection/effect.ts';
import type { Inspection, InspectionTerms } from '../../rules/modbus/connection/inspection.ts';
import type { Reason } from '../../rules/reason.ts';

/** One inspected connection: two legs and what decides between them. */
export interface Connection {
  /** New terms for what comes; the connection stays. */
  readonly adopt: (terms: InspectionTerms) => void;
  /** Takes back requests that were decided and not sent yet; false where some cannot be had back. */
  readonly withdraw: () => boolean;
  /** Resets both legs now. Nothing that was read is forwarded any more. */
  readonly cut: (reason: Reason) => void;
  /** Ends both legs in order: FIN after what was already decided, then a bounded wait. */
  readonly close: (reason: Reason) => void;
}

/** Told what happens on a connection, in order; `ended` is the last and comes exactly once. */
export interface ConnectionObserver {
  readonly fromClient: (bytes: number) => void;
  readonly fromServer: (bytes: number) => void;
  /** `permission` is the index of the one that allowed it or came closest, or -1. */
  readonly decided: (functionCode: number, outcome: Outcome, permission: number) => void;
  readonly refused: (refusal: Refusal) => void;
  readonly quarantined: (refusal: Refusal) => void;
  readonly tolerated: InspectionSink['tolerated'];
  /**
   * A request was handed to the kernel; how long that took since its last byte came, milliseconds. Not told
   * of one that had to wait for a place: that time is the limit's and not this gateway's.
   */
  readonly forwarded: (milliseconds: number) => void;
  /** The client was handed this answer of the server's; the bytes are lent. */
  readonly answered: (adu: Uint8Array) => void;
  readonly forwarding?: NonNullable<InspectionSink['forwarding']>;
  readonly concluded?: NonNullable<InspectionSink['concluded']>;
  readonly ended: (reason: Reason) => void;
}

/** A TCP socket, or what stands for one. */
export interface Leg extends Duplex {
  resetAndDestroy(): unknown;
  /** Takes back what was written and is not sent yet, where that is possible. */
  withdraw?(): void;
}

export interface ConnectionParts<Client extends Leg = Leg, Server extends Leg = Leg> {
  /** Accepted and paused, half-open allowed. */
  readonly client: Client;
  /** Connected, half-open allowed. */
  readonly server: Server;
  /** Makes the inspection of this connection. `wake` may be called whenever no call of it is under way. */
  readonly inspect: (sink: InspectionSink, wake: () => void) => Inspection;
  readonly observer: ConnectionObserver;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Sends FIN. The transparent carrier must undo its reset-on-close first. */
  readonly finish: (leg: Client | Server) => void;
}

/** Milliseconds a peer has to answer our FIN with its own before the leg is destroyed. */
export const CloseWait = 1_000;

/** Milliseconds a server has to send the rest and end, after its client has ended; the reverse as well. */
export const HalfCloseWait = 10_000;

/** Milliseconds one side may take nothing while something waits for it. */
export const StallLimit = 30_000;

/**
 * Carries bytes from each leg into the inspection and what it wants back out. Reading from a side stops
 * while the other, or the answers to it, do not drain: memory per connection is a few socket buffers.
 */
export function carry<Client extends Leg, Server extends Leg>(
  parts: ConnectionParts<Client, Server>,
): Connection {
  const { client, server, observer, now, finish } = parts;
  const inspection = parts.inspect({ ...observer, toServer, toClient, decided, close: closeAsTold }, wake);
  let phase: 'open' | 'ending' | 'ended' = 'open';
  let reason: Reason | undefined;
  let clientEnded = false;
  let serverEnded = false;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let stalledSince: number | undefined;
  let waitUntil = Number.POSITIVE_INFINITY;
  /** When the chunk came that is looked at now; `undefined` while it is something else. */
  let receivedAt: number | undefined;
  let answersNow = 0;
  let isWoken = false;

  client.on('data', (chunk: Buffer) => {
    observer.fromClient(chunk.length);
    if (phase !== 'open') return;
    // Nobody could answer after the server's FIN: a reset tells the client so, as the server's own would.
    if (serverEnded) return cut('server-closed');
    receivedAt = now();
    inspection.fromClient(chunk, Math.floor(receivedAt));
    receivedAt = undefined;
    afterCall();
  });
  server.on('data', (chunk: Buffer) => {
    observer.fromServer(chunk.length);
    if (phase !== 'open') return;
    inspection.fromServer(chunk, moment());
    afterCall();
  });
  client.on('end', () => {
    clientEnded = true;
    passEnd('client-closed');
  });
  server.on('end', () => {
    serverEnded = true;
    if (phase === 'open' && !client.writableEnded && !client.destroyed) finish(client);
    passEnd('server-closed');
  });
  client.on('drain', settle);
  server.on('drain', settle);
  client.on('error', () => cut('client-closed'));
  server.on('error', () => cut('server-closed'));
  client.on('close', () => (server.destroyed ? conclude('client-closed') : legGone(server)));
  server.on('close', () => (client.destroyed ? conclude('server-closed') : legGone(client)));
  client.resume();
  server.resume();
  settle();

  function toServer(bytes: Uint8Array, length: number): void {
    if (server.writableEnded) return;
    // One ADU per write: some servers read one ADU per segment and drop the rest. The bytes are lent.
    server.write(Buffer.from(bytes.subarray(0, length)));
    if (receivedAt !== undefined) observer.forwarded(now() - receivedAt);
  }

  function toClient(bytes: Uint8Array, length: number, by: 'server' | 'gateway'): void {
    if (client.writableEnded) return;
    // One write for all answers of a chunk: a flood of refused requests must not cost a system call each.
    if (answersNow === 1) client.cork();
    answersNow += 1;
    client.write(Buffer.from(bytes.subarray(0, length)));
    if (by === 'server') observer.answered(bytes);
  }

  function decided(
    functionCode: number,
    _unit: number,
    outcome: Outcome,
    _reason: Reason | undefined,
    permission: number,
  ): void {
    observer.decided(functionCode, outcome, permission);
  }

  function closeAsTold(why: Reason, reset: boolean): void {
    if (reset) return cut(why);
    uncork();
    close(why);
  }

  /** In whole milliseconds, which an inspection keeps without an allocation. */
  function moment(): number {
    return Math.floor(now());
  }

  function afterCall(): void {
    uncork();
    settle();
  }

  function uncork(): void {
    if (answersNow > 1) client.uncork();
    answersNow = 0;
  }

  function wake(): void {
    if (isWoken) return;
    isWoken = true;
    setImmediate(() => {
      isWoken = false;
      if (phase !== 'open') return;
      inspection.resume(moment());
      afterCall();
    });
  }

  /** After every change: who is read from, and when to look again. */
  function settle(): void {
    if (phase !== 'open') return;
    const clientFull = client.writableNeedDrain;
    const serverFull = server.writableNeedDrain;
    const holdClient = clientFull || serverFull || !inspection.readingClient;
    setReading(client, serverEnded || !holdClient);
    setReading(server, !clientFull);
    // What the client sent before its end and still waits for a place goes first.
    if (clientEnded && inspection.readingClient && !server.writableEnded && !server.destroyed) finish(server);
    if (!clientFull && !serverFull) stalledSince = undefined;
    else stalledSince ??= now();
    arm();
  }

  function arm(): void {
    const stall = stalledSince === undefined ? Number.POSITIVE_INFINITY : stalledSince + StallLimit;
    const next = Math.min(inspection.nextDeadline() ?? Number.POSITIVE_INFINITY, stall, waitUntil);
    // An armed timer that is early enough stays: a request must not cost a timer.
    if (next === Number.POSITIVE_INFINITY || next >= timerAt) return;
    clearTimeout(timer);
    timerAt = next;
    timer = setTimeout(onTimer, Math.max(0, next - now()));
  }

  function onTimer(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    if (phase !== 'open') return;
    const time = now();
    if (stalledSince !== undefined && time >= stalledSince + StallLimit) return cut('not-reading');
    if (time >= waitUntil) return cut(reason ?? 'client-closed');
    inspection.tick(Math.floor(time));
    afterCall();
  }

  function passEnd(why: Reason): void {
    reason ??= why;
    if (phase !== 'open') return;
    waitUntil = now() + HalfCloseWait;
    settle();
  }

  /** One socket closed by itself. In order when both ends were seen; otherwise the other must not live on. */
  function legGone(other: Leg): void {
    if (phase === 'open' && !(clientEnded && serverEnded)) cut(reason ?? 'server-closed');
    else if (other.destroyed) conclude('client-closed');
  }

  function close(why: Reason): void {
    if (phase !== 'open') return;
    reason ??= why;
    phase = 'ending';
    clearTimeout(timer);
    inspection.end();
    for (const leg of [client, server]) {
      if (!leg.writableEnded && !leg.destroyed) finish(leg);
      // Read on without looking, to see the peer's end.
      leg.resume();
    }
    timer = setTimeout(() => {
      client.destroy();
      server.destroy();
    }, CloseWait);
  }

  function cut(why: Reason): void {
    if (phase === 'ended') return;
    reason ??= why;
    phase = 'ended';
    clearTimeout(timer);
    inspection.end();
    for (const leg of [client, server]) if (!leg.destroyed) leg.resetAndDestroy();
  }

  let concluded = false;
  function conclude(fallback: Reason): void {
    if (concluded) return;
    concluded = true;
    phase = 'ended';
    clearTimeout(timer);
    inspection.end();
    observer.ended(reason ?? fallback);
  }

  return {
    adopt: (terms) => {
      if (phase !== 'open') return;
      inspection.adopt(terms, moment());
      afterCall();
    },
    withdraw: () => {
      server.withdraw?.();
      return server.writableLength === 0;
    },
    cut,
    close,
  };
}

function setReading(leg: Leg, on: boolean): void {
  if (on === !leg.isPaused()) return;
  if (on) leg.resume();
  else leg.pause();
}
