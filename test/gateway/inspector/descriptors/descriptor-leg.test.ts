import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ready } from '../../../../gateway/ffi/epoll.ts';
import { closeDescriptor } from '../../../../gateway/ffi/libc.ts';
import { openPair, receiveInto, sendSome, WouldBlock } from '../../../../gateway/ffi/stream-socket.ts';
import { DescriptorLeg } from '../../../../gateway/inspector/descriptors/descriptor-leg.ts';
import { createEventLoop, type EventLoop } from '../../../../gateway/inspector/descriptors/event-loop.ts';
import { Deaf, type Leg, LegCapacity } from '../../../../gateway/inspector/leg.ts';
import { type Ground, openGround, openSockets } from '../data-paths.ts';
import { flood, joinOver } from '../joined.ts';
import { createLoopback, type Loopback, until, watch } from '../loopback.ts';

/** What only descriptors can get wrong; what they share with streams is in connection.test.ts. */
let loopback: Loopback;
let ground: Ground;
beforeEach(async () => {
  loopback = createLoopback();
  ground = await openGround('epoll');
});
afterEach(() => {
  loopback.close();
  ground.close();
});

describe('a leg whose other end does not read', () => {
  test('sends what waits in order, in whatever pieces the kernel takes it', async () => {
    const { near, far, told } = pair();
    const wanted: number[] = [];
    // More than the kernel takes at once, so that it takes a part of what waits.
    for (let number = 0; wanted.length < 1_000_000; number = (number + 1) % 251) {
      const adu = new Uint8Array(12).fill(number);
      wanted.push(...adu);
      near.send(adu);
      // What was lent may be used again at once.
      adu.fill(0xee);
    }
    const got: number[] = [];
    const buffer = new Uint8Array(100_000);
    await until(() => {
      const count = receiveInto(far, buffer);
      if (count > 0) got.push(...buffer.subarray(0, count));
      return got.length === wanted.length;
    });
    expect(Buffer.from(got).equals(Buffer.from(wanted))).toBe(true);
    expect(told.drained).toBe(1);
    expect(near.isFull).toBe(false);
  });

  test('finished, sends FIN behind all that waits and not before', async () => {
    const { near, far } = pair();
    const block = new Uint8Array(LegCapacity);
    for (let count = 0; count < 8; count++) near.send(block);
    expect(near.isFull).toBe(true);
    near.finish();
    near.send(block);
    let total = 0;
    const buffer = new Uint8Array(LegCapacity);
    await until(() => {
      const count = receiveInto(far, buffer);
      if (count > 0) total += count;
      return count === 0;
    });
    expect(total).toBe(8 * LegCapacity);
  });

  test('reset, forgets what waits', async () => {
    const { near, told } = pair();
    const block = new Uint8Array(LegCapacity);
    while (!near.isFull) near.send(block);
    near.reset();
    expect(near.isGone).toBe(true);
    await until(() => told.gone.length > 0);
    expect(told).toMatchObject({ gone: [false], drained: 0 });
  });
});

describe('a leg that is not read from', () => {
  test.for<[string, (socket: import('node:net').Socket) => void, readonly boolean[]]>([
    ['tells a reset at once', (socket) => void socket.resetAndDestroy(), [true]],
    ['waits with an end', (socket) => void socket.end('last words'), []],
  ])('%s', async ([, act, gone]) => {
    const { leg, socket } = await accepted();
    const told = follow(leg);
    leg.read(true);
    leg.read(false);
    const tellings = count(leg);
    act(socket);
    if (gone.length > 0) await until(() => told.gone.length > 0);
    else await delay(200);
    expect(told.gone).toEqual(gone);
    expect(tellings()).toBeLessThan(5);
    leg.read(true);
    if (gone.length === 0) await until(() => told.ends === 1);
    expect(told.text).toBe(gone.length === 0 ? 'last words' : '');
  });

  test('does not spin when both sides have ended, and brings later what came before', async () => {
    const { leg, socket } = await accepted();
    const told = follow(leg);
    leg.read(true);
    leg.read(false);
    socket.end('last words');
    leg.finish();
    await delay(50);
    const tellings = count(leg);
    await delay(100);
    expect(tellings()).toBeLessThan(5);
    leg.read(true);
    await until(() => told.gone.length > 0);
    expect(told).toMatchObject({ text: 'last words', ends: 1, gone: [false] });
  });
});

