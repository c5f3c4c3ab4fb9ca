import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ListenerOptions } from '../../../gateway/inspector/carrier.ts';
import { type Connection, carry, HalfCloseWait, StallLimit } from '../../../gateway/inspector/connection.ts';
import type { Effect } from '../../../rules/modbus/effect.ts';
import type { Inspection } from '../../../rules/modbus/inspection.ts';
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
      tick: (now) => {
        ticks += 1;
        return [{ kind: 'to-client', adu: Uint8Array.of(1), by: 'server', receivedAt: now }];
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
      fromClient: () => [{ kind: 'close', reason: 'malformed-adu', reset }],
    });
    client.socket.write('garbage');
    expect(await client.ended).toBe(how);
    client.socket.end();
    expect(await ended).toBe('malformed-adu');
  });

  test('delivers the answers given before an orderly close', async () => {
    const { client } = await join({
      fromClient: (bytes, now) => [
        ...Array.from(
          { length: 5 },
          () => ({ kind: 'to-client', adu: bytes, by: 'server', receivedAt: now }) as const,
        ),
        { kind: 'close', reason: 'malformed-adu', reset: false },
      ],
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
      fromClient: (bytes) => {
        seen.push(String(bytes));
        reading = false;
        return [];
      },
      tick: () => {
        reading = true;
        return [];
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
      fromClient: (bytes, now) => [
        { kind: 'to-client', adu: Uint8Array.from(bytes), by: 'server', receivedAt: now },
      ],
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
  fromClient?: (bytes: Uint8Array, now: number) => readonly Effect[];
  tick?: (now: number) => readonly Effect[];
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
        client,
        server,
        inspection: fakeInspection(behaviour),
        observer: {
          fromClient: () => undefined,
          fromServer: () => undefined,
          decided: () => undefined,
          refused: () => undefined,
          forwarded: () => undefined,
          answered: () => undefined,
          ended: ended.resolve,
        },
        now: behaviour.now ?? (() => performance.now()),
        finish: (socket) => socket.end(),
      });
      joined.resolve({ connection, client, server });
    });
  }, ListenerOptions);
  const client = await loopback.connect(port);
  const server = await atServer.promise;
  const { connection, ...sockets } = await joined.promise;
  return { client, server, connection: () => connection, sockets: () => sockets, ended: ended.promise };
}

function fakeInspection(behaviour: Behaviour): Inspection {
  return {
    fromClient:
      behaviour.fromClient ??
      ((bytes, now) => [{ kind: 'to-server', adu: Uint8Array.from(bytes), receivedAt: now }]),
    fromServer: (bytes, now) => [
      { kind: 'to-client', adu: Uint8Array.from(bytes), by: 'server', receivedAt: now },
    ],
    tick: behaviour.tick ?? (() => []),
    nextDeadline: () => behaviour.nextDeadline?.(performance.now()),
    get readingClient() {
      return behaviour.readingClient?.() ?? true;
    },
    adopt: () => undefined,
    end: behaviour.end ?? (() => undefined),
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
