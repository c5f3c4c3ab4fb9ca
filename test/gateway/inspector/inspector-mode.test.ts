import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineToInspector } from '../../../gateway/ipc/messages.ts';
import type { ModeRule } from '../../../rules/policy.ts';
import type { InspectorLink } from './engine-double.ts';
import { type Bench, openBench } from './inspector-bench.ts';
import { readRegisters, writeRegister } from './loopback.ts';
import { sampleFlow, samplePermission, samplePolicy, sampleProfile } from './sample.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const plain: ModeRule = { name: 'normal', keep: [], keepsAll: true, recover: [], profiles: [] };
const island: ModeRule = { ...plain, name: 'island', keepsAll: false };
const lockdown: ModeRule = {
  ...island,
  name: 'lockdown',
  keep: ['C-1/F-1'],
  profiles: [{ flow: 'C-1/F-1', profile: 'watch' }],
};
const watch = sampleProfile({
  name: 'watch',
  permissions: [samplePermission({ functions: [3], addresses: [{ first: 0, last: 199 }] })],
});
const policy = samplePolicy({ modes: [plain, island, lockdown], profiles: [sampleProfile(), watch] });

type ModeMessage = Extract<EngineToInspector, { kind: 'mode' }>;

const mode = (name: string, generation: number, reopened: string[] = []): ModeMessage => ({
  kind: 'mode',
  mode: name,
  generation,
  reopened,
});

async function switched(link: InspectorLink, message: ModeMessage) {
  link.send(message);
  return link.hears('mode-set', ({ generation }) => generation === message.generation);
}

async function connected() {
  const link = await bench.engine.inspector(0);
  await link.enforce(policy);
  const [port = 0] = await link.serve([bench.listener()]);
  return { link, port, client: await bench.loopback.connect(port) };
}

describe('a switch of mode', () => {
  test('cuts the connections of a flow it does not keep, and lets nobody in again until it ends', async () => {
    const { link, client, port } = await connected();
    client.socket.write(readRegisters(1, 0, 1));
    await client.read(11);
    expect((await switched(link, mode('island', 1))).problem).toBe('');
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('closed')).connection.reason).toBe('mode-cut');
    expect(await (await bench.loopback.connect(port)).ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'mode-cut', flowId: 'C-1/F-1' });
    await switched(link, mode('normal', 2));
    const again = await bench.loopback.connect(port);
    again.socket.write(readRegisters(1, 0, 1));
    await again.read(11);
  });

  test('refuses under the profile of the mode what the own one permits, over the same connection', async () => {
    const { link, client } = await connected();
    client.socket.write(writeRegister(1, 140, 42));
    await client.read(12);
    await switched(link, mode('lockdown', 1));
    client.socket.write(writeRegister(2, 140, 43));
    expect([...(await client.read(21)).subarray(-2)]).toEqual([0x86, 1]);
    client.socket.write(readRegisters(3, 140, 1));
    expect((await client.read(32)).at(-1)).toBe(42);
    await switched(link, mode('lockdown', 2, ['C-1/F-1']));
    client.socket.write(writeRegister(4, 140, 43));
    await client.read(44);
    expect(link.heard('closed')).toEqual([]);
    expect((await link.hears('refusal')).refusal).toMatchObject({ reason: 'fc-not-allowed', count: 1 });
  });

  test('that its policy does not have lets nothing pass, and says so', async () => {
    const { link, client, port } = await connected();
    const { problem } = await switched(link, mode('islnd', 1));
    expect(problem).toContain('no mode islnd');
    expect(await client.ended).toBe('ECONNRESET');
    expect(await (await bench.loopback.connect(port)).ended).toBe('ECONNRESET');
  });

  test('told before the first policy holds under it, and under the next', async () => {
    const link = await bench.engine.inspector(0);
    await switched(link, mode('island', 7));
    await link.enforce(policy);
    const [port = 0] = await link.serve([bench.listener()]);
    expect(await (await bench.loopback.connect(port)).ended).toBe('ECONNRESET');
    await link.enforce({ ...policy, version: 2 });
    expect(await (await bench.loopback.connect(port)).ended).toBe('ECONNRESET');
  });

  test('outlives the engine that told it', async () => {
    const { link, client, port } = await connected();
    await switched(link, mode('island', 1));
    await client.ended;
    await bench.engine.stop();
    expect(await (await bench.loopback.connect(port)).ended).toBe('ECONNRESET');
    await bench.engine.start();
  });

  test('keeps a policy out that does not have the mode in force', async () => {
    const { link } = await connected();
    await switched(link, mode('island', 1));
    const without = samplePolicy({ version: 2, modes: [plain] });
    await expect(
      Promise.race([
        link.enforce(without).then(() => 'in force'),
        link.hears('unprepared').then(({ problem }) => problem),
      ]),
    ).resolves.toContain('no mode island');
  });

  test('leaves a connection of another flow alone', async () => {
    const flows = [
      sampleFlow(),
      sampleFlow({
        number: 2,
        id: 'C-1/F-2',
        sources: [{ asset: 'hmi-2', zone: 'control', prefixes: ['10.10.0.11/32'] }],
      }),
    ];
    const link = await bench.engine.inspector(0);
    await link.enforce({ ...policy, flows, modes: [plain, { ...island, keep: ['C-1/F-2'] }] });
    const [cutPort = 0, keptPort = 0] = await link.serve([bench.listener(), bench.listener({ as: 'hmi-2' })]);
    const [cut, kept] = [await bench.loopback.connect(cutPort), await bench.loopback.connect(keptPort)];
    kept.socket.write(readRegisters(1, 0, 1));
    await kept.read(11);
    await switched(link, mode('island', 1));
    expect(await cut.ended).toBe('ECONNRESET');
    kept.socket.write(readRegisters(2, 0, 1));
    await kept.read(22);
  });
});
