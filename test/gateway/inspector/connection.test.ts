import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ListenerOptions } from '../../../gateway/inspector/carrier.ts';
import { type Connection, carry, HalfCloseWait, StallLimit } from '../../../gateway/inspector/connection.ts';
import { createStreamLeg } from '../../../gateway/inspector/stream-leg.ts';
import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import type { Inspection } from '../../../rules/modbus/connection/inspection.ts';
import type { Reason } from '../../../rules/reason.ts';
import { type Client, createLoopback, type Loopback, until, watch } from './loopback.ts';

let loopback: Loopback;
beforeEach(() => {
  loopback = createLoopback();
});
afterEach(() => loopback.close());

describe('a connection', () => {
  test('carries bytes both ways and ends when client and then server end', async () => {
    const { client, server, ended } = await join();
    client.socket.write('ask');
    expect(String(await server.read(3))).toBe('ask');
    server.socket.write('answer');
    expect(String(await client.read(6))).toBe('answer');
    client.socket.end();
    await server.ended;
    server.socket.end();
    expect(await client.ended).toBe('end');
    expect(await ended).toBe('client-closed');
  });

  test('brings a client that has ended its side the rest of the answer', async () => {
    const { client, server, ended } = await join();
    client.socket.end('last question');
    await server.ended;
    server.socket.end('late answer');
    expect(String(await client.read(11))).toBe('late answer');
    expect(await client.ended).toBe('end');
    expect(await ended).toBe('client-closed');
  });

  test('ends when the server ends first', async () => {
    const { client, server, ended } = await join();
    server.socket.end('bye');
    expect(String(await client.read(3))).toBe('bye');
    expect(await client.ended).toBe('end');
    client.socket.end();
    expect(await ended).toBe('server-closed');
  });

  test('has nothing to take back once the server has it all, and cannot take back what waits for a server', async () => {
    const { client, server, connection, sockets } = await join();
    client.socket.write('ask');
    await server.read(3);
    expect(connection().withdraw()).toBe(true);
    server.socket.pause();
    client.socket.write(Buffer.alloc(16 * 1024 * 1024));
    await until(() => sockets().server.writableLength > 0);
    expect(connection().withdraw()).toBe(false);
  });

  test('resets a client that goes on sending to a server that has ended', async () => {
    const { client, server, ended } = await join();
    server.socket.end();
    await client.ended;
    client.socket.write('too late');
    expect(await ended).toBe('server-closed');
    // Having seen the end it reads no more: it learns of the reset when it writes again.
    while (!client.socket.destroyed) {
      client.socket.write('again');
      await delay(5);
    }
    expect(client.socket.errored).toMatchObject({ code: 'EPIPE' });
    expect(String(server.received())).toBe('');
  });

  test('sends nothing more to a side it has ended, whatever the inspection wants', async () => {
    let ticks = 0;
    const { client, server, ended } = await join({
      tick: (sink) => {
        ticks += 1;
        sink.toClient(Uint8Array.of(1), 1, 'server');
      },
      nextDeadline: (now) => (ticks < 3 ? now + 10 : undefined),
    });
    server.socket.end();
    await client.ended;
    await until(() => ticks === 3);
    expect(client.socket.destroyed).toBe(false);
    client.socket.end();
    expect(await ended).toBe('server-closed');
  });

  test.for<['client' | 'server', Reason]>([
    ['client', 'client-closed'],
    ['server', 'server-closed'],
  ])('passes a reset by the %s on', async ([side, reason]) => {
    const { client, server, ended } = await join();
    const [one, other] = side === 'client' ? [client, server] : [server, client];
    client.socket.write('x');
    await server.read(1);
    one.socket.resetAndDestroy();
    expect(await other.ended).toBe('ECONNRESET');
    expect(await ended).toBe(reason);
  });

  test('cut, resets both legs', async () => {
    const { client, server, ended, connection } = await join();
    connection().cut('policy-changed');
    expect(await client.ended).toBe('ECONNRESET');
    expect(await server.ended).toBe('ECONNRESET');
    expect(await ended).toBe('policy-changed');
  });

  test('closed, ends both legs in order, also when a peer does not answer the FIN', async () => {
    const { client, server, ended, connection } = await join();
    connection().close('shutdown');
    expect(await client.ended).toBe('end');
    expect(await server.ended).toBe('end');
    expect(await ended).toBe('shutdown');
  });

  test.for<[boolean, string]>([
    [false, 'end'],
    [true, 'ECONNRESET'],
  ])('closed by the inspection (reset %s) after an answer, ends with %s', async ([reset, how]) => {
    const { client, ended } = await join({
      fromClient: (sink) => sink.close('malformed-adu', reset),
    });
    client.socket.write('garbage');
    expect(await client.ended).toBe(how);
    client.socket.end();
    expect(await ended).toBe('malformed-adu');
  });

  test('delivers the answers given before an orderly close', async () => {
    const { client } = await join({
      fromClient: (sink, bytes) => {
        for (let count = 0; count < 5; count++) sink.toClient(bytes, bytes.length, 'server');
        sink.close('malformed-adu', false);
      },
    });
    client.socket.write('no');
    expect(String(await client.read(10))).toBe('nonononono');
    expect(await client.ended).toBe('end');
  });

  test('tells the inspection about an end it did not decide, once', async () => {
    let told = 0;
    const { client, server, ended } = await join({ end: () => (told += 1) });
    client.socket.end();
    await server.ended;
    server.socket.end();
    await ended;
    expect(told).toBe(1);
  });

  test('stops reading while the inspection says so, and goes on when a tick allows it', async () => {
    let reading = true;
    const seen: string[] = [];
    const { client } = await join({
      fromClient: (_sink, bytes) => {
        seen.push(String(bytes));
        reading = false;
      },
      tick: () => {
        reading = true;
      },
      nextDeadline: (now) => (reading ? undefined : now + 50),
      readingClient: () => reading,
    });
    client.socket.write('first');
    await until(() => seen.length === 1);
    client.socket.write('second');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['first', 'second']);
  });
});

