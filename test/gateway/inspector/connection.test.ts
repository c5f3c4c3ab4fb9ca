import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HalfCloseWait, StallLimit } from '../../../gateway/inspector/connection.ts';
import type { Reason } from '../../../rules/reason.ts';
import { type Ground, openGround, PathNames } from './data-paths.ts';
import { type Behaviour, fakeInspection, flood, type Joined, type JoinOptions, joinOver } from './joined.ts';
import { createLoopback, type Loopback, until } from './loopback.ts';

describe.each(PathNames)('over %s', (name) => {
  let loopback: Loopback;
  let ground: Ground;
  beforeEach(async () => {
    loopback = createLoopback();
    ground = await openGround(name);
  });
  afterEach(() => {
    loopback.close();
    ground.close();
  });

  function join(behaviour: Behaviour = {}, options: JoinOptions = {}): Promise<Joined> {
    const inspect: JoinOptions['inspect'] = (sink, wake) => fakeInspection(behaviour, sink, wake);
    return joinOver(ground, loopback, { inspect, ...options });
  }

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
      const { client, server, connection } = await join();
      client.socket.write('ask');
      await server.read(3);
      expect(connection.withdraw()).toBe(true);
      server.socket.pause();
      client.socket.write(Buffer.alloc(16 * 1024 * 1024));
      await until(() => !connection.withdraw());
      expect(connection.withdraw()).toBe(false);
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
      connection.cut('policy-changed');
      expect(await client.ended).toBe('ECONNRESET');
      expect(await server.ended).toBe('ECONNRESET');
      expect(await ended).toBe('policy-changed');
    });

    test('closed, ends both legs in order, also when a peer does not answer the FIN', async () => {
      const { client, server, ended, connection } = await join();
      connection.close('shutdown');
      expect(await client.ended).toBe('end');
      expect(await server.ended).toBe('end');
      expect(await ended).toBe('shutdown');
    });

    test.for<[boolean, string]>([
      [false, 'end'],
      [true, 'ECONNRESET'],
    ])('closed by the inspection (reset %s) after a request, ends with %s', async ([reset, how]) => {
      const { client, server, ended } = await join({
        fromClient: (sink, bytes) => {
          sink.toServer(bytes, 4);
          sink.close('malformed-adu', reset);
        },
      });
      client.socket.write('good, then garbage');
      expect(String(await server.read(4))).toBe('good');
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
          seen.push(Buffer.from(bytes).toString());
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
          connection.cut('policy-changed');
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
    // A flood that nobody holds back never ends: that it does is the proof, and how much was read says how soon.
    test('stays bounded when the server does not read', async () => {
      const { client, server, legs, read } = await join({}, { sendBuffer: SmallBuffer });
      server.socket.pause();
      await flood(client);
      expect(legs.server.isFull).toBe(true);
      expect(read.fromClient).toBeLessThan(Bound);
      server.socket.resume();
      await until(() => client.socket.writableLength === 0);
      client.socket.end();
      await server.ended;
      expect(server.received().length).toBe(client.socket.bytesWritten);
    });

    test('stays bounded when the client does not read, and the server is held back', async () => {
      const { client, server, legs, read } = await join();
      client.socket.pause();
      await flood(server);
      expect(legs.client.isFull).toBe(true);
      expect(read.fromServer).toBeLessThan(Bound);
      client.socket.resume();
      await until(() => server.socket.writableLength === 0);
      server.socket.end();
      await client.ended;
      expect(client.received().length).toBe(server.socket.bytesWritten);
    });

    test('stays bounded when a client floods refused requests and reads no answer', async () => {
      const { client, legs, read } = await join({
        fromClient: (sink, bytes) => sink.toClient(bytes, bytes.length, 'server'),
      });
      client.socket.pause();
      await flood(client);
      expect(legs.client.isFull).toBe(true);
      expect(read.fromClient).toBeLessThan(Bound);
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
      const { client, server, ended } = await join({}, { now: () => elapsed });
      server.socket.pause();
      await flood(client);
      pass(StallLimit - 1);
      expect(client.socket.destroyed).toBe(false);
      pass(1);
      expect(await ended).toBe('not-reading');
    });

    test('with a server that does not end after its client has an end', async () => {
      const { client, server, ended } = await join({}, { now: () => elapsed });
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
});

/** What the kernel takes on both connections before it takes no more, and then some. */
const Bound = 16 * 1024 * 1024;
const SmallBuffer = 64 * 1024;
