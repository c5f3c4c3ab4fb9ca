import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLogPrefix } from '../../../rules/nft/log-prefix.ts';
import { mustRunIn, run } from '../../plant/namespaces/exec.ts';
import { type Bench, HmiAddress, layBench, PlcAddress } from './bench.ts';
import { type Enforcer, startEnforcer } from './enforcer.ts';
import { benchPolicy, flowId } from './policies.ts';

const Echo = { id: 'F-01', protocol: 'icmp-echo' } as const;
const First = benchPolicy(Echo, { id: 'F-02', port: 7001 });
const Second = benchPolicy(Echo, { id: 'F-02', port: 7001 }, { id: 'F-03', port: 7002 });
/** Other sets, chains and rules, not only other elements. */
const Third = benchPolicy(
  Echo,
  { id: 'F-02', port: 7001 },
  { id: 'F-04', port: 502, inspected: true },
  { id: 'F-05', port: 503, inspected: true, gated: true },
);

let bench: Bench;
let enforcer: Enforcer;

beforeEach(async () => {
  bench = await layBench();
  await mustRunIn(bench.gateway, 'nft', '-f', 'hardware/os/boot-drop.nft');
  enforcer = await startEnforcer(bench);
});

afterEach(() => bench.network.destroy());

test('the boot-time drop gives way to the verified ruleset and only then the box forwards', async () => {
  const forwarding = () => mustRunIn(bench.gateway, 'cat', '/proc/sys/net/ipv4/ip_forward');
  await mustRunIn(bench.gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  await enforcer.check(First);
  expect(await bench.nft('list table inet penstock')).not.toContain('dispatch');
  expect((await forwarding()).trim()).toBe('0');
  await enforcer.apply(First);
  expect((await forwarding()).trim()).toBe('1');
  expect(await enforcer.verify()).toEqual([]);
});

test('what another program changes in the table is told', async () => {
  await enforcer.apply(First);
  expect(await enforcer.verify()).toEqual([]);
  await bench.nft('insert rule inet penstock forward accept');
  expect((await enforcer.verify())[0]).toContain('forward: rule 1');
  await enforcer.apply(First);
  expect(await enforcer.verify()).toEqual([]);
  await bench.nft('flush ruleset');
  expect(await enforcer.verify()).toEqual(['The kernel holds no table inet penstock.']);
});

test('whatever anybody does to any ruleset is heard of at once, whether it is ours or not', async () => {
  await enforcer.apply(First);
  for (const act of ['add table ip somebody', 'delete table ip somebody', 'flush ruleset']) {
    const heard = enforcer.process.output().length;
    await bench.nft(act);
    await enforcer.process.says(new RegExp(`^[^]{${heard}}[^]*touched`));
  }
});

test('a ruleset that somebody flushes takes the way with it, before anybody has looked', async () => {
  await enforcer.apply(First);
  const ping = () =>
    run(['ip', 'netns', 'exec', bench.hmi, 'ping', '-q', '-c', '3', '-i', '0.05', '-W', '1', PlcAddress]);
  expect((await ping()).stdout).toContain('3 received');
  await bench.nft('flush ruleset');
  expect((await ping()).stdout).toContain(' 0 received');
  await enforcer.apply(First);
  expect((await ping()).stdout).toContain('3 received');
});

test('changing the policy under a flood loses no packet and no running connection', async () => {
  await enforcer.apply(First);
  const server = bench.start(bench.plc, 'tcp-server.ts', 7001);
  await server.says(/ready/);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 7001);
  await client.says(/connected/);
  let isFlooding = true;
  const flood = mustRunIn(bench.hmi, 'ping', '-f', '-q', '-c', '60000', PlcAddress);
  const ended = flood.finally(() => {
    isFlooding = false;
  });
  for (let round = 0; isFlooding || round < 20; round += 1) {
    await enforcer.apply([Second, Third, First][round % 3] ?? First);
    client.tell(`round ${round}.`);
    await client.says(new RegExp(`answer round ${round}\\.`));
  }
  expect(await ended).toContain('60000 packets transmitted, 60000 received');
  expect(client.output()).not.toMatch(/failed|closed/);
});

test('a ruleset the kernel refuses leaves the former one and its connections', async () => {
  await enforcer.apply(First);
  // A rule that looks up a map which is not there.
  const broken = { ...Second, nft: Second.nft.replace('"data":"@dispatch"', '"data":"@nowhere"') };
  await expect(enforcer.check(broken)).rejects.toThrow('PST_ERR_NFT_APPLY');
  await expect(enforcer.apply(broken)).rejects.toThrow('PST_ERR_NFT_APPLY');
  expect(await enforcer.verify()).toEqual([]);
});

test('a read-back that differs puts the former ruleset back with its counts', async () => {
  await enforcer.apply(First);
  await ping(5);
  const before = (await enforcer.counts()).flows;
  expect(before).toContainEqual({ flowId: flowId('F-01'), packets: 10, bytes: 840 });
  await enforcer.distort();
  await expect(enforcer.apply(Second)).rejects.toThrow('PST_ERR_NFT_READ_BACK');
  expect((await enforcer.counts()).flows).toEqual(before);
  expect(await bench.nft('list table inet penstock')).not.toContain('7002');
});