describe('what waits in the inspection', () => {
  test('goes on when the inspection asks to be woken, and never from within its own call', async () => {
    let inside = false;
    const { client, server } = await join({
      fromClient: (_sink, _bytes, wake) => {
        inside = true;
        wake();
        wake();
        inside = false;
      },
      resume: (sink) => {
        expect(inside).toBe(false);
        sink.toServer(Uint8Array.of(7), 1);
      },
    });
    client.socket.write('x');
    expect([...(await server.read(1))]).toEqual([7]);
    await delay(20);
    expect([...server.received()]).toEqual([7]);
  });

  test('reaches the server before the end that the client has sent behind it', async () => {
    let waiting: Uint8Array | undefined;
    const { client, server, ended } = await join({
      fromClient: (_sink, bytes) => {
        waiting = Uint8Array.from(bytes);
      },
      tick: (sink) => {
        if (waiting !== undefined) sink.toServer(waiting, waiting.length);
        waiting = undefined;
      },
      nextDeadline: (now) => (waiting === undefined ? undefined : now + 50),
      readingClient: () => waiting === undefined,
    });
    client.socket.end('question');
    expect(String(await server.read(8))).toBe('question');
    await server.ended;
    server.socket.end('answer');
    expect(String(await client.read(6))).toBe('answer');
    expect(await ended).toBe('client-closed');
  });

  test('is not looked at again once the connection was cut', async () => {
    let resumed = 0;
    const { client, server, ended, connection } = await join({
      fromClient: (sink, bytes, wake) => {
        sink.toServer(bytes, bytes.length);
        wake();
        connection().cut('policy-changed');
      },
      resume: () => {
        resumed += 1;
      },
    });
    client.socket.write('x');
    await server.ended;
    expect(await ended).toBe('policy-changed');
    expect(resumed).toBe(0);
  });
});

test('a request in several writes of the sink is one write each, and lent bytes are copied', async () => {
  const lent = Uint8Array.of(1, 2, 3, 4);
  const { client, server } = await join({
    fromClient: (sink) => {
      for (let first = 0; first < 3; first++) {
        lent[0] = first;
        sink.toServer(lent, 3);
      }
      lent.fill(9);
    },
  });
  client.socket.write('x');
  expect([...(await server.read(9))]).toEqual([0, 2, 3, 1, 2, 3, 2, 2, 3]);
});

