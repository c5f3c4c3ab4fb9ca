import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mustRunIn, startIn } from '../../plant/namespaces/exec.ts';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import { startTraffic, type Traffic } from '../traffic.ts';
import type { Box } from './box.ts';
import { type Echoes, startEchoes } from './echoes.ts';
import { openPair, type PairBench } from './pair-bench.ts';

/**
 * One pair and one traffic for all of them: the plain connection that is opened first lives through every
 * takeover, and what the model forbids is tried, and watched for, without pause.
 */
describe.skipIf(lacks('libmodbus', 'tcpdump', 'keepalived', 'conntrackd'))('a pair of boxes', () => {
  let bench: PairBench;
  let traffic: Traffic;
  let echoes: Echoes;
  let carrier: Box;
  let other: Box;

  beforeAll(async () => {
    bench = await openPair();
    traffic = await startTraffic(bench, Besides);
    echoes = await startEchoes(bench);
  }, Patience);

  afterAll(async () => {
    await traffic?.stop();
    await echoes?.stop();
    await bench?.close();
  });

  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const { name, log } of bench.boxes) console.log(`${name}: ${log().slice(-4_000)}`);
  });

  beforeEach(async () => {
    carrier = await bench.carrier();
    other = bench.other(carrier);
    await bothReady();
  });

  test('keepalived killed and started again, as systemd does: every leg moves', {
    tags: ['deep'],
  }, async () => {
    const since = Date.now();
    await carrier.killKeepalived();
    await moves(since);
  });

  test('one cable pulled: every leg moves, and stays when it is back', async () => {
    const since = Date.now();
    await bench.cable(carrier, 'proc0', 'down');
    await moves(since);
    await bench.cable(carrier, 'proc0', 'up');
  });

  test('the gateway stopped: every leg moves, and stays when it runs again', { tags: ['deep'] }, async () => {
    const since = Date.now();
    await carrier.gateway().supervisor.stop();
    await moves(since);
    await carrier.startGateway();
  });

  test('the engine frozen: every leg moves, and nothing is lost before', async () => {
    const since = Date.now();
    const engines = await carrier.gateway().pids('engine');
    for (const pid of engines) process.kill(pid, 'SIGSTOP');
    try {
      await moves(since);
    } finally {
      for (const pid of engines) process.kill(pid, 'SIGCONT');
    }
  });

  test('the engine killed and started again: its sign stands until the next one has its own, and nothing moves', {
    tags: ['deep'],
  }, async () => {
    const before = takeovers();
    const engines = await carrier.gateway().pids('engine');
    const sign = join(carrier.site.folder, 'run/carrying');
    const since = Date.now();
    for (const pid of engines) process.kill(pid, 'SIGKILL');
    await eventually('the next engine to say that the box carries', () => {
      const [, engine] = readFileSync(sign, 'utf8').split(' ').map(Number);
      return engine === undefined || engines.includes(engine) ? undefined : true;
    });
    const took = Date.now() - since;
    console.log(`the next engine said so after ${took} ms`);
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
    // README.md: it has 5 s, which a machine that is busy with more does not always keep.
    if (took < 4_000) {
      expect(await carrier.isWell()).toBe(true);
      expect(takeovers()).toBe(before);
    }
    await eventually('a box that has everything', async () => {
      const held = await Promise.all([carrier.holds(), other.holds()]);
      return held.includes('all') && held.includes('none') ? true : undefined;
    });
  });

  test('the inspector that carries frozen: every leg moves, and it is killed and replaced where it was', {
    tags: ['deep'],
  }, async () => {
    const inspectors = (await carrier.gateway().status())?.inspectors ?? [];
    const frozen = inspectors.filter(({ shards }) => shards.length > 0).map(({ pid }) => pid);
    expect(frozen).not.toEqual([]);
    const since = Date.now();
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    await moves(since);
    await eventually('them to be gone', async () => {
      const now = await carrier.gateway().pids('inspector');
      return frozen.some((pid) => now.includes(pid)) ? undefined : true;
    });
  });

  test('a table that does not drop by default gives the addresses up, also to a box that cannot inspect', {
    tags: ['deep'],
  }, async () => {
    await other.gateway().supervisor.stop();
    await eventually('the other box to be the worse one', () => (other.countsAsWell() ? undefined : true));
    const since = Date.now();
    // Nobody is there to put it back.
    const engines = await carrier.gateway().pids('engine');
    for (const pid of engines) process.kill(pid, 'SIGSTOP');
    try {
      const accept = 'chain inet penstock output { policy accept; }';
      await mustRunIn(carrier.namespace, 'nft', accept);
      await eventually('the other box', async () => ((await other.holds()) === 'all' ? true : undefined));
      await traffic.plainLives();
      await traffic.nothingForbiddenArrived();
      expect(echoes.longest(since)).toBeLessThan(bound());
      // Well again before the first one is, which would take the addresses back as the better one.
      await other.startGateway();
      await eventually('the other box to count as well', () => (other.countsAsWell() ? true : undefined));
    } finally {
      for (const pid of engines) process.kill(pid, 'SIGCONT');
    }
  });

  test('neither can inspect: the addresses stay where they are, and plain flows go on', {
    tags: ['deep'],
  }, async () => {
    const since = Date.now();
    await other.gateway().supervisor.stop();
    await carrier.gateway().supervisor.stop();
    await eventually('both to have missed their gateways', async () => {
      const well = await Promise.all([carrier.isWell(), other.isWell()]);
      return well.includes(true) ? undefined : true;
    });
    const before = takeovers();
    // Five looks of keepalived and several of its time-outs, in which nothing is to happen.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(takeovers()).toBe(before);
    expect([await carrier.holds(), await other.holds()].toSorted()).toEqual(['all', 'none']);
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
    expect(echoes.longest(since)).toBeLessThan(bound());
    await carrier.startGateway();
    await other.startGateway();
  });

  test('the whole box gone: every leg moves, and stays when it is there again', {
    tags: ['deep'],
  }, async () => {
    const since = Date.now();
    await bench.unplug(carrier);
    await moves(since);
    await bench.plugIn(carrier);
    // README.md: by a device that was taken away and came back, keepalived 2.2.7 stands by for ever.
    await carrier.killKeepalived();
    [carrier, other] = [other, carrier];
    await bothReady();
  });

  test('the power of a box cut: every leg moves; it comes back from cold, carries nothing, and then takes over what lives', {
    tags: ['deep'],
  }, async () => {
    const since = Date.now();
    await bench.cutPower(carrier);
    await moves(since);
    const addresses = startIn(other.namespace, ['ip', 'monitor', 'address']);
    const before = [carrier.takeovers(), other.takeovers()];
    await bench.boot(carrier);
    await eventually('the box to count as well again', () => (carrier.countsAsWell() ? true : undefined));
    // It has had the addresses at no time, and the other one has at no time been without.
    expect([carrier.takeovers(), other.takeovers()]).toEqual(before);
    expect(addresses.output()).not.toMatch(/10\.61\.[23]0\.1\//);
    await addresses.stop();
    await traffic.nothingForbiddenArrived();
    await eventually('the state of the plain connection at the box that was cold', async () => {
      const { stdout } = await carrier.run('conntrackd', '-e');
      return /dport=443/.test(stdout) ? true : undefined;
    });
    [carrier, other] = [other, carrier];
    await bothReady();
    const again = Date.now();
    await bench.cutPower(carrier);
    await moves(again);
    await bench.boot(carrier);
    [carrier, other] = [other, carrier];
    await bothReady();
  });

  function takeovers(): number {
    return carrier.takeovers() + other.takeovers();
  }

  async function moves(since: number): Promise<void> {
    await eventually('the other box', async () => ((await other.holds()) === 'all' ? true : undefined));
    const took = Date.now() - since;
    const transaction = await traffic.recoveredAfter(since);
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
    const [unanswered, silent] = [traffic.longestUnanswered(since), echoes.longest(since)];
    console.log(
      `moved after ${took} ms, next transaction after ${transaction} ms; longest without a transaction ${unanswered} ms, without a plain packet ${silent} ms`,
    );
    expect(Math.max(took, unanswered, silent)).toBeLessThan(bound());
  }

  /** Whatever was done to a box is mended, it has come back as the one that stands by, and nothing moved for it. */
  async function bothReady(): Promise<void> {
    await eventually('two boxes that are well', async () => {
      const well = await Promise.all([carrier.isWell(), other.isWell()]);
      return well.includes(false) ? undefined : true;
    });
    const before = takeovers();
    await eventually('the one that stands by to count as well', () =>
      other.countsAsWell() ? true : undefined,
    );
    expect(await carrier.holds()).toBe('all');
    expect(takeovers()).toBe(before);
  }
});

/**
 * What the model permits to others on the wire of plc-dosing: a bridge that has lost a port sends it to everybody
 * for a moment. The boxes' VRRP, what never passed a box, and the plain flows.
 */
const Besides =
  'ip proto 112 or src net 10.61.30.0/24 or (src host 10.61.20.50 and dst host 10.61.30.11 and (icmp or tcp port 443))';
/** Two gateways start one after the other. Milliseconds. */
const Patience = 600_000;
/** From the fault to the last leg that has moved, and of silence on the wire. Milliseconds. */
const Goal = 3_000;

/** The goal stands for a machine with a processor to spare; where many processes wait for one it is taken five times. */
function bound(): number {
  return (loadavg()[0] ?? 0) > availableParallelism() ? 5 * Goal : Goal;
}
