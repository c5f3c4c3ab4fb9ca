import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type Inspector, startInspector } from '../../../gateway/inspector/inspector.ts';
import type { ProxyListener } from '../../../gateway/ipc/messages.ts';
import { createLog } from '../../../gateway/log.ts';
import { type Plc, startPlc } from '../../plant/plc.ts';
import { type EngineDouble, type InspectorLink, startEngineDouble } from './engine-double.ts';
import { type Client, createLoopback, type Loopback, readRegisters, writeRegister } from './loopback.ts';
import { sampleFlow, samplePermission, samplePolicy, sampleProfile } from './sample.ts';

let loopback: Loopback;
let engine: EngineDouble;
let inspector: Inspector;
let plc: Plc;

beforeEach(async () => {
  loopback = createLoopback();
  engine = await startEngineDouble();
  plc = await startPlc({ kind: 'dosing', address: '127.0.0.1', port: 0 });
  inspector = startInspector({
    engine: engine.path,
    epoch: '0123456789abcdef',
    pid: process.pid,
    clock: systemClock,
    limits: { perPair: 4, total: 100 },
    log: createLog('inspector', Silence),
  });
});

afterEach(async () => {
  loopback.close();
  await inspector.close();
  await engine.close();
  await plc.close();
});

describe('an inspector', () => {
  test('says hello with no shard and no policy, and permits nothing before it has one', async () => {
    const link = await engine.inspector(0);
    expect(await link.hears('hello')).toEqual({
      kind: 'hello',
      pid: process.pid,
      epoch: '0123456789abcdef',
      shards: [],
      policy: '',
    });
    const [port] = await link.serve([listener()]);
    const client = await loopback.connect(port!);
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'no-flow', count: 1, flowId: '' });
  });

  test('lets through what the profile permits and answers the rest with an exception', async () => {
    const { client, link } = await connected();
    client.socket.write(writeRegister(1, 140, 42));
    expect(await client.read(12)).toEqual(writeRegister(1, 140, 42));
    expect(plc.memory.holdingRegisters[140]).toBe(42);
    client.socket.write(writeRegister(2, 140, 900));
    expect((await client.read(21)).subarray(12)).toEqual(Buffer.from([0, 2, 0, 0, 0, 3, 1, 0x86, 3]));
    expect(plc.memory.holdingRegisters[140]).toBe(42);
    client.socket.write(readRegisters(3, 140, 1));
    expect((await client.read(32)).subarray(21)).toEqual(Buffer.from([0, 3, 0, 0, 0, 5, 1, 3, 2, 0, 42]));
    const { refusal } = await link.hears('refusal');
    expect(refusal).toMatchObject({
      flowId: 'C-1/F-1',
      conduit: 'C-1',
      clientAsset: 'hmi-1',
      serverAsset: 'plc-1',
      verdict: 'refuse',
      reason: 'value-out-of-range',
      unit: 1,
      functionCode: 6,
      address: 140,
      values: [900],
      exceptionCode: 3,
      rule: 'setpoint',
      line: 7,
      text: 'WRITE holding register 140 = 900 on unit 1',
      count: 1,
    });
    const flow = await link.counted('C-1/F-1', ({ requests }) => requests.length === 3);
    expect(flow.requests).toEqual(
      expect.arrayContaining([
        { functionCode: 6, verdict: 'allow', count: 1 },
        { functionCode: 6, verdict: 'refuse', count: 1 },
        { functionCode: 3, verdict: 'allow', count: 1 },
      ]),
    );
    expect(flow).toMatchObject({
      open: 1,
      opened: 1,
      bytesFromClient: 36,
      refusals: [{ reason: 'value-out-of-range', count: 1 }],
      latency: { count: 2 },
    });
  });

  test('answers requests split at every byte and many in one segment, in order', async () => {
    const { client } = await connected();
    for (const byte of writeRegister(1, 140, 17)) {
      client.socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.read(12);
    const burst = [2, 3, 4, 5].map((id) => writeRegister(id, 140, id === 4 ? 1000 : id));
    client.socket.write(Buffer.concat(burst));
    const answers = (await client.read(12 + 3 * 12 + 9)).subarray(12);
    const found = new Set<number>();
    for (let at = 0; at < answers.length; at += 6 + answers.readUInt16BE(at + 4)) {
      found.add(answers.readUInt16BE(at));
      expect(answers[at + 7]).toBe(answers.readUInt16BE(at) === 4 ? 0x86 : 6);
    }
    expect([...found].sort()).toEqual([2, 3, 4, 5]);
    expect(plc.memory.holdingRegisters[140]).toBe(5);
  });

  test('closes a connection that speaks something else, and records why', async () => {
    const { client, link } = await connected();
    client.socket.write('GET / HTTP/1.1\r\n\r\n');
    await client.ended;
    client.socket.end();
    const { connection } = await link.hears('closed');
    expect(connection).toMatchObject({ reason: 'malformed-adu', bytesFromClient: 18, transactions: 0 });
  });

  test('tells who connected and, at the end, what passed', async () => {
    const { client, link } = await connected();
    const clientPort = client.socket.localPort;
    client.socket.write(writeRegister(1, 140, 1));
    await client.read(12);
    client.socket.write(writeRegister(2, 141, 1));
    await client.read(21);
    client.socket.end();
    await client.ended;
    const { connection: opened } = await link.hears('opened');
    const { connection: closed } = await link.hears('closed');
    expect(opened).toMatchObject({
      id: '0123456789abcdef-1',
      flow: 1,
      flowId: 'C-1/F-1',
      client: { address: '127.0.0.1', port: clientPort },
      server: { address: '127.0.0.1', port: plc.port },
    });
    expect(closed).toMatchObject({
      ...opened,
      reason: 'client-closed',
      bytesFromClient: 24,
      bytesFromServer: 12,
      transactions: 2,
      refused: 1,
      wouldRefuse: 0,
    });
    expect(closed.endedAt).toBeGreaterThanOrEqual(closed.startedAt);
  });

  test('lets pass in the audit stage what it would refuse, and says so', async () => {
    const link = await engine.inspector(0);
    await link.enforce(samplePolicy({ flows: [sampleFlow({ auditUntil: Date.now() + 3_600_000 })] }));
    const client = await loopback.connect((await link.serve([listener()]))[0]!);
    client.socket.write(writeRegister(1, 140, 900));
    expect(await client.read(12)).toEqual(writeRegister(1, 140, 900));
    expect((await link.hears('refusal')).refusal).toMatchObject({ verdict: 'would-refuse', count: 1 });
    const flow = await link.counted('C-1/F-1', ({ requests }) => requests.length > 0);
    expect(flow.requests).toEqual([{ functionCode: 6, verdict: 'would-refuse', count: 1 }]);
    expect(flow.refusals).toEqual([]);
  });

  test('resets a client whose server is not there, and records it', async () => {
    const link = await engine.inspector(0);
    await link.enforce(samplePolicy());
    const nobody = await loopback.listen(() => undefined);
    loopback.close();
    const [port] = await link.serve([listener({ server: { address: '127.0.0.1', port: nobody } })]);
    const client = await loopback.connect(port!);
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection).toMatchObject({ reason: 'server-unreachable' });
  });

  test('takes no more connections from one source than the limit, and others go on', async () => {
    const { client: first, link, port } = await connected();
    const more = await Promise.all([1, 2, 3].map(() => loopback.connect(port)));
    for (const client of [first, ...more]) {
      client.socket.write(readRegisters(1, 0, 1));
      await client.read(11);
    }
    const tooMany = await loopback.connect(port);
    expect(await tooMany.ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'connection-limit' });
    more[0]?.socket.end();
    await more[0]?.ended;
    await link.hears('closed');
    const next = await loopback.connect(port);
    next.socket.write(readRegisters(1, 0, 1));
    await next.read(11);
  });

  test('ends everything in order when it is stopped, and hands over the last counts', async () => {
    const { client, link } = await connected();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    const stopped = inspector.close();
    expect(await client.ended).toBe('end');
    client.socket.end();
    await stopped;
    expect(await link.gone).toBe('');
    expect(link.heard('closed')[0]?.connection.reason).toBe('shutdown');
    expect(link.heard('counters').at(-1)?.flows[0]).toMatchObject({ open: 0, opened: 1 });
  });
});

