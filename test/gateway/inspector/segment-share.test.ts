import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arrived, sendSome } from '../../../gateway/ffi/stream-socket.ts';
import { createSegmentShare } from '../../../gateway/inspector/segment-share.ts';
import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import { type Ground, openGround } from './data-paths.ts';
import { fakeInspection, joinOver } from './joined.ts';
import { createLoopback, type Loopback } from './loopback.ts';

test('no segment ever holds more requests than one of the client’s did', () => {
  const chunk = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(chunk, { minLength: 1, maxLength: 20 }), (chunks) => {
      let unseen = 0;
      let most = 0;
      const share = createSegmentShare(() => {
        const count = unseen;
        unseen = 0;
        return count;
      });
      for (const segments of chunks) {
        unseen += segments.length;
        most = Math.max(most, ...segments);
        const adus = segments.reduce((sum, one) => sum + one, 0);
        for (let count = 0; count < adus; count++) share.adu();
        expect(share.pieces(adus)).toBeLessThanOrEqual(most);
      }
    }),
  );
});

test('where nobody can count them each request goes by itself', () => {
  const share = createSegmentShare(() => 0);
  for (let count = 0; count < 32; count++) share.adu();
  expect(share.pieces(32)).toBe(1);
});

describe('requests over descriptors', () => {
  let ground: Ground;
  let loopback: Loopback;
  beforeEach(async () => {
    ground = await openGround('epoll');
    loopback = createLoopback();
  });
  afterEach(() => {
    ground.close();
    loopback.close();
  });

  test.for<[string, number[], number]>([
    ['that came in one segment leave in one', [8], 1],
    ['that came in two leave in two', [4, 4], 2],
    ['that came one by one leave one by one, though they were read together', [1, 1, 1, 1, 1, 1, 1, 1], 8],
  ])('%s', async ([, pieces, segments]) => {
    const { client, server } = await joinOver(ground, loopback, {
      inspect: (sink) => fakeInspection({ fromClient: inTwelves }, sink, () => undefined),
    });
    client.socket.setNoDelay(true);
    // All of it before the gateway, which is in this process, has a turn.
    for (const count of pieces) ask(client.socket, count);
    await server.read(96);
    expect(arrived(descriptorOf(server.socket)).segments).toBe(segments);
  });

  test('that came one by one leave so, also where more come while the first are looked at', async () => {
    const more = [4, 1];
    const { client, server } = await joinOver(ground, loopback, {
      inspect: (sink) => {
        const fromClient = (to: InspectionSink, bytes: Uint8Array): void => {
          // Counted with these, and read after them.
          for (let count = more.shift() ?? 0; count > 0; count -= 1) ask(client.socket, 1);
          inTwelves(to, bytes);
        };
        return fakeInspection({ fromClient }, sink, () => undefined);
      },
    });
    client.socket.setNoDelay(true);
    for (let count = 0; count < 2; count++) ask(client.socket, 1);
    await server.read(84);
    expect(arrived(descriptorOf(server.socket)).segments).toBe(7);
  });

  test('that wait for a place do not make others leave together', async () => {
    const waiting: Uint8Array[] = [];
    const { client, server } = await joinOver(ground, loopback, {
      inspect: (sink, wake) =>
        fakeInspection(
          {
            fromClient: (to, bytes) => {
              if (bytes.length <= 24) return inTwelves(to, bytes);
              inTwelves(to, bytes.subarray(0, 24));
              waiting.push(bytes.slice(24));
              wake();
            },
            resume: (to) => inTwelves(to, waiting.pop() ?? new Uint8Array(0)),
          },
          sink,
          wake,
        ),
    });
    client.socket.setNoDelay(true);
    for (let count = 0; count < 5; count++) ask(client.socket, 1);
    await server.read(60);
    for (let count = 0; count < 2; count++) ask(client.socket, 1);
    await server.read(84);
    expect(arrived(descriptorOf(server.socket)).segments).toBe(7);
  });

  test('without an answer leave one by one, also with an exception in between', async () => {
    const { client, server } = await joinOver(ground, loopback, {
      inspect: (sink) => {
        const fromClient = (to: InspectionSink, bytes: Uint8Array): void => {
          inTwelves(to, bytes.subarray(0, 24));
          to.decided(6, 1, 'refuse', 'fc-not-allowed', -1);
          to.toClient(new Uint8Array(9), 9, 'gateway');
        };
        return fakeInspection({ fromClient }, sink, () => undefined);
      },
    });
    client.socket.setNoDelay(true);
    for (let count = 0; count < 3; count++) ask(client.socket, 1);
    await server.read(24);
    await client.read(9);
    expect(arrived(descriptorOf(server.socket)).segments).toBe(2);
  });
});

function ask(client: Socket, count: number): void {
  sendSome(descriptorOf(client), new Uint8Array(12 * count), 12 * count);
}

/** Takes each twelve bytes for a request that is permitted. */
function inTwelves(sink: InspectionSink, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 12) {
    sink.decided(3, 1, 'allow', undefined, 0);
    sink.toServer(bytes.subarray(at, at + 12), 12);
  }
}

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}
