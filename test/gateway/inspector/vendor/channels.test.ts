import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRegisters, writeRegister } from '../loopback.ts';
import { sampleProfile } from '../sample.ts';
import {
  type ChannelBench,
  enter,
  OpaqueTarget,
  openChannelBench,
  Target,
  vendorPolicy,
} from './channel-bench.ts';

let bench: ChannelBench;
beforeEach(async () => {
  bench = await openChannelBench();
});
afterEach(() => bench.close());

describe('a granted session’s channel to a Modbus server', () => {
  test('passes what its profile permits, refuses the rest and tells each in the plant’s words', async () => {
    const { client, id } = await bench.open();
    expect(await bench.says('opened', id)).toMatchObject({
      server: { address: '127.0.0.1', port: bench.plc.port },
    });
    client.socket.write(readRegisters(1, 140, 1));
    await client.read(11);
    client.socket.write(writeRegister(2, 140, 25));
    await client.read(23);
    client.socket.write(writeRegister(3, 140, 900));
    expect((await client.read(32)).subarray(23)).toEqual(Buffer.from([0, 3, 0, 0, 0, 3, 1, 0x86, 3]));
    expect(bench.plc.memory.holdingRegisters[140]).toBe(25);
    const before = client.received().readUInt16BE(9);
    expect(await bench.says('operation', id, ({ outcome }) => outcome === 'refused')).toMatchObject({
      write: true,
      reason: 'value-out-of-range',
      exceptionCode: 3,
      permission: 'operate/2',
      request: { unit: 1, functionCode: 6, address: 140, values: [900], before: [25] },
      text: 'WRITE holding register 140 (40141) "setpoint": 25 → 900 (limit 100), unit 1',
    });
    expect(bench.said('operation', id)).toMatchObject([
      {
        write: true,
        outcome: 'passed',
        exceptionCode: 0,
        permission: 'operate/2',
        request: { address: 140, values: [25], before: [before] },
        text: `WRITE holding register 140 (40141) "setpoint": ${before} → 25, unit 1`,
      },
      { outcome: 'refused' },
    ]);
  });

  test('tells reads where they are wanted, and the exception of the device', async () => {
    const { client, id } = await bench.open({ reportReads: true });
    client.socket.write(readRegisters(1, 0, 2));
    expect(await bench.says('operation', id)).toMatchObject({
      write: false,
      outcome: 'passed',
      text: 'READ holding registers 0-1 (40001-40002) "read", unit 1',
    });
    expect((await client.read(13)).length).toBeGreaterThan(0);
  });

  test('tells a write the device did not take as answered, with its exception', async () => {
    const port = await bench.loopback.listen((socket) => {
      socket.on('data', (chunk: Buffer) => {
        socket.write(Buffer.from([chunk[0]!, chunk[1]!, 0, 0, 0, 3, 1, 0x86, 4]));
      });
    });
    const { client, id } = await bench.open({ dial: { address: '127.0.0.1', port } });
    client.socket.write(writeRegister(1, 140, 5));
    expect(await client.read(9)).toEqual(Buffer.from([0, 1, 0, 0, 0, 3, 1, 0x86, 4]));
    expect(await bench.says('operation', id)).toMatchObject({
      write: true,
      outcome: 'answered',
      exceptionCode: 4,
    });
  });

  test('tells a write that went out also where the channel ends before its answer', async () => {
    const port = await bench.loopback.listen(() => undefined);
    const { client, id } = await bench.open({ dial: { address: '127.0.0.1', port } });
    client.socket.write(writeRegister(1, 140, 5));
    await bench.says('progress', id);
    bench.link.send({ kind: 'end-channels', channels: [id], reason: 'grant-stopped' });
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'grant-stopped', writes: 1, requests: 1 });
    expect(bench.said('operation', id)).toMatchObject([{ outcome: 'passed', request: { values: [5] } }]);
  });

  test('is judged with the plant’s own traffic: a step counts from what the plant last wrote', async () => {
    const stepped = sampleProfile();
    const [read, write] = stepped.permissions;
    const step = { max: 5, maxPerMinute: undefined, noOlderThan: 0 };
    const policy = vendorPolicy({
      version: 2,
      profiles: [{ ...stepped, permissions: [read!, { ...write!, step }] }],
    });
    await bench.link.enforce(policy);
    const [port] = await bench.link.serve([bench.listener()]);
    const hmi = await bench.loopback.connect(port!);
    hmi.socket.write(readRegisters(1, 140, 1));
    const known = (await hmi.read(11)).readUInt16BE(9);
    hmi.socket.write(writeRegister(2, 140, known + 4));
    await hmi.read(23);
    const { client } = await bench.open();
    client.socket.write(writeRegister(3, 140, known + 10));
    expect((await client.read(9))[7]).toBe(0x86);
    client.socket.write(writeRegister(4, 140, known + 9));
    expect((await client.read(21)).subarray(9)).toEqual(writeRegister(4, 140, known + 9));
  });

  test('tells what passed, and at its end how much that was', async () => {
    const { client, id } = await bench.open();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    expect(await bench.says('progress', id)).toMatchObject({ bytesFromClient: 12, bytesFromServer: 11 });
    client.socket.end();
    expect(await bench.says('closed', id)).toMatchObject({
      reason: 'client-closed',
      bytesFromClient: 12,
      bytesFromServer: 11,
      requests: 1,
      writes: 0,
      refused: 0,
      pieces: 0,
    });
  });
});