describe('a new policy', () => {
  test('keeps a connection it still permits and judges it by the new profile', async () => {
    const { client, link } = await connected();
    client.socket.write(writeRegister(1, 140, 42));
    await client.read(12);
    const readOnly = sampleProfile({
      permissions: [samplePermission({ functions: [3], addresses: [{ first: 0, last: 199 }] })],
    });
    await link.enforce(samplePolicy({ version: 2, profiles: [readOnly] }));
    client.socket.write(writeRegister(2, 140, 43));
    expect((await client.read(21))[19]).toBe(0x86);
    client.socket.write(readRegisters(3, 140, 1));
    expect((await client.read(32)).at(-1)).toBe(42);
    expect(link.heard('closed')).toEqual([]);
  });

  test('cuts a connection it no longer permits', async () => {
    const { client, link, port } = await connected();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    const elsewhere = sampleFlow({
      destinations: [{ asset: 'plc-2', zone: 'process', prefixes: ['10.20.0.21/32'] }],
    });
    await link.enforce(samplePolicy({ version: 2, flows: [elsewhere] }));
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection.reason).toBe('policy-changed');
    expect(await (await loopback.connect(port)).ended).toBe('ECONNRESET');
  });

  test('that was not prepared or does not fit its digest is not taken', async () => {
    const { client, link } = await connected();
    link.send({ kind: 'activate', digest: 'a'.repeat(64) });
    await link.hears('unprepared', ({ policy }) => policy === 'a'.repeat(64));
    link.send({ kind: 'prepare', digest: 'b'.repeat(64), policy: 'AAAA' });
    await link.hears('unprepared', ({ policy }) => policy === 'b'.repeat(64));
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
  });
});

