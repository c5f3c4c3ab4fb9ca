import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MostWithoutToken } from '../../../../gateway/inspector/vendor/doorway.ts';
import { readRegisters, until, watch } from '../loopback.ts';
import { type ChannelBench, enter, OpaqueTarget, openChannelBench } from './channel-bench.ts';

/** Bound of the standard and more, for a machine that does other things as well. Milliseconds. */
const EndsWithin = 3_000;

let bench: ChannelBench;
const sockets: Socket[] = [];
const children: ChildProcess[] = [];
beforeEach(async () => {
  bench = await openChannelBench();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await bench.close();
});

function dial(path: string, text: string): Socket {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(text);
  sockets.push(socket);
  return socket;
}

/** A port that takes no connection and refuses none: whoever dials it waits. */
async function neverAnswering(): Promise<{ readonly address: string; readonly port: number }> {
  const block = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
  const listen = 'require("net").createServer().listen({port: 0, host: "127.0.0.1", backlog: 1}';
  const program = `${listen}, function () { require("fs").writeSync(1, this.address().port + "\\n"); ${block}; })`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  // Nobody takes them out of the queue, so that it is full.
  for (let number = 0; number < 4; number += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await Promise.race([once(socket, 'connect'), new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  return { address: '127.0.0.1', port };
}

async function isRefused(path: string, text: string): Promise<void> {
  const client = watch(dial(path, text));
  await client.ended;
  expect(client.received()).toHaveLength(0);
}

describe('a front that was taken over', () => {
  test('gets nowhere with a wrong token, half of one, a longer one, or another line', async () => {
    const { path, token } = await bench.expect();
    const wrong = token.startsWith('A') ? `B${token.slice(1)}` : `A${token.slice(1)}`;
    for (const text of [
      `${wrong}\n`,
      `${token} `,
      `x${token}\n`,
      `GET / HTTP/1.1\r\nHost: a\r\n\r\n${token}\n`,
    ]) {
      await isRefused(path, text);
    }
    const half = watch(dial(path, token.slice(0, 20)));
    half.socket.end();
    await half.ended;
    const { socket } = await enter(path, token);
    expect(socket.destroyed).toBe(false);
  });

  test('uses a token once', async () => {
    const { path, token, client, id } = await bench.open();
    await isRefused(path, `${token}\n`);
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    client.socket.end();
    await bench.says('closed', id);
    await isRefused(path, `${token}\n`);
  });

  test('that sends bytes before it is let in burns its token, and nothing reaches the target', async () => {
    let arrived = 0;
    const port = await bench.loopback.listen((socket) => {
      socket.on('data', (chunk) => {
        arrived += chunk.length;
      });
    });
    const early = await bench.expect({ target: OpaqueTarget, dial: { address: '127.0.0.1', port } });
    await isRefused(early.path, `${early.token}\nearly`);
    await isRefused(early.path, `${early.token}\n`);
    const { path, token, id } = await bench.expect({
      target: OpaqueTarget,
      dial: { address: '192.0.2.1', port },
    });
    const socket = dial(path, `${token}\n`);
    await once(socket, 'connect');
    socket.write('early');
    expect(await bench.says('closed', id)).toMatchObject({ bytesFromClient: 0 });
    expect(arrived).toBe(0);
  });

  test('fills the doorway with silent connections, and whoever has a token still comes in', async () => {
    const { path, token } = await bench.expect();
    const silent = Array.from({ length: MostWithoutToken * 3 }, () => dial(path, ''));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const { socket } = await enter(path, token);
    expect(socket.destroyed).toBe(false);
    expect(
      silent.filter(({ readableEnded, destroyed }) => !readableEnded && !destroyed).length,
    ).toBeGreaterThan(0);
  });

  test('reads nothing: what its target sends waits within bounds, and the end comes at once all the same', async () => {
    let flooding: Socket | undefined;
    const port = await bench.loopback.listen((socket) => {
      flooding = socket;
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    bench.recordAll();
    const { path, token, id } = await bench.expect({
      target: OpaqueTarget,
      dial: { address: '127.0.0.1', port },
      recordBytes: true,
    });
    const socket = dial(path, `${token}\n`);
    await bench.says('opened', id);
    socket.pause();
    await until(() => flooding?.writableNeedDrain === true);
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    const began = performance.now();
    bench.link.send({ kind: 'end-channels', channels: [id], reason: 'grant-stopped' });
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'grant-stopped' });
    expect(performance.now() - began).toBeLessThan(EndsWithin);
    await until(() => flooding?.destroyed === true);
  });
});

describe('the end of channels', () => {
  test('comes in whatever state: expected, being dialled, half-closed, blocked', async () => {
    const port = await bench.loopback.listen((socket) => socket.pause());
    const opaque = { target: OpaqueTarget, dial: { address: '127.0.0.1', port } };
    const expected = await bench.expect(opaque);
    const dialled = await bench.expect({ target: OpaqueTarget, dial: await neverAnswering() });
    dial(dialled.path, `${dialled.token}\n`);
    const half = await bench.open(opaque);
    half.client.socket.end('x');
    const blocked = await bench.open(opaque);
    blocked.client.socket.write(Buffer.alloc(32 * 1024 * 1024));
    await until(() => blocked.client.socket.writableLength > 0);
    const all = [expected, dialled, half, blocked].map(({ id }) => id);
    const began = performance.now();
    bench.link.send({ kind: 'end-channels', channels: all, reason: 'key-switch' });
    for (const id of all) {
      // What had begun to end by itself before says so.
      const reason = id === half.id ? 'client-closed' : 'key-switch';
      expect(await bench.says('closed', id)).toMatchObject({ reason });
    }
    expect(performance.now() - began).toBeLessThan(EndsWithin);
    for (const id of all) expect(bench.said('closed', id)).toHaveLength(1);
    await isRefused(expected.path, `${expected.token}\n`);
  });

  test('of a thousand idle ones takes no longer, and what they send afterwards reaches nobody', async () => {
    let arrived = 0;
    const targets = new Set<Socket>();
    const port = await bench.loopback.listen((socket) => {
      targets.add(socket);
      socket.on('close', () => targets.delete(socket));
      socket.on('data', (chunk) => {
        arrived += chunk.length;
      });
    });
    const terms = { target: OpaqueTarget, dial: { address: '127.0.0.1', port } };
    const channels = [];
    for (let number = 0; number < 1_000; number += 1) channels.push(await bench.open(terms));
    await until(() => targets.size === 1_000);
    const began = performance.now();
    bench.link.send({ kind: 'end-channels', channels: channels.map(({ id }) => id), reason: 'grant-ended' });
    for (const { client } of channels) client.socket.write('late');
    await until(() => targets.size === 0);
    await Promise.all(channels.map(({ client }) => client.ended));
    expect(performance.now() - began).toBeLessThan(EndsWithin);
    await until(() => bench.said('closed').length === 1_000);
    expect(arrived).toBeLessThanOrEqual(4 * 1_000);
  });

  test('removes its socket with the process, and only the front may connect to it', async () => {
    const { path } = await bench.expect();
    expect(statSync(path).mode & 0o777).toBe(0o660);
    await bench.inspector.close();
    expect(existsSync(path)).toBe(false);
  });
});
