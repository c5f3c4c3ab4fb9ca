import type { InspectionSink, Outcome, Refusal } from '../../rules/modbus/connection/effect.ts';
import type { Inspection, InspectionTerms } from '../../rules/modbus/connection/inspection.ts';
import type { Reason } from '../../rules/reason.ts';
import { Asking } from './asking.ts';
import type { Leg } from './leg.ts';

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

export interface ConnectionParts {
  /** Connected and not read from yet. */
  readonly client: Leg;
  readonly server: Leg;
  /** Makes the inspection of this connection. `wake` may be called whenever no call of it is under way. */
  readonly inspect: (sink: InspectionSink, wake: () => void) => Inspection;
  readonly observer: ConnectionObserver;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
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
export function carry(parts: ConnectionParts): Connection {
  const { client, server, observer, now } = parts;
  const inspection = parts.inspect({ ...observer, toServer, toClient, decided, close: closeAsTold }, wake);
  let phase: 'open' | 'ending' | 'ended' = 'open';
  let reason: Reason | undefined;
  let clientEnded = false;
  let serverEnded = false;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let stalledSince: number | undefined;
  let waitUntil = Number.POSITIVE_INFINITY;
  const asking = new Asking(client, server, now, observer.forwarded);
  let isWoken = false;

  client.follow({
    data: (bytes) => {
      observer.fromClient(bytes.length);
      if (phase !== 'open') return;
      // Nobody could answer after the server's FIN: a reset tells the client so, as the server's own would.
      if (serverEnded) return cut('server-closed');
      const time = now();
      asking.begin(time);
      inspection.fromClient(bytes, Math.floor(time));
      asking.end();
      afterCall();
    },
    end: () => {
      clientEnded = true;
      passEnd('client-closed');
    },
    sent: () => {
      if (client.isFull) settle();
    },
    drained: settle,
    gone: (failed) => {
      if (failed) cut('client-closed');
      if (server.isGone) conclude('client-closed');
      else legGone(server);
    },
  });
  server.follow({
    data: (bytes) => {
      observer.fromServer(bytes.length);
      if (phase !== 'open') return;
      inspection.fromServer(bytes, moment());
      afterCall();
    },
    end: () => {
      serverEnded = true;
      if (phase === 'open') client.finish();
      passEnd('server-closed');
    },
    sent: () => {
      asking.sent();
      if (server.isFull) settle();
    },
    drained: settle,
    gone: (failed) => {
      if (failed) cut('server-closed');
      if (client.isGone) conclude('server-closed');
      else legGone(client);
    },
  });
  client.read(true);
  server.read(true);
  settle();

  function toServer(bytes: Uint8Array, length: number): void {
    if (server.isFinished) return;
    asking.request(bytes, length);
  }

  function toClient(bytes: Uint8Array, length: number, by: 'server' | 'gateway'): void {
    if (client.isFinished) return;
    // Or they would leave in one segment: what one leg has added is not kept apart where another adds.
    asking.flush();
    // All answers of a chunk together: a flood of refused requests must not cost a system call each.
    client.add(bytes, length);
    if (by === 'server') observer.answered(bytes);
  }

  function decided(
    functionCode: number,
    _unit: number,
    outcome: Outcome,
    _reason: Reason | undefined,
    permission: number,
  ): void {
    asking.adu();
    observer.decided(functionCode, outcome, permission);
  }

  function closeAsTold(why: Reason, reset: boolean): void {
    // What was answered before is on record as answered.
    asking.flush();
    client.flush();
    if (reset) cut(why);
    else close(why);
  }

  /** In whole milliseconds, which an inspection keeps without an allocation. */
  function moment(): number {
    return Math.floor(now());
  }

  function afterCall(): void {
    client.flush();
    settle();
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
    const clientFull = client.isFull;
    const serverFull = server.isFull;
    const holdClient = clientFull || serverFull || !inspection.readingClient();
    client.read(serverEnded || !holdClient);
    server.read(!clientFull);
    // What the client sent before its end and still waits for a place goes first.
    if (clientEnded && inspection.readingClient()) server.finish();
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
    else if (other.isGone) conclude('client-closed');
  }

  function close(why: Reason): void {
    if (phase !== 'open') return;
    reason ??= why;
    phase = 'ending';
    clearTimeout(timer);
    inspection.end();
    for (const leg of [client, server]) {
      leg.finish();
      // Read on without looking, to see the peer's end.
      leg.read(true);
    }
    timer = setTimeout(() => {
      client.drop();
      server.drop();
    }, CloseWait);
  }

  function cut(why: Reason): void {
    if (phase === 'ended') return;
    reason ??= why;
    phase = 'ended';
    clearTimeout(timer);
    inspection.end();
    client.reset();
    server.reset();
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
    withdraw: () => server.withdraw(),
    cut,
    close,
  };
}