describe('a gate', () => {
  const gate = { opensAt: 0, closesAt: 0, schedule: undefined, session: true };
  const gated = samplePolicy({ flows: [sampleFlow({ gate })] });

  test('lets nobody in while it is shut', async () => {
    const link = await engine.inspector(0);
    await link.enforce(gated);
    const [port] = await link.serve([listener()]);
    expect(await (await loopback.connect(port!)).ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'no-session', flowId: 'C-1/F-1' });
  });

  test('ends open connections at its time, the engine being dead', async () => {
    const link = await engine.inspector(0);
    await link.enforce(gated);
    link.send({ kind: 'gates', open: [{ flow: 'C-1/F-1', until: Date.now() + 1_500 }] });
    const client = await loopback.connect((await link.serve([listener()]))[0]!);
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    await engine.stop();
    expect(await client.ended).toBe('ECONNRESET');
    await engine.start();
    const { connection } = await (await engine.inspector(1)).hears('closed');
    expect(connection.reason).toBe('expired');
  });

  test('that the engine shuts ends open connections at once', async () => {
    const link = await engine.inspector(0);
    await link.enforce(gated);
    link.send({ kind: 'gates', open: [{ flow: 'C-1/F-1', until: Date.now() + 3_600_000 }] });
    const client = await loopback.connect((await link.serve([listener()]))[0]!);
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    link.send({ kind: 'gates', open: [] });
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection.reason).toBe('no-session');
  });
});

describe('without its engine', () => {
  test('it goes on, and tells it afterwards what happened', async () => {
    const { client, port } = await connected();
    await engine.stop();
    client.socket.write(writeRegister(1, 140, 77));
    await client.read(12);
    client.socket.write(writeRegister(2, 140, 900));
    await client.read(21);
    const short = await loopback.connect(port);
    short.socket.write(readRegisters(1, 0, 1));
    await short.read(11);
    short.socket.end();
    await short.ended;
    await engine.start();
    const again = await engine.inspector(1);
    expect(await again.hears('hello')).toMatchObject({
      shards: [0],
      policy: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await again.hears('opened')).connection.id).toBe('0123456789abcdef-1');
    expect((await again.hears('closed')).connection.id).toBe('0123456789abcdef-2');
    expect((await again.hears('refusal')).refusal).toMatchObject({ reason: 'value-out-of-range', count: 1 });
    expect((await again.hears('counters')).lost).toBe(0);
  });
});

/** A client of hmi-1 connected to plc-1 under the sample policy. */
async function connected(): Promise<{ client: Client; link: InspectorLink; port: number }> {
  const link = await engine.inspector(0);
  await link.enforce(samplePolicy());
  const [port] = await link.serve([listener()]);
  return { client: await loopback.connect(port!), link, port: port! };
}

function listener(change: Partial<ProxyListener> = {}): ProxyListener {
  return {
    as: 'hmi-1',
    to: 'plc-1',
    port: 502,
    listen: { address: '127.0.0.1', port: 0 },
    server: { address: '127.0.0.1', port: plc.port },
    shard: 0,
    ...change,
  };
}

const Silence = new Writable({ write: (_chunk, _encoding, done) => done() });
