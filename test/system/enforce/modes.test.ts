import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectorPort, shardOf } from '../../../rules/nft/inspected.ts';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import { client as program } from '../bench.ts';
import { lacks } from '../tools.ts';
import { type Bench, HmiAddress, layBench, PlcAddress } from './bench.ts';
import { type Enforcer, startEnforcer } from './enforcer.ts';
import { flowId, policyWithModes } from './policies.ts';

const Kept = { id: 'F-01', port: 7001 };
const Echo = { id: 'F-02', protocol: 'icmp-echo' } as const;
const Cut = { id: 'F-03', port: 7003 };
const CutUdp = { id: 'F-04', protocol: 'udp', port: 7004 } as const;
const CutInspected = { id: 'F-05', port: 502, inspected: true };
const KeptInspected = { id: 'F-06', port: 503, inspected: true };
const CutGated = { id: 'F-07', port: 7007, gated: true };
const KeptGated = { id: 'F-08', port: 7008, gated: true };
const CutOneWay = { id: 'F-09', protocol: 'udp', port: 7009, oneWay: true } as const;
const Flows = [Kept, Echo, Cut, CutUdp, CutInspected, KeptInspected, CutGated, KeptGated, CutOneWay];
const Modes = {
  island: ['F-01', 'F-02', 'F-06', 'F-08'],
  lockdown: ['F-01', 'F-02', 'F-06'],
};
const Policy = policyWithModes(Modes, ...Flows);
const open = [flowId('F-07'), flowId('F-08')].map((flow) => ({ flow, until: 0 }));

let bench: Bench;
let enforcer: Enforcer;

beforeEach(async () => {
  bench = await layBench();
  enforcer = await startEnforcer(bench);
  await enforcer.apply(Policy, open);
});

afterEach(() => bench.network.destroy());

describe('a mode', () => {
  test('cuts the open TCP connection of a flow it does not keep, with a reset, and no other', async () => {
    const cut = await talk(7003);
    const kept = await talk(7001);
    await enforcer.setMode('island');
    cut.tell('dead');
    await cut.says(/failed ECONNRESET/);
    await answers(kept, 'alive');
    await client(7003).says(/failed ECONNREFUSED/);
    expect(await dropped('mode-cut')).toBeGreaterThan(1);
    expect(await enforcer.verify()).toEqual([]);
  });

  test('cuts what the server of a cut flow sends, and resets it', { tags: ['deep'] }, async () => {
    await bench.start(bench.plc, 'tcp-talker.ts', 7003).says(/ready/);
    const cut = client(7003);
    await cut.says(/answer tick/);
    await enforcer.setMode('island');
    const before = cut.output().length;
    await expect.poll(() => dropped('mode-cut'), Patience).toBeGreaterThan(0);
    expect(cut.output().slice(before)).not.toContain('tick');
  });

  test('cuts UDP in both directions until another mode keeps it', async () => {
    const server = bench.start(bench.plc, program('peer.ts'), 'udp-listen', PlcAddress, 7004);
    await server.says(/listening/);
    const peer = bench.start(bench.hmi, program('peer.ts'), 'udp', PlcAddress, 7004);
    await peer.says(/ready/);
    peer.tell('aa');
    await peer.says(/got aa/);
    await enforcer.setMode('island');
    peer.tell('bb');
    await expect.poll(() => dropped('mode-cut'), Patience).toBe(1);
    await enforcer.setMode('normal');
    peer.tell('cc');
    await peer.says(/got cc/);
    expect(server.output()).not.toContain('bb');
  });

  test('judges gated flows before their gate, and keeps those it keeps', async () => {
    const [cut, kept] = [await talk(7007), await talk(7008)];
    await enforcer.setMode('island');
    cut.tell('dead');
    await cut.says(/failed ECONNRESET/);
    await answers(kept, 'alive');
    await enforcer.setGates([]);
    kept.tell('dead');
    await kept.says(/failed ECONNRESET/);
    expect(await dropped('no-session')).toBeGreaterThan(0);
  });

  test('cuts one-way flows', async () => {
    const server = bench.start(bench.plc, program('peer.ts'), 'udp-listen', PlcAddress, 7009);
    await server.says(/listening/);
    const peer = bench.start(bench.hmi, program('peer.ts'), 'udp', PlcAddress, 7009);
    await peer.says(/ready/);
    peer.tell('aa');
    await server.says(/ aa/);
    await enforcer.setMode('island');
    const before = await dropped('mode-cut');
    peer.tell('bb');
    await expect.poll(() => dropped('mode-cut'), Patience).toBe(before + 1);
    expect(server.output()).not.toContain(' bb');
  });

  test('refuses what has no flow for having none', async () => {
    await enforcer.setMode('island');
    await client(7999).says(/failed ECONNREFUSED/);
    expect(await dropped('no-flow')).toBeGreaterThan(0);
    expect(await dropped('mode-cut')).toBe(0);
  });

  test('that the policy does not have keeps what all its modes keep', async () => {
    const [kept, cut] = [await talk(7001), await talk(7003)];
    await enforcer.setMode('unheard-of');
    await answers(kept, 'alive');
    cut.tell('dead');
    await expect.poll(() => dropped('mode-cut'), Patience).toBeGreaterThan(0);
    expect(cut.output()).not.toContain('dead');
    expect(await enforcer.verify()).toEqual([]);
  });

  test.skipIf(lacks('python3'))('cuts errors about a connection it cuts', async () => {
    const peer = bench.start(bench.hmi, program('peer.ts'), 'udp', PlcAddress, 7004);
    const server = bench.start(bench.plc, program('peer.ts'), 'udp-listen', PlcAddress, 7004);
    await server.says(/listening/);
    await peer.says(/ready/);
    peer.tell('aa');
    const [, port = ''] = await server.says(/from [^ ]+:(\d+) aa/);
    await peer.says(/got aa/);
    const error = [HmiAddress, port, PlcAddress, '7004'];
    const passed = async () =>
      (await enforcer.counts()).flows.find(({ flowId: id }) => id === flowId('F-04'))?.packets ?? 0;
    const before = await passed();
    await mustRunIn(bench.plc, 'python3', program('icmp-error.py'), ...error);
    expect(await passed()).toBe(before + 1);
    await enforcer.setMode('island');
    await mustRunIn(bench.plc, 'python3', program('icmp-error.py'), ...error);
    expect(await passed()).toBe(before + 1);
    expect(await dropped('mode-cut')).toBe(1);
  });
});

