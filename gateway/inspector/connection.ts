import type { Socket } from 'node:net';
import type { Effect, Refusal, TransactionDecided } from '../../rules/modbus/effect.ts';
import type { Inspection } from '../../rules/modbus/inspection.ts';
import type { ModbusProfile } from '../../rules/policy.ts';
import type { Reason } from '../../rules/reason.ts';

/** One inspected connection: two sockets and what decides between them. */
export interface Connection {
  /** A new policy for what comes; the connection stays. */
  readonly adopt: (profile: ModbusProfile, auditUntil: number) => void;
  /** Resets both legs now. Nothing that was read is forwarded any more. */
  readonly cut: (reason: Reason) => void;
  /** Ends both legs in order: FIN after what was already decided, then a bounded wait. */
  readonly close: (reason: Reason) => void;
}

/** Told what happens on a connection, in order; `ended` is the last and comes exactly once. */
export interface ConnectionObserver {
  readonly fromClient: (bytes: number) => void;
  readonly fromServer: (bytes: number) => void;
  readonly decided: (transaction: TransactionDecided) => void;
  readonly refused: (refusal: Refusal) => void;
  /** A request was handed to the kernel; how long that took since its last byte came, milliseconds. */
  readonly forwarded: (milliseconds: number) => void;
  /** The client was handed an answer of the server's. */
  readonly answered: () => void;
  readonly ended: (reason: Reason) => void;
}

export interface ConnectionParts {
  /** Accepted and paused, half-open allowed. */
  readonly client: Socket;
  /** Connected, half-open allowed. */
  readonly server: Socket;
  readonly inspection: Inspection;
  readonly observer: ConnectionObserver;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Sends FIN. The transparent carrier must undo its reset-on-close first. */
  readonly finish: (socket: Socket) => void;
}

/** Milliseconds a peer has to answer our FIN with its own before the socket is destroyed. */
export const CloseWait = 1_000;

/** Milliseconds a server has to send the rest and end, after its client has ended; the reverse as well. */
export const HalfCloseWait = 10_000;

/** Milliseconds one side may take nothing while something waits for it. */
export const StallLimit = 30_000;

/**
 * Carries bytes from each socket into the inspection and its effects back out. Reading from a side stops
 * while the other, or the answers to it, do not drain: memory per connection is a few socket buffers.
 */
export function carry(parts: ConnectionParts): Connection {
  const { client, server, inspection, observer, now, finish } = parts;
  let phase: 'open' | 'ending' | 'ended' = 'open';
  let reason: Reason | undefined;
  let decidedByInspection = false;
  let clientEnded = false;
  let serverEnded = false;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let stalledSince: number | undefined;
  let waitUntil = Number.POSITIVE_INFINITY;

  client.on('data', (chunk: Buffer) => {
    observer.fromClient(chunk.length);
    if (phase !== 'open') return;
    // Nobody could answer after the server's FIN: a reset tells the client so, as the server's own would.
    if (serverEnded) return cut('server-closed');
    perform(inspection.fromClient(chunk, now()));
  });
  server.on('data', (chunk: Buffer) => {
    observer.fromServer(chunk.length);
    if (phase === 'open') perform(inspection.fromServer(chunk, now()));
  });
  client.on('end', () => {
    clientEnded = true;
    passEnd(server, 'client-closed');
  });
  server.on('end', () => {
    serverEnded = true;
    passEnd(client, 'server-closed');
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

  function perform(effects: readonly Effect[]): void {
    // One write for all answers of a chunk: a flood of refused requests must not cost a system call each.
    const corked = effects.length > 2;
    if (corked) client.cork();
    for (const effect of effects) apply(effect);
    if (corked) client.uncork();
    settle();
  }

  function apply(effect: Effect): void {
    switch (effect.kind) {
      case 'to-server':
        if (server.writableEnded) return;
        // One ADU per write: some servers read one ADU per segment and drop the rest.
        server.write(effect.adu);
        observer.forwarded(now() - effect.receivedAt);
        return;
      case 'to-client':
        if (client.writableEnded) return;
        client.write(effect.adu);
        if (effect.by === 'server') observer.answered();
        return;
      case 'transaction':
        observer.decided(effect);
        return;
      case 'refusal':
        observer.refused(effect.refusal);
        return;
      case 'late-response':
        return;
      case 'close':
        decidedByInspection = true;
        if (effect.reset) cut(effect.reason);
        else close(effect.reason);
    }
  }

  /** After every change: who is read from, and when to look again. */
  function settle(): void {
    if (phase !== 'open') return;
    const clientFull = client.writableNeedDrain;
    const serverFull = server.writableNeedDrain;
    const holdClient = clientFull || serverFull || !inspection.readingClient;
    setReading(client, serverEnded || !holdClient);
    setReading(server, !clientFull);
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
    timer = setTimeout(wake, Math.max(0, next - now()));
  }

  function wake(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    if (phase !== 'open') return;
    const time = now();
    if (stalledSince !== undefined && time >= stalledSince + StallLimit) return cut('not-reading');
    if (time >= waitUntil) return cut(reason ?? 'client-closed');
    perform(inspection.tick(time));
  }

  function passEnd(other: Socket, why: Reason): void {
    reason ??= why;
    if (phase !== 'open') return;
    if (!other.writableEnded && !other.destroyed) finish(other);
    waitUntil = now() + HalfCloseWait;
    settle();
  }

  /** One socket closed by itself. In order when both ends were seen; otherwise the other must not live on. */
  function legGone(other: Socket): void {
    if (phase === 'open' && !(clientEnded && serverEnded)) cut(reason ?? 'server-closed');
    else if (other.destroyed) conclude('client-closed');
  }

  function close(why: Reason): void {
    if (phase !== 'open') return;
    reason ??= why;
    phase = 'ending';
    clearTimeout(timer);
    for (const socket of [client, server]) {
      if (!socket.writableEnded && !socket.destroyed) finish(socket);
      // Read on without looking, to see the peer's end.
      socket.resume();
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
    for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  let concluded = false;
  function conclude(fallback: Reason): void {
    if (concluded) return;
    concluded = true;
    phase = 'ended';
    clearTimeout(timer);
    if (!decidedByInspection) inspection.end();
    observer.ended(reason ?? fallback);
  }

  return {
    adopt: (profile, auditUntil) => {
      inspection.adopt(profile, auditUntil);
      settle();
    },
    cut,
    close,
  };
}

function setReading(socket: Socket, on: boolean): void {
  if (on === !socket.isPaused()) return;
  if (on) socket.resume();
  else socket.pause();
}
