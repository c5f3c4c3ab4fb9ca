import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, BenchEpoch, openBench } from './inspector-bench.ts';
import { readRegisters, writeRegister } from './loopback.ts';
import { sampleFlow, sampleLimits, samplePermission, samplePolicy, sampleProfile } from './sample.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('a new policy', () => {
  test('keeps a connection it still permits and judges it by the new profile', async () => {
    const { client, link } = await bench.connected();
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
    const { client, link, port } = await bench.connected();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    const elsewhere = sampleFlow({
      destinations: [{ asset: 'plc-2', zone: 'process', prefixes: ['10.20.0.21/32'] }],
    });
    await link.enforce(samplePolicy({ version: 2, flows: [elsewhere] }));
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection.reason).toBe('policy-changed');
    expect(await (await bench.loopback.connect(port)).ended).toBe('ECONNRESET');
  });

  test.for([
    [500, false],
    [600, true],
  ] as const)(
    'whose time-out was 500 ms and is %i now cuts a connection to a line: %s',
    async ([now, cut]) => {
      const line = {
        port: 'rs485-1',
        baud: 19200,
        parity: 'even',
        stopBits: 1,
        timeout: 100,
        units: [],
      } as const;
      const modbus = { kind: 'serial-gateway', framing: 'mbap', line } as const;
      const assets = samplePolicy().assets.map((asset) =>
        asset.name === 'plc-1' ? { ...asset, modbus } : asset,
      );
      const policy = (version: number, requestTimeout: number) =>
        samplePolicy({
          version,
          assets,
          profiles: [sampleProfile({ limits: sampleLimits({ requestTimeout }) })],
        });
      const link = await bench.engine.inspector(0);
      await link.enforce(policy(1, 500));
      const [port] = await link.serve([bench.listener()]);
      const client = await bench.loopback.connect(port!);
      await link.hears('opened');
      await link.enforce(policy(2, now));
      if (!cut) client.socket.end();
      const { reason } = (await link.hears('closed')).connection;
      expect(reason).toBe(cut ? 'policy-changed' : 'client-closed');
    },
  );

  test('that was not prepared or does not fit its digest is not taken', async () => {
    const { client, link } = await bench.connected();
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
    const link = await bench.engine.inspector(0);
    await link.enforce(gated);
    const [port] = await link.serve([bench.listener()]);
    expect(await (await bench.loopback.connect(port!)).ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'no-session', flowId: 'C-1/F-1' });
  });

  test('ends open connections at its time, the engine being dead', async () => {
    const link = await bench.engine.inspector(0);
    await link.enforce(gated);
    link.send({ kind: 'gates', open: [{ flow: 'C-1/F-1', until: Date.now() + 1_500 }], tellsTime: true });
    const client = await bench.loopback.connect((await link.serve([bench.listener()]))[0]!);
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    await bench.engine.stop();
    expect(await client.ended).toBe('ECONNRESET');
    await bench.engine.start();
    const { connection } = await (await bench.engine.inspector(1)).hears('closed');
    expect(connection.reason).toBe('expired');
  });

  test('that the engine shuts ends open connections at once', async () => {
    const link = await bench.engine.inspector(0);
    await link.enforce(gated);
    link.send({ kind: 'gates', open: [{ flow: 'C-1/F-1', until: Date.now() + 3_600_000 }], tellsTime: true });
    const client = await bench.loopback.connect((await link.serve([bench.listener()]))[0]!);
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    link.send({ kind: 'gates', open: [], tellsTime: true });
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection.reason).toBe('no-session');
  });
});

describe('without its engine', () => {
  test('it goes on, and tells it afterwards what happened', async () => {
    const { client, port } = await bench.connected();
    await bench.engine.stop();
    client.socket.write(writeRegister(1, 140, 77));
    await client.read(12);
    client.socket.write(writeRegister(2, 140, 900));
    await client.read(21);
    const short = await bench.loopback.connect(port);
    short.socket.write(readRegisters(1, 0, 1));
    await short.read(11);
    short.socket.end();
    await short.ended;
    await bench.engine.start();
    const again = await bench.engine.inspector(1);
    expect(await again.hears('hello')).toMatchObject({
      shards: [0],
      policy: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await again.hears('opened')).connection.id).toBe(`${BenchEpoch}-1`);
    expect((await again.hears('closed')).connection.id).toBe(`${BenchEpoch}-2`);
    expect((await again.hears('refusal')).refusal).toMatchObject({ reason: 'value-out-of-range', count: 1 });
  });
});