describe('memory', () => {
  test('stays bounded when the server does not read', async () => {
    const { client, server, sockets } = await join();
    server.socket.pause();
    const sent = flood(client.socket);
    await sent;
    expect(sockets().server.writableLength).toBeLessThan(Bound);
    expect(sockets().client.isPaused()).toBe(true);
    server.socket.resume();
    await until(() => client.socket.writableLength === 0);
  });

  test('stays bounded when the client does not read, and the server is held back', async () => {
    const { client, server, sockets } = await join();
    client.socket.pause();
    await flood(server.socket);
    expect(sockets().client.writableLength).toBeLessThan(Bound);
    expect(sockets().server.isPaused()).toBe(true);
    client.socket.resume();
    await until(() => server.socket.writableLength === 0);
  });

  test('stays bounded when a client floods refused requests and reads no answer', async () => {
    const { client, sockets } = await join({
      fromClient: (sink, bytes) => sink.toClient(bytes, bytes.length, 'server'),
    });
    client.socket.pause();
    await flood(client.socket);
    expect(sockets().client.writableLength).toBeLessThan(Bound);
    expect(sockets().client.isPaused()).toBe(true);
  });
});

describe('patience', () => {
  let elapsed: number;
  beforeEach(() => {
    elapsed = 0;
    // Only what the connection itself waits for; sockets and this test keep the real time.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => vi.useRealTimers());

  test('with a side that takes nothing has an end', async () => {
    const { client, server, ended } = await join({ now: () => elapsed });
    server.socket.pause();
    await flood(client.socket);
    pass(StallLimit - 1);
    expect(client.socket.destroyed).toBe(false);
    pass(1);
    expect(await ended).toBe('not-reading');
  });

  test('with a server that does not end after its client has an end', async () => {
    const { client, server, ended } = await join({ now: () => elapsed });
    client.socket.end();
    await server.ended;
    pass(HalfCloseWait);
    expect(await ended).toBe('client-closed');
    expect(server.socket.readableEnded).toBe(true);
  });

  function pass(milliseconds: number): void {
    elapsed += milliseconds;
    vi.advanceTimersByTime(milliseconds);
  }
});

/** The high-water mark and one chunk as read from the kernel. */
const Bound = 256 * 1024;

interface Behaviour {
  fromClient?: (sink: InspectionSink, bytes: Uint8Array, wake: () => void) => void;
  resume?: (sink: InspectionSink) => void;
  tick?: (sink: InspectionSink) => void;
  nextDeadline?: (now: number) => number | undefined;
  readingClient?: () => boolean;
  end?: () => void;
  now?: () => number;
}

/** A client and a server joined by a connection whose inspection forwards everything, or does as told. */
async function join(behaviour: Behaviour = {}): Promise<{
  client: Client;
  server: Client;
  connection: () => Connection;
  sockets: () => { client: Socket; server: Socket };
  ended: Promise<Reason>;
}> {
  const ended = Promise.withResolvers<Reason>();
  const atServer = Promise.withResolvers<Client>();
  const joined = Promise.withResolvers<{ connection: Connection; client: Socket; server: Socket }>();
  const serverPort = await loopback.listen((socket) => atServer.resolve(watch(socket)));
  const port = await loopback.listen((client) => {
    const server = connect({ host: '127.0.0.1', port: serverPort, allowHalfOpen: true });
    server.once('connect', () => {
      const connection = carry({
        client: createStreamLeg(client),
        server: createStreamLeg(server),
        inspect: (sink, wake) => fakeInspection(behaviour, sink, wake),
        observer: {
          fromClient: () => undefined,
          fromServer: () => undefined,
          decided: () => undefined,
          refused: () => undefined,
          quarantined: () => undefined,
          tolerated: () => undefined,
          forwarded: () => undefined,
          answered: () => undefined,
          ended: ended.resolve,
        },
        now: behaviour.now ?? (() => performance.now()),
      });
      joined.resolve({ connection, client, server });
    });
  }, ListenerOptions);
  const client = await loopback.connect(port);
  const server = await atServer.promise;
  const { connection, ...sockets } = await joined.promise;
  return { client, server, connection: () => connection, sockets: () => sockets, ended: ended.promise };
}

function fakeInspection(behaviour: Behaviour, sink: InspectionSink, wake: () => void): Inspection {
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
    get readingClient() {
      return behaviour.readingClient?.() ?? true;
    },
    adopt: () => undefined,
    end: () => {
      if (!ended) behaviour.end?.();
      ended = true;
    },
  };
}

/** Writes until the kernel takes no more for a while: every buffer on the way is full then. */
async function flood(socket: Socket): Promise<void> {
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