describe('a channel to a target of another protocol', () => {
  test('carries bytes as they are, both ways, and half-closes', async () => {
    const port = await bench.loopback.listen((socket) => {
      socket.on('data', (chunk: Buffer) => socket.write(Buffer.from(chunk).reverse()));
      socket.on('end', () => socket.end('bye'));
    });
    const { client, id } = await bench.open({ target: OpaqueTarget, dial: { address: '127.0.0.1', port } });
    client.socket.write('any bytes');
    expect((await client.read(9)).toString()).toBe('setyb yna');
    client.socket.end();
    expect((await client.read(12)).subarray(9).toString()).toBe('bye');
    expect(await client.ended).toBe('end');
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'client-closed', requests: 0 });
  });
});

describe('a channel ends', () => {
  test('when its gate shuts by the time it was told, with the engine silent', async () => {
    const { client, id } = await bench.open();
    bench.openGates(Date.now() + 300);
    await client.ended;
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'expired' });
  });

  test('when its gate is shut by word, with a policy without its target, and with a mode that cuts it', async () => {
    const first = await bench.open();
    bench.openGates(0, []);
    expect(await bench.says('closed', first.id)).toMatchObject({ reason: 'no-session' });
    bench.openGates();
    const second = await bench.open();
    await bench.link.enforce(vendorPolicy({ version: 3, vendors: [] }));
    expect(await bench.says('closed', second.id)).toMatchObject({ reason: 'policy-changed' });
    const lockdown = { name: 'lockdown', keep: [], keepsAll: false, recover: [], profiles: [] };
    await bench.link.enforce(vendorPolicy({ version: 4, modes: [lockdown] }));
    const third = await bench.open();
    bench.link.send({ kind: 'mode', generation: 1, mode: 'lockdown', reopened: [] });
    expect(await bench.says('closed', third.id)).toMatchObject({ reason: 'mode-cut' });
    await third.client.ended;
  });

  test('at once when the engine is gone: nothing could be put on record', async () => {
    const { client } = await bench.open();
    const recorded = await bench.open({ recordBytes: true });
    await bench.engine.stop();
    await client.ended;
    await recorded.client.ended;
  });

  test('with the token unused when nobody comes in time, told once', async () => {
    const { id, path, token } = await bench.expect({ patience: 50 });
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'client-closed', pieces: 0 });
    await expect(enter(path, token)).rejects.toThrow('not let in');
    expect(bench.said('closed', id)).toHaveLength(1);
  });

  test('before it begins where its target does not answer, is not granted or not in the policy', async () => {
    const unreachable = await bench.expect({ dial: { address: '127.0.0.1', port: 1 } });
    await expect(enter(unreachable.path, unreachable.token)).rejects.toThrow('not let in');
    expect(await bench.says('closed', unreachable.id)).toMatchObject({ reason: 'server-unreachable' });
    bench.openGates(0, [OpaqueTarget]);
    const terms = { channel: 'C-shut', target: Target };
    void bench.expect(terms).catch(() => undefined);
    expect(await bench.says('closed', 'C-shut')).toMatchObject({ reason: 'no-session' });
    void bench.expect({ channel: 'C-none', target: 'pumpco/none.1' }).catch(() => undefined);
    expect(await bench.says('closed', 'C-none')).toMatchObject({ reason: 'policy-changed' });
  });
});