describe('an inspected flow', () => {
  let diverter: Running;

  beforeEach(async () => {
    const shard = shardOf({ asset: 'plc', zone: 'process', prefixes: [`${PlcAddress}/32`] });
    diverter = bench.start(bench.gateway, 'diverter.ts', inspectorPort(shard));
    await diverter.says(/ready/);
  });

  test('is cut by the kernel with its inspector alive, in both directions', async () => {
    const [cut, kept] = [await talk(502), await talk(503)];
    await enforcer.setMode('island');
    const before = diverter.output();
    cut.tell('dead');
    await cut.says(/failed ECONNRESET/);
    await answers(kept, 'alive');
    await client(502).says(/failed ECONNREFUSED/);
    expect(diverter.output()).toBe(before);
    expect(await dropped('mode-cut')).toBeGreaterThan(1);
    expect(await dropped('inspector-lost')).toBe(0);
  });

  test('that the mode cuts is reset on the side of its server too', async () => {
    const server = bench.start(bench.plc, 'tcp-talker.ts', 502);
    await server.says(/ready/);
    await client(502).says(/answer tick/);
    await enforcer.setMode('island');
    await server.says(/failed ECONNRESET/);
  });

  test('that the mode cuts hears nothing more from an inspector that does not obey', async () => {
    const shard = shardOf({ asset: 'plc', zone: 'process', prefixes: [`${PlcAddress}/32`] });
    await diverter.stop();
    diverter = bench.start(bench.gateway, 'diverter.ts', inspectorPort(shard), 'tick');
    await diverter.says(/ready/);
    await serve(502);
    const cut = client(502);
    await cut.says(/answer tick/);
    await enforcer.setMode('island');
    await expect.poll(() => dropped('mode-cut'), Patience).toBeGreaterThan(1);
    const before = cut.output().length;
    await expect.poll(() => dropped('mode-cut'), Patience).toBeGreaterThan(3);
    expect(cut.output().slice(before)).not.toContain('tick');
  });

  test('is open again when recovery reaches it, and cut by the next switch', async () => {
    await serve(502);
    await enforcer.setMode('island');
    await client(502).says(/failed ECONNREFUSED/);
    await enforcer.setMode('island', [flowId('F-05')]);
    expect(await enforcer.verify()).toEqual([]);
    const again = await talk(502, false);
    await enforcer.setMode('lockdown');
    again.tell('dead');
    await again.says(/failed ECONNRESET/);
  });
});

