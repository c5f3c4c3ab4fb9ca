import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectorSocket } from '../../../gateway/run/processes.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { createLoopback, type Loopback, writeRegister } from '../inspector/loopback.ts';
import { type Box, eventually, isReady, openBox } from './box.ts';

let box: Box;
let loopback: Loopback;
let way: Way;
beforeEach(async () => {
  box = await openBox();
  loopback = createLoopback();
  way = await openWay(inspectorSocket(box.config), join(box.config.run, 'way.sock'));
});
afterEach(async () => {
  loopback.close();
  way.close();
  await box.close();
});

test('what an inspector told before and after its connection broke is on record once, also what was on its way', async () => {
  box.startEngine();
  await box.status();
  const carrier = box.startInspector('--engine', way.path);
  await box.status(({ inspectors }) => inspectors.length === 1);
  box.startInspector();
  expect(await box.apply(box.sealed())).toMatchObject({ ok: true });
  await box.status((status) => isReady(status));
  const lasting = await client();
  await refusal(lasting);
  const brief = await client();
  await refusal(brief);
  brief.end();
  await onRecord({ connections: 1, requests: 1, refusals: 2 });
  // What is told now is read by nobody.
  way.stall();
  const unread = await client();
  await refusal(unread);
  unread.end();
  await refusal(lasting);
  await eventually(async () => (way.swallowed().includes('"kind":"refusals"') ? true : undefined));
  way.cut();
  await eventually(async () => (way.times() === 2 ? true : undefined));
  await refusal(lasting);
  lasting.end();
  await onRecord({ connections: 2, requests: 4, refusals: 3 });
  carrier.process.kill('SIGTERM');
  await carrier.ended;
  await onRecord({ connections: 3, requests: 5, refusals: 5 });
  expect((await box.records()).some((one) => one.kind === 'act' && one.act.kind === 'processDied')).toBe(
    false,
  );
});

async function client(): Promise<Socket> {
  return (await loopback.connect(box.ports.hmi)).socket;
}

/** One write that is not allowed, up to its answer. */
async function refusal(socket: Socket): Promise<void> {
  const answered = once(socket, 'data');
  socket.write(writeRegister(1, 100, 350));
  await answered;
}

interface Totals {
  readonly connections: number;
  readonly requests: number;
  readonly refusals: number;
}

/** Waits until so much is on record, and sees that it is not more. */
async function onRecord(expected: Totals): Promise<void> {
  const names = ['connections', 'requests', 'refusals'] as const;
  const found = await eventually(
    async () => totals(await box.records()),
    (sum) => names.every((name) => sum[name] >= expected[name]),
  );
  expect(found).toEqual(expected);
}

function totals(records: readonly EvidenceRecord[]): Totals {
  const sum = { connections: 0, requests: 0, refusals: 0 };
  for (const one of records) {
    if (one.kind === 'refusal') sum.refusals += one.count;
    if (one.kind !== 'connection' && one.kind !== 'connections') continue;
    sum.connections += one.kind === 'connection' ? 1 : one.count;
    sum.requests += one.requests;
  }
  return sum;
}

/** A detour to the engine's socket that can be cut while both ends live. */
interface Way {
  readonly path: string;
  /** Connections so far. */
  readonly times: () => number;
  /** From now on what the inspector says on this connection does not reach the engine. */
  readonly stall: () => void;
  /** What did not. */
  readonly swallowed: () => string;
  readonly cut: () => void;
  readonly close: () => void;
}

async function openWay(engine: string, path: string): Promise<Way> {
  let times = 0;
  let isStalled = false;
  let swallowed = '';
  let cut: () => void = () => undefined;
  const server = createServer((near) => {
    const far = connect(engine);
    times += 1;
    isStalled = false;
    cut = () => {
      near.destroy();
      far.destroy();
    };
    near.on('data', (chunk: Buffer) => {
      if (isStalled) swallowed += chunk.toString();
      else far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => near.write(chunk));
    for (const end of [near, far]) end.on('error', cut).on('close', cut);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    times: () => times,
    stall: () => {
      isStalled = true;
    },
    swallowed: () => swallowed,
    cut: () => cut(),
    close: () => {
      cut();
      server.close();
    },
  };
}
