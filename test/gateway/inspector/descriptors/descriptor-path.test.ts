import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Deaf } from '../../../../gateway/inspector/leg.ts';
import { type Ground, openGround, openSockets, PathNames } from '../data-paths.ts';
import { createLoopback, type Loopback, until } from '../loopback.ts';

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

  test('a connection that is refused, or not wanted any more, is rejected and leaves no descriptor', async () => {
    const gone = await loopback.listen(() => undefined);
    loopback.close();
    loopback = createLoopback();
    const port = await loopback.listen(() => undefined);
    const before = openSockets();
    await expect(ground.connect(gone)).rejects.toThrow(/ECONNREFUSED/);
    await expect(ground.connect(port, { signal: AbortSignal.abort() })).rejects.toThrow();
    const abort = new AbortController();
    const late = ground.connect(port, { signal: abort.signal });
    abort.abort();
    await expect(late).rejects.toThrow();
    // The listener closes its side when it sees the reset.
    await until(() => openSockets() <= before);
  });

  test('an abort that comes when it is connected is too late, and harms nothing', async () => {
    const port = await loopback.listen((socket) => socket.resume());
    const abort = new AbortController();
    const leg = await ground.connect(port, { signal: abort.signal });
    abort.abort();
    leg.follow(Deaf);
    leg.add(Uint8Array.of(1), 1);
    leg.flush();
    expect(leg.isGone).toBe(false);
  });
});

test('closed by whoever is told of a client, a listener takes no other', async () => {
  const loopback = createLoopback();
  const ground = await openGround('epoll');
  let came = 0;
  const port = await ground.listen(() => {
    came += 1;
    ground.close();
  });
  await Promise.all([1, 2, 3].map(() => loopback.connect(port)));
  await until(() => came > 0);
  await new Promise(setImmediate);
  expect(came).toBe(1);
  loopback.close();
});

test('without descriptors left, clients wait for their turn, and nobody is turned away', async () => {
  const program = fileURLToPath(new URL('few-descriptors.ts', import.meta.url));
  const limited = ['--nofile=64:64', '--', process.execPath, program];
  const child = spawn('prlimit', limited, { stdio: ['ignore', 'pipe', 'inherit'] });
  const loopback = createLoopback();
  try {
    let port = 0;
    let taken = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'taken') taken += 1;
      else port = Number(line.split(' ')[1]);
    });
    await until(() => port > 0);
    const clients = await Promise.all(Array.from({ length: 80 }, () => loopback.connect(port)));
    await until(() => taken > 10);
    expect(taken).toBeLessThan(64);
    for (const { socket } of clients.slice(0, 60)) socket.end();
    await until(() => taken === 80);
    expect(child.exitCode).toBe(null);
  } finally {
    loopback.close();
    child.kill('SIGKILL');
  }
});
