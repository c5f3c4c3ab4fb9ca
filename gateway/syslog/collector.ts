import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { restartDelay } from '../run/back-off.ts';
import { formatMessage, frameMessage, isTold, type Sender } from './message.ts';
import type { RecordSink } from './record-sink.ts';

/** A syslog collector over TLS, RFC 5425. */
export interface CollectorOptions {
  readonly address: string;
  readonly port: number;
  /** Name its certificate must bear. */
  readonly name: string;
  /** PEM texts: the authority of its certificate, and what we show ourselves by where it asks. */
  readonly authority: string;
  readonly identity: { readonly certificate: string; readonly key: string } | undefined;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Collector extends RecordSink {
  readonly close: () => Promise<void>;
}

/** A record that may still have to be sent, again or at all. */
interface Item {
  readonly sequence: number;
  readonly frame: Buffer;
  /** Monotonic time at which it was written to the connection there is. */
  sentAt: number | undefined;
}

/**
 * Sends each record that is told, and waits for the collector while it is away. Syslog has no answer, so a record
 * counts as delivered when its connection has lived on for {@link SettleTime}; what was sent shortly before a
 * connection broke is sent again.
 */
export function createCollector(options: CollectorOptions, from: number): Collector {
  const { clock, log, sender, address, port } = options;
  const collector = `${address}:${port}`;
  let items: Item[] = [];
  let next = from;
  let socket: TLSSocket | undefined;
  let closed = false;
  let wake = Promise.withResolvers<void>();

  const pumping = pump();

  async function pump(): Promise<void> {
    for (let failures = 0; !closed; ) {
      if (failures > 0) await Promise.race([pause(restartDelay(failures + 1)), wake.promise]);
      const open = await dial();
      if (open === undefined) {
        failures += 1;
        continue;
      }
      failures = 0;
      for (const item of items) item.sentAt = undefined;
      await sendWhileOpen(open);
      if (!closed) log.warn({ collector }, 'the syslog collector is gone; what is recorded waits for it');
    }
  }

  async function sendWhileOpen(open: TLSSocket): Promise<void> {
    const gone = open.closed ? Promise.resolve() : once(open, 'close');
    while (!open.destroyed && !closed) {
      const item = items.find(({ sentAt }) => sentAt === undefined);
      if (item === undefined) {
        await Promise.race([wake.promise, gone]);
      } else {
        item.sentAt = clock.monotonic();
        if (!open.write(item.frame)) await Promise.race([once(open, 'drain'), gone]);
      }
      wake = Promise.withResolvers();
    }
    open.end();
    await Promise.race([gone, pause(CloseTime)]);
    open.destroy();
    socket = undefined;
  }

  async function dial(): Promise<TLSSocket | undefined> {
    if (closed) return undefined;
    const { name, authority, identity } = options;
    const shown = identity === undefined ? {} : { cert: identity.certificate, key: identity.key };
    const to = { host: address, port, servername: name, ca: authority };
    const open = connect({ ...to, ...shown, minVersion: 'TLSv1.2', timeout: DialTime });
    open.on('error', ({ message }) =>
      log.warn({ collector, problem: message }, 'the syslog collector is not reached'),
    );
    open.once('timeout', () => open.destroy(new Error('no answer in time')));
    // A collector says nothing; what it says all the same is not kept.
    open.resume();
    socket = open;
    const reached = await new Promise<boolean>((resolve) => {
      open.once('secureConnect', () => resolve(true));
      open.once('close', () => resolve(false));
    });
    if (!reached) return undefined;
    open.setTimeout(0);
    open.setKeepAlive(true, KeepAlive);
    log.info({ collector }, 'the syslog collector is reached');
    return open;
  }

  function settle(): void {
    const before = clock.monotonic() - SettleTime;
    const waiting = items.findIndex(({ sentAt }) => sentAt === undefined || sentAt > before);
    // On a connection that is gone nothing settles any more.
    if (socket?.destroyed !== false) return;
    items = items.slice(waiting < 0 ? items.length : waiting);
  }

  return {
    take: async (sequence, record) => {
      next = sequence + 1;
      if (isTold(record)) {
        const frame = frameMessage(formatMessage(sequence, record, sender));
        items.push({ sequence, frame, sentAt: undefined });
        wake.resolve();
      }
      settle();
      while (items.length >= MostItems && !closed) {
        await pause(SettleTime / 10);
        settle();
      }
    },
    delivered: () => {
      settle();
      return items[0]?.sequence ?? next;
    },
    close: async () => {
      closed = true;
      wake.resolve();
      if (socket?.connecting === true) socket.destroy();
      await pumping;
    },
  };
}

/** A connection that lives on so long after a message has most likely delivered it. Milliseconds. */
export const SettleTime = 2_000;

/** Records in hand at one time; what follows waits in the log. */
const MostItems = 1_024;

const DialTime = 10_000;
const CloseTime = 1_000;
const KeepAlive = 30_000;
