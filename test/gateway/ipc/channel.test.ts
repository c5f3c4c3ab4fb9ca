import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Channel, openChannel } from '../../../gateway/ipc/channel.ts';
import { connectLocally, type LocalClient } from '../../../gateway/ipc/connect.ts';
import { encodeFrame } from '../../../gateway/ipc/frame.ts';
import { type LocalListener, listenLocally } from '../../../gateway/ipc/listen.ts';
import {
  checkEngineToFront,
  checkFrontToEngine,
  type EngineToFront,
  type FrontToEngine,
} from '../../../gateway/ipc/messages.ts';

let directory: string;
let path: string;
const open: { close: () => unknown }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'penstock-ipc-'));
  path = join(directory, 'run', 'engine.sock');
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await rm(directory, { recursive: true, force: true });
});

describe('a channel', () => {
  test('carries checked messages both ways', async () => {
    await engine({
      onMessage: (ask, channel) =>
        channel.send({ kind: 'answer', id: ask.id, body: ask.kind === 'ask' ? ask.what : '' }),
    });
    const answered = Promise.withResolvers<EngineToFront>();
    client({
      onOpen: (channel) => channel.send({ kind: 'ask', id: 7, what: 'status' }),
      onMessage: answered.resolve,
    });
    expect(await answered.promise).toEqual({ kind: 'answer', id: 7, body: 'status' });
  });

  test.for<[string, unknown]>([
    ['an unknown kind', { kind: 'shutdown', id: 1 }],
    ['an unknown key', { kind: 'ask', id: 1, what: 'status', as: 'root' }],
    ['a missing key', { kind: 'ask', what: 'status' }],
    ['a value outside its range', { kind: 'ask', id: -1, what: 'status' }],
    ['something that is no object', 'ask'],
    ['nothing', null],
  ])('closes on %s, with a problem', async ([, message]) => {
    const closed = Promise.withResolvers<string>();
    const received: FrontToEngine[] = [];
    await engine({ onMessage: (ask) => received.push(ask), onClose: closed.resolve });
    const socket = await raw();
    socket.write(encodeFrame(message));
    socket.write(encodeFrame({ kind: 'ask', id: 1, what: 'status' }));
    expect(await closed.promise).toContain('not of the agreed form');
    expect(received).toEqual([]);
  });

  test('closes on an oversize frame, with a problem', async () => {
    const closed = Promise.withResolvers<string>();
    await engine({ onClose: closed.resolve });
    (await raw()).write(Buffer.from([0x7f, 0, 0, 0]));
    expect(await closed.promise).toContain('above the limit');
  });

  test('closes without a problem when the peer ends', async () => {
    const closed = Promise.withResolvers<string>();
    await engine({ onClose: closed.resolve });
    (await raw()).end();
    expect(await closed.promise).toBe('');
  });

  test('refuses to queue without bound for a peer that does not read', async () => {
    const filled = Promise.withResolvers<number>();
    await engine({
      onMessage: (_ask, channel) => {
        const body = 'x'.repeat(100_000);
        let taken = 0;
        while (channel.send({ kind: 'answer', id: 1, body })) taken += 1;
        filled.resolve(taken);
      },
    });
    const socket = await raw();
    socket.pause();
    socket.write(encodeFrame({ kind: 'ask', id: 1, what: 'status' }));
    expect(await filled.promise).toBeLessThan(200);
  });
});

describe('a local socket', () => {
  test('has the permissions asked for, and takes the place of a dead one', async () => {
    const first = await listenLocally({
      path,
      directoryMode: 0o750,
      mode: 0o660,
      onConnection: () => undefined,
    });
    await first.close();
    await writeFile(path, 'left behind');
    await engine({});
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    expect((await stat(join(directory, 'run'))).mode & 0o777).toBe(0o750);
  });

  test('is not taken from a process that still answers', async () => {
    await engine({});
    await expect(
      listenLocally({ path, directoryMode: 0o750, mode: 0o660, onConnection: () => undefined }),
    ).rejects.toMatchObject({ code: 'PST_ERR_SOCKET' });
  });
});

describe('a client', () => {
  test('waits for a peer that is not there yet, and comes back to one that was gone', async () => {
    const opened = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lost: string[] = [];
    let count = 0;
    client({ onOpen: () => opened[count++]?.resolve(), onLost: (problem) => lost.push(problem) });
    const first = await engine({});
    await opened[0]?.promise;
    await first.close();
    await engine({});
    await opened[1]?.promise;
    expect(lost.length).toBeGreaterThan(0);
  });

  test('says that nothing was sent while nobody is there', () => {
    const lonely = client({});
    expect(lonely.isOpen()).toBe(false);
    expect(lonely.send({ kind: 'ask', id: 1, what: 'status' })).toBe(false);
  });
});

async function engine(on: {
  onMessage?: (message: FrontToEngine, channel: Channel<EngineToFront>) => void;
  onClose?: (problem: string) => void;
}): Promise<LocalListener> {
  const listener = await listenLocally({
    path,
    directoryMode: 0o750,
    mode: 0o660,
    onConnection: (socket) => {
      openChannel<FrontToEngine, EngineToFront>(socket, {
        check: checkFrontToEngine,
        onMessage: on.onMessage ?? (() => undefined),
        onClose: on.onClose ?? (() => undefined),
      });
    },
  });
  open.push(listener);
  return listener;
}

function client(on: {
  onOpen?: (channel: Channel<FrontToEngine>) => void;
  onMessage?: (message: EngineToFront) => void;
  onLost?: (problem: string) => void;
}): LocalClient<FrontToEngine> {
  const made = connectLocally<EngineToFront, FrontToEngine>({
    path,
    check: checkEngineToFront,
    onOpen: on.onOpen ?? (() => undefined),
    onMessage: on.onMessage ?? (() => undefined),
    onLost: on.onLost ?? (() => undefined),
  });
  open.push(made);
  return made;
}

function raw(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket));
    socket.on('error', () => undefined);
    open.push({ close: () => socket.destroy() });
  });
}