test('a read-back that differs at boot puts the boot-time drop back', async () => {
  const withoutCounts = async () => (await bench.nft('list table inet penstock')).replaceAll(/\d+/g, '');
  const drop = await withoutCounts();
  await enforcer.distort();
  await expect(enforcer.apply(First)).rejects.toThrow('PST_ERR_NFT_READ_BACK');
  expect(await withoutCounts()).toBe(drop);
});

test('a read-back that differs on a box with no table at all closes it', async () => {
  await bench.nft('delete table inet penstock');
  await enforcer.distort();
  await expect(enforcer.apply(First)).rejects.toThrow('PST_ERR_NFT_READ_BACK');
  const closed = await bench.nft('list table inet penstock');
  expect(closed.match(/hook (input|forward|output) .* policy drop/g)).toHaveLength(3);
});

test('killing the nft child at any moment leaves one whole ruleset', async () => {
  const flows = Array.from({ length: 600 }, (_, index) => ({
    id: `F-${1000 + index}`,
    port: 10_000 + 2 * index,
  }));
  const heavy = benchPolicy(...flows);
  await enforcer.apply(First);
  for (const delay of [0, 60, 120, 200]) {
    const applied = enforcer.apply(heavy).then(
      () => flows.length,
      () => 0,
    );
    await killChildAfter(delay);
    const expected = await applied;
    const held = await bench.nft('list table inet penstock');
    // Each flow has an element by which it is found and one by which it is counted.
    expect(held.match(/C-01\/F-1\d\d\d/g)?.length ?? 0).toBe(2 * expected);
    await enforcer.apply(First);
    expect(await enforcer.verify()).toEqual([]);
  }
});

test('every dropped packet is told, with its reason and its exact count', async () => {
  await enforcer.apply(First);
  const sent = 30;
  await blast(9999, sent);
  await enforcer.process.says(/^drops .*"dport":9999/m);
  await until(() => told() >= sent);
  expect(told()).toBe(sent);
  expect(enforcer.drops().every(({ lost, others }) => lost === 0 && others === 0)).toBe(true);
  const drop = enforcer
    .drops()
    .flatMap(({ drops }) => drops)
    .find(({ dport }) => dport === 9999);
  expect(drop).toMatchObject({
    indev: 'sup0',
    outdev: 'proc0',
    src: HmiAddress,
    dst: PlcAddress,
    protocol: 17,
  });
  expect(parseLogPrefix(drop?.prefix ?? '')).toEqual({
    reason: 'no-flow',
    where: 'supervisory>process',
    verdict: 'refuse',
  });
  expect((await enforcer.counts()).drops).toContainEqual({
    reason: 'no-flow',
    packets: sent,
    bytes: sent * 29,
  });
});

test('a flood is told in part and counted in full', async () => {
  await enforcer.apply(First);
  const sent = 5000;
  await blast(9999, sent);
  await enforcer.process.says(/^drops .*"dport":9999/m);
  expect((await enforcer.counts()).drops).toContainEqual({
    reason: 'no-flow',
    packets: sent,
    bytes: sent * 29,
  });
  expect(told()).toBeLessThan(sent);
});

test('counts per flow outlive the ruleset that counted', async () => {
  await enforcer.apply(First);
  await ping(5);
  await enforcer.apply(Second);
  await ping(3);
  expect((await enforcer.counts()).flows).toContainEqual({
    flowId: flowId('F-01'),
    packets: 16,
    bytes: 1344,
  });
});

test('a restarted enforcement finds the right table and changes nothing in it', async () => {
  await enforcer.apply(First);
  await ping(5);
  enforcer.process.kill('SIGKILL');
  const next = await startEnforcer(bench);
  await next.apply(First);
  expect((await next.counts()).flows).toContainEqual({ flowId: flowId('F-01'), packets: 10, bytes: 840 });
});

async function ping(count: number): Promise<void> {
  await mustRunIn(bench.hmi, 'ping', '-q', '-i', '0.01', '-c', String(count), PlcAddress);
}

/** Sends UDP datagrams of one byte from the HMI to the controller. */
async function blast(port: number, count: number): Promise<void> {
  await mustRunIn(bench.hmi, process.execPath, '-e', Blast, PlcAddress, String(port), String(count));
}

/** How many packets to port 9999 the drop reader has told of. */
function told(): number {
  const drops = enforcer.drops().flatMap((summary) => summary.drops);
  return drops.reduce((sum, { dport, count }) => (dport === 9999 ? sum + count : sum), 0);
}

async function killChildAfter(delay: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delay));
  const pids = await mustRunIn(bench.gateway, 'ip', 'netns', 'pids', bench.gateway);
  for (const pid of pids.split('\n').filter((line) => line !== '')) {
    const commandLine = await mustRunIn(bench.gateway, 'cat', `/proc/${pid}/cmdline`).catch(() => '');
    if (commandLine.includes('nft-child.ts')) process.kill(Number(pid), 'SIGKILL');
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

const Blast = `
const [address, port, count] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
let left = Number(count);
const next = () => (left-- > 0 ? socket.send('x', Number(port), address, next) : socket.close());
next();
`;