describe('recovery', () => {
  test('opens flow after flow again, in the order it is told', async () => {
    await serve(7003);
    await serve(7007);
    await enforcer.setMode('lockdown');
    await client(7003).says(/failed ECONNREFUSED/);
    await enforcer.setMode('lockdown', [flowId('F-03')]);
    const first = await talk(7003, false);
    await client(7007).says(/failed ECONNREFUSED/);
    await enforcer.setMode('lockdown', [flowId('F-03'), flowId('F-07')]);
    await talk(7007, false);
    await answers(first, 'alive');
    expect(await enforcer.verify()).toEqual([]);
    await enforcer.setMode('lockdown');
    await client(7003).says(/failed ECONNREFUSED/);
  });

  test('and mode outlive a replaced policy and the engine that put them in force', {
    tags: ['deep'],
  }, async () => {
    await enforcer.setMode('island', [flowId('F-03')]);
    const [kept, again] = [await talk(7001), await talk(7003)];
    await enforcer.apply(policyWithModes(Modes, ...Flows, { id: 'F-10', port: 7010 }), open);
    expect(await enforcer.verify()).toEqual([]);
    await answers(kept, 'on');
    await answers(again, 'on');
    await client(7010).says(/failed ECONNREFUSED/);

    enforcer.process.kill('SIGKILL');
    await client(7010).says(/failed ECONNREFUSED/);
    await answers(again, 'still');
    const next = await startEnforcer(bench);
    await next.setMode('island', [flowId('F-03')]);
    await next.apply(Policy, open);
    await answers(again, 'after');
    await answers(kept, 'after');
  });
});

test('two hundred switches under a flood lose no packet and no byte of what every mode keeps', {
  tags: ['deep'],
}, async () => {
  const shard = shardOf({ asset: 'plc', zone: 'process', prefixes: [`${PlcAddress}/32`] });
  await bench.start(bench.gateway, 'diverter.ts', inspectorPort(shard)).says(/ready/);
  const kept = [await talk(7001), await talk(503)];
  let isFlooding = true;
  const flood = mustRunIn(bench.hmi, 'ping', '-f', '-q', '-c', '60000', PlcAddress).finally(() => {
    isFlooding = false;
  });
  for (let round = 0; round < 200 || isFlooding; round += 1) {
    const mode = ['island', 'lockdown', 'normal'][round % 3] ?? 'normal';
    await enforcer.setMode(mode, round % 2 === 0 ? [] : [flowId('F-03')]);
    if (round % 20 === 0) for (const one of kept) await answers(one, `round ${round}.`);
  }
  expect(await flood).toContain('60000 packets transmitted, 60000 received');
  for (const one of kept) {
    await answers(one, 'end');
    expect(one.output()).not.toMatch(/failed|closed/);
  }
  // Nothing but what is kept was sent, so nothing was dropped, which a connection would have hidden.
  for (const reason of ['mode-cut', 'inspector-lost', 'no-flow']) expect(await dropped(reason)).toBe(0);
  expect(await enforcer.verify()).toEqual([]);
});

async function serve(port: number): Promise<void> {
  await bench.start(bench.plc, 'tcp-server.ts', port).says(/ready/);
}

function client(port: number): Running {
  return bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, port);
}

/** A connection over which a line has gone each way. */
async function talk(port: number, alone = true): Promise<Running> {
  if (alone) await serve(port);
  const running = client(port);
  await answers(running, 'hello');
  return running;
}

async function answers(running: Running, word: string): Promise<void> {
  running.tell(word);
  await running.says(new RegExp(`answer ${word}`));
}

async function dropped(reason: string): Promise<number> {
  const { drops } = await enforcer.counts();
  return drops.find((count) => count.reason === reason)?.packets ?? 0;
}

/** Far more than anything here takes, so that a slow machine fails no test. */
const Patience = { timeout: 20_000 };
