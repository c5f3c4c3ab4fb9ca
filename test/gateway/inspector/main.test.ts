import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProxyListener } from '../../../gateway/ipc/reports.ts';
import { type Plc, startPlc } from '../../plant/plc.ts';
import { type EngineDouble, type InspectorLink, startEngineDouble } from './engine-double.ts';
import {
  type Client,
  createLoopback,
  type Loopback,
  readRegisters,
  until,
  writeRegister,
} from './loopback.ts';
import { samplePolicy } from './sample.ts';

let loopback: Loopback;
let engine: EngineDouble;
let plc: Plc;
const children: ChildProcess[] = [];

beforeEach(async () => {
  loopback = createLoopback();
  engine = await startEngineDouble();
  plc = await startPlc({ kind: 'dosing', address: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  loopback.close();
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await engine.close();
  await plc.close();
});

describe('the inspecting process', () => {
  test('killed, resets or ends its clients, and the spare carries the next transaction', async () => {
    const first = await start();
    const [port] = await first.link.serve([listener(0)]);
    const spare = await start();
    spare.link.send({ kind: 'listeners', listeners: [listener(port!)] });
    const client = await loopback.connect(port!);
    client.socket.write(writeRegister(1, 140, 42));
    await client.read(12);
    first.child.kill('SIGKILL');
    expect(['end', 'ECONNRESET']).toContain(await client.ended);
    await first.link.gone;
    spare.link.send({ kind: 'take', shards: [0] });
    const again = await connectRetrying(port!);
    again.socket.write(readRegisters(2, 140, 1));
    expect((await again.read(11)).at(-1)).toBe(42);
  });

  test('goes on when the engine is gone, and is found listening when it returns', async () => {
    const { link } = await start();
    const [port] = await link.serve([listener(0)]);
    await engine.stop();
    const client = await loopback.connect(port!);
    client.socket.write(readRegisters(1, 140, 1));
    await client.read(11);
    await engine.start();
    const again = await engine.inspector(1);
    expect((await again.hears('hello')).shards).toEqual([0]);
    await again.hears('opened');
  });

  test('asked to stop, ends its connections in order and exits with 0', async () => {
    const { child, link } = await start();
    const [port] = await link.serve([listener(0)]);
    const client = await loopback.connect(port!);
    client.socket.write(readRegisters(1, 140, 1));
    await client.read(11);
    child.kill('SIGTERM');
    expect(await client.ended).toBe('end');
    client.socket.end();
    expect((await link.hears('closed')).connection).toMatchObject({ reason: 'shutdown', transactions: 1 });
    expect(await exitOf(child)).toBe(0);
  });

  test('ends with its supervisor', async () => {
    const { child } = await start(['--supervised']);
    child.stdin?.end();
    expect(await exitOf(child)).toBe(0);
  });

  test.for<[string, string[]]>([
    ['without the name of the engine’s socket', []],
    ['with an option it does not know', ['--engine', '/nowhere', '--port', '502']],
  ])('%s ends with 2', async ([, options]) => {
    expect(await exitOf(spawnInspector(options))).toBe(2);
  });

  test('survives whatever clients do to their connections', async () => {
    const { child, link } = await start();
    const [port] = await link.serve([listener(0)]);
    for (let round = 0; round < 30; round += 1) {
      const client = await loopback.connect(port!);
      client.socket.write(round % 3 === 0 ? Buffer.alloc(300, round) : readRegisters(round, 140, 1));
      if (round % 2 === 0) client.socket.resetAndDestroy();
      else client.socket.end();
    }
    await until(() => link.heard('closed').length === 30);
    expect(child.exitCode).toBeNull();
    const client = await loopback.connect(port!);
    client.socket.write(readRegisters(1, 140, 1));
    await client.read(11);
  });
});

async function start(more: readonly string[] = []): Promise<{ child: ChildProcess; link: InspectorLink }> {
  const number = engine.inspectors().length;
  const child = spawnInspector(['--engine', engine.path, ...more]);
  const link = await engine.inspector(number);
  expect((await link.hears('hello')).pid).toBe(child.pid);
  await link.enforce(samplePolicy());
  return { child, link };
}

function spawnInspector(options: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [Entry, ...options], { stdio: ['pipe', 'ignore', 'ignore'] });
  children.push(child);
  return child;
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** As an HMI does: tries again until somebody listens. The test's own time-out is the end. */
async function connectRetrying(port: number): Promise<Client> {
  for (;;) {
    const client = await loopback.connect(port);
    if (client.socket.readyState === 'open') return client;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function listener(port: number): ProxyListener {
  return {
    as: 'hmi-1',
    to: 'plc-1',
    port: 502,
    listen: { address: '127.0.0.1', port },
    server: { address: '127.0.0.1', port: plc.port },
    shard: 0,
  };
}

const Entry = fileURLToPath(new URL('../../../gateway/inspector/main.ts', import.meta.url));