describe('a leg that is given up', () => {
  test('while its own bytes wait to be flushed, gives its slot back once', async () => {
    const { near, far, loop } = pair();
    // The other end has ended and then gone: what is flushed meets a broken connection.
    near.read(true);
    const told = follow(near);
    sendSome(far, Uint8Array.of(1), 1);
    closeDescriptor(far);
    await until(() => told.ends === 1);
    near.add(Uint8Array.of(2), 1);
    near.finish();
    await until(() => told.gone.length > 0);
    await delay(20);
    expect(told.gone).toEqual([true]);
    const slots = [0, 1, 2].map(() => {
      const [one, other] = openPair();
      const slot = loop.watch(one, Ready.In, { ready: () => undefined });
      spare.push(one, other);
      return slot;
    });
    await delay(20);
    expect(new Set(slots).size).toBe(3);
  });

  test('tells so to whoever follows it later', async () => {
    const { near } = pair();
    near.reset();
    await delay(10);
    const late = follow(near);
    await until(() => late.gone.length > 0);
    expect(late.gone).toEqual([false]);
  });

  test('is deaf to what is told of it in the same breath', async () => {
    const { near: one, far: oneFar, loop } = pair();
    const { near: other, far: otherFar } = pair(loop);
    const heard: string[] = [];
    one.follow({ ...Deaf, data: () => heard.push('one') && other.reset() });
    other.follow({ ...Deaf, data: () => heard.push('other') && one.reset() });
    one.read(true);
    other.read(true);
    sendSome(oneFar, Uint8Array.of(1), 1);
    sendSome(otherFar, Uint8Array.of(1), 1);
    await until(() => heard.length > 0);
    await delay(20);
    expect(heard).toHaveLength(1);
  });
});

test('no descriptor is left behind, however connections end', async () => {
  const endings: readonly ((joined: Awaited<ReturnType<typeof joinOver>>) => void | Promise<void>)[] = [
    ({ client, server }) => {
      client.socket.end();
      server.socket.end();
    },
    ({ client }) => void client.socket.resetAndDestroy(),
    ({ server }) => void server.socket.resetAndDestroy(),
    ({ connection }) => connection.cut('policy-changed'),
    ({ connection, client, server }) => {
      connection.close('shutdown');
      client.socket.end();
      server.socket.end();
    },
    ({ client, connection }) => {
      client.socket.end('half');
      connection.cut('mode-cut');
    },
    ({ client, server, connection }) => {
      server.socket.pause();
      client.socket.write(Buffer.alloc(8 * 1024 * 1024));
      connection.close('shutdown');
    },
    async ({ client, server, connection }) => {
      server.socket.pause();
      await flood(client);
      connection.cut('policy-changed');
    },
  ];
  const before = openSockets();
  for (const end of endings) {
    for (let count = 0; count < 5; count++) {
      const own = createLoopback();
      const joined = await joinOver(ground, own);
      await end(joined);
      await joined.ended;
      own.close();
      if (end === endings.at(-1)) break;
    }
  }
  // The listeners stay until the end.
  const listeners = (endings.length - 1) * 5 + 1;
  await until(() => openSockets() === before + listeners);
});

test('a client that has reset its connection before it was accepted harms nobody', async () => {
  let ends = 0;
  const port = await ground.listen(({ leg }) => {
    leg.follow({ ...Deaf, gone: () => (ends += 1) });
    leg.read(true);
  });
  for (let count = 0; count < 20; count++) {
    const socket = connect(port, '127.0.0.1', () => socket.resetAndDestroy());
    socket.on('error', () => undefined);
  }
  await until(() => ends === 20);
});

const loops: EventLoop[] = [];
const spare: number[] = [];
afterEach(() => {
  for (const fd of spare.splice(0)) closeDescriptor(fd);
  for (const loop of loops.splice(0)) loop.close();
});

interface Told {
  text: string;
  ends: number;
  drained: number;
  readonly gone: boolean[];
}

function follow(leg: Leg): Told {
  const told: Told = { text: '', ends: 0, drained: 0, gone: [] };
  leg.follow({
    ...Deaf,
    data: (bytes) => {
      told.text += Buffer.from(bytes).toString();
    },
    end: () => {
      told.ends += 1;
    },
    drained: () => {
      told.drained += 1;
    },
    gone: (failed) => void told.gone.push(failed),
  });
  return told;
}

/** How often the event loop has told this leg something. */
function count(leg: Leg): () => number {
  const watcher = leg as DescriptorLeg;
  const ready = watcher.ready.bind(watcher);
  let tellings = 0;
  watcher.ready = (events) => {
    tellings += 1;
    ready(events);
  };
  return () => tellings;
}

/** A leg over one of two connected sockets, and the other one. */
function pair(loop = createEventLoop()): { near: DescriptorLeg; far: number; told: Told; loop: EventLoop } {
  if (!loops.includes(loop)) loops.push(loop);
  const [one, far] = openPair();
  expect(receiveInto(far, new Uint8Array(1))).toBe(WouldBlock);
  const near = new DescriptorLeg(loop, one);
  spare.push(far);
  return { near, far, told: follow(near), loop };
}

/** A leg that came to a listener, and the client's own end of it. */
async function accepted() {
  const arrived = Promise.withResolvers<Leg>();
  const port = await ground.listen(({ leg }) => arrived.resolve(leg));
  const { socket } = await loopback.connect(port);
  watch(socket);
  return { leg: await arrived.promise, socket };
}
