import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSlot, SlotNumbers } from '../../../gateway/ipc/counter-slot.ts';
import { createToldBook } from '../../../gateway/ipc/told-book.ts';
import { type Bench, BenchEpoch, openBench } from './inspector-bench.ts';
import { readRegisters, writeRegister } from './loopback.ts';
import { sampleFlow, samplePolicy } from './sample.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('an inspector', () => {
  test('says hello with no shard and no policy, and permits nothing before it has one', async () => {
    const link = await bench.engine.inspector(0);
    expect(await link.hears('hello')).toEqual({
      kind: 'hello',
      pid: process.pid,
      epoch: BenchEpoch,
      shards: [],
      policy: '',
      countsInFile: false,
      told: createToldBook().totals(),
    });
    const [port] = await link.serve([bench.listener()]);
    const client = await bench.loopback.connect(port!);
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'no-flow', count: 1, flowId: '' });
  });

  test('lets through what the profile permits and answers the rest with an exception', async () => {
    const { client, link } = await bench.connected();
    client.socket.write(writeRegister(1, 140, 42));
    expect(await client.read(12)).toEqual(writeRegister(1, 140, 42));
    expect(bench.plc.memory.holdingRegisters[140]).toBe(42);
    client.socket.write(writeRegister(2, 140, 900));
    expect((await client.read(21)).subarray(12)).toEqual(Buffer.from([0, 2, 0, 0, 0, 3, 1, 0x86, 3]));
    expect(bench.plc.memory.holdingRegisters[140]).toBe(42);
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
      rule: 'operate/2',
      line: 7,
      alternative: expect.stringContaining('0 to '),
      text: 'WRITE holding register 140 (40141) "setpoint" = 900 (limit 100), unit 1',
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
    const { client } = await bench.connected();
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
    expect(bench.plc.memory.holdingRegisters[140]).toBe(5);
  });

  test('closes a connection that speaks something else, and records why', async () => {
    const { client, link } = await bench.connected();
    client.socket.write('GET / HTTP/1.1\r\n\r\n');
    await client.ended;
    client.socket.end();
    const { connection } = await link.hears('closed');
    expect(connection).toMatchObject({ reason: 'malformed-adu', bytesFromClient: 18, transactions: 0 });
  });

  test('tells who connected and, at the end, what passed', async () => {
    const { client, link } = await bench.connected();
    const clientPort = client.socket.localPort;
    const { connection: opened } = await link.hears('opened');
    client.socket.write(writeRegister(1, 140, 1));
    await client.read(12);
    client.socket.write(writeRegister(2, 141, 1));
    await client.read(21);
    client.socket.end();
    await client.ended;
    const { connection: closed } = await link.hears('closed');
    expect(opened).toMatchObject({
      id: `${BenchEpoch}-1`,
      flow: 1,
      flowId: 'C-1/F-1',
      client: { address: '127.0.0.1', port: clientPort },
      server: { address: '127.0.0.1', port: bench.plc.port },
    });
    expect(closed).toMatchObject({
      ...opened,
      reason: 'client-closed',
      bytesFromClient: 24,
      bytesFromServer: 12,
      transactions: 2,
      refused: 1,
      responses: 1,
      wouldRefuse: 0,
    });
    expect(closed.endedAt).toBeGreaterThanOrEqual(closed.startedAt);
  });

  test('holds no audit stage by a clock that nobody trusts', async () => {
    const link = await bench.engine.inspector(0);
    link.send({ kind: 'gates', open: [], tellsTime: false });
    await link.enforce(samplePolicy({ flows: [sampleFlow({ auditUntil: Date.now() + 3_600_000 })] }));
    const client = await bench.loopback.connect((await link.serve([bench.listener()]))[0]!);
    client.socket.write(writeRegister(1, 140, 900));
    expect((await client.read(9)).subarray(7)).toEqual(Buffer.of(0x86, 0x03));
    expect((await link.hears('refusal')).refusal).toMatchObject({ verdict: 'refuse' });
  });

  test('lets pass in the audit stage what it would refuse, and says so', async () => {
    const link = await bench.engine.inspector(0);
    link.send({ kind: 'gates', open: [], tellsTime: true });
    await link.enforce(samplePolicy({ flows: [sampleFlow({ auditUntil: Date.now() + 3_600_000 })] }));
    const client = await bench.loopback.connect((await link.serve([bench.listener()]))[0]!);
    client.socket.write(writeRegister(1, 140, 900));
    expect(await client.read(12)).toEqual(writeRegister(1, 140, 900));
    expect((await link.hears('refusal')).refusal).toMatchObject({ verdict: 'would-refuse', count: 1 });
    const flow = await link.counted('C-1/F-1', ({ requests }) => requests.length > 0);
    expect(flow.requests).toEqual([{ functionCode: 6, verdict: 'would-refuse', count: 1 }]);
    expect(flow.refusals).toEqual([]);
  });

  test('resets a client whose server is not there, and records it', async () => {
    const link = await bench.engine.inspector(0);
    await link.enforce(samplePolicy());
    const nobody = await bench.loopback.listen(() => undefined);
    bench.loopback.close();
    const [port] = await link.serve([bench.listener({ server: { address: '127.0.0.1', port: nobody } })]);
    const client = await bench.loopback.connect(port!);
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection).toMatchObject({ reason: 'server-unreachable' });
  });

  test('takes no more connections from one source than the limit, and others go on', async () => {
    const { client: first, link, port } = await bench.connected();
    const more = await Promise.all([1, 2, 3].map(() => bench.loopback.connect(port)));
    for (const client of [first, ...more]) {
      client.socket.write(readRegisters(1, 0, 1));
      await client.read(11);
    }
    const tooMany = await bench.loopback.connect(port);
    expect(await tooMany.ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'connection-limit' });
    more[0]?.socket.end();
    await more[0]?.ended;
    await link.hears('closed');
    const next = await bench.loopback.connect(port);
    next.socket.write(readRegisters(1, 0, 1));
    await next.read(11);
  });

  test('counts where it was told to, and sends its counts when nobody can read them there', async () => {
    await bench.close();
    const numbers = new Float64Array(4 * SlotNumbers);
    let slots = 0;
    const counterFile = () => ({ numbers, at: SlotNumbers * slots++ });
    bench = await openBench({ counterFile });
    const { client, link } = await bench.connected();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    await link.hears('counted');
    expect(readSlot(numbers, SlotNumbers, { flowId: '', conduit: '' })).toMatchObject({
      opened: 1,
      responses: 1,
    });
    expect(link.heard('counters')).toEqual([]);
    link.send({ kind: 'send-counters' });
    expect(await link.counted('C-1/F-1', ({ opened }) => opened === 1)).toMatchObject({ responses: 1 });
  });

  test('ends everything in order when it is stopped, and hands over the last counts', async () => {
    const { client, link } = await bench.connected();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    const stopped = bench.inspector.close();
    expect(await client.ended).toBe('end');
    client.socket.end();
    await stopped;
    expect(await link.gone).toBe('');
    expect(link.heard('closed')[0]?.connection.reason).toBe('shutdown');
    expect(link.heard('counters').at(-1)?.flows[0]).toMatchObject({ open: 0, opened: 1 });
  });
});
