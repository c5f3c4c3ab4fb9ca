import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Python } from '../groups.ts';
import { runIn } from '../plant/namespaces/exec.ts';
import { enforcing, startGateway } from '../plant/namespaces/gateway.ts';
import type { ProcessKind } from '../plant/namespaces/processes.ts';
import { askEngineStatus, type Bench, client, openBench } from './bench.ts';
import { capture } from './capture.ts';
import { eventually } from './eventually.ts';
import { lacks } from './tools.ts';
import { startTraffic, type Traffic } from './traffic.ts';

describe.skipIf(lacks('libmodbus', 'tcpdump'))('kill -9 under traffic', () => {
  let bench: Bench;
  let traffic: Traffic;

  beforeAll(async () => {
    bench = await openBench();
  });

  afterAll(() => bench?.close());

  beforeEach(async () => {
    await enforcing(bench.gateway);
    traffic = await startTraffic(bench);
  });

  afterEach(() => traffic?.stop());

  test('of an inspector: the next permitted transaction passes through the spare', async () => {
    const status = await enforcing(bench.gateway);
    const carrying = status.inspectors.filter((one) => one.shards.length > 0).map((one) => one.pid);
    const killed = kill(carrying);
    const gap = await traffic.recoveredAfter(killed);
    console.log(`inspector killed; next transaction after ${gap} ms`);
    const spare = status.inspectors.find((one) => one.spare)?.pid;
    const now = await bench.gateway.status();
    expect(now?.inspectors.find((one) => one.pid === spare)?.shards).toEqual(
      status.inspectors.flatMap((one) => one.shards),
    );
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
  });

  test('of an inspector, several times: each time a spare has been made ready', {
    tags: ['deep'],
  }, async () => {
    for (let round = 0; round < 3; round++) {
      const status = await enforcing(bench.gateway);
      const carrying = status.inspectors.filter((one) => one.shards.length > 0).map((one) => one.pid);
      const killed = kill(carrying);
      console.log(`round ${round}: next transaction after ${await traffic.recoveredAfter(killed)} ms`);
    }
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
  });

  test.for<{ kind: ProcessKind; carriesOn: boolean }>([
    { kind: 'engine', carriesOn: true },
    { kind: 'nft child', carriesOn: true },
    { kind: 'front', carriesOn: true },
    { kind: 'inspector', carriesOn: false },
  ])('of every $kind process: nothing opens, and permitted traffic goes on', async ({ kind, carriesOn }) => {
    const victims = await bench.gateway.pids(kind);
    expect(victims.length).toBeGreaterThan(0);
    const lostBefore = traffic.lost();
    const killed = kill(victims);
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
    const gap = await (carriesOn ? traffic.answeredAfter(killed) : traffic.recoveredAfter(killed));
    console.log(`every ${kind} killed; next transaction after ${gap} ms`);
    if (carriesOn) expect(traffic.lost()).toBe(lostBefore);
    await enforcing(bench.gateway);
    await traffic.plainLives();
    await traffic.nothingForbiddenArrived();
  });
});

describe.skipIf(lacks('libmodbus', 'tcpdump'))('the measure itself', () => {
  test('sees forbidden packets as soon as nothing holds them back', { tags: ['deep'] }, async () => {
    const bench = await openBench();
    try {
      const traffic = await startTraffic(bench);
      await traffic.nothingForbiddenArrived();
      kill([bench.gateway.supervisor.pid]);
      await allGone(bench);
      await runIn(bench.network.gateway, OpenBox);
      await eventually('a forbidden packet', () => traffic.forbiddenPackets()[0]);
      await traffic.plainLives();
      await traffic.stop();
    } finally {
      await bench.close();
    }
  });
});

describe.skipIf(lacks('libmodbus', 'tcpdump'))('kill -9 of the supervisor', () => {
  test('ends every process, opens nothing, and a new start takes up what stood', async () => {
    const bench = await openBench();
    try {
      const traffic = await startTraffic(bench);
      bench.gateway.supervisor.kill('SIGKILL');
      await allGone(bench);
      await traffic.plainLives();
      await traffic.nothingForbiddenArrived();
      const restarted = Date.now();
      const again = await startGateway(bench.network.gateway, bench.gateway.config, [], askEngineStatus);
      const gap = await traffic.answeredAfter(restarted);
      console.log(`gateway started again; next transaction after ${gap} ms`);
      await traffic.plainLives();
      await traffic.nothingForbiddenArrived();
      await traffic.stop();
      await again.supervisor.stop();
    } finally {
      await bench.close();
    }
  });

  test('lets no segment of a connection through that an inspector carried', async () => {
    const bench = await openBench();
    try {
      const { network } = bench;
      const [controller, scada] = [network.address('plc-dosing'), network.address('scada-1')];
      const server = bench.at(
        'plc-dosing',
        process.execPath,
        client('../../plant/plc.ts'),
        '--address',
        controller,
      );
      await server.says(/listening/);
      const session = bench.at('scada-1', process.execPath, client('peer.ts'), 'tcp', controller, '502');
      await session.says(/connected/);
      session.tell('00010000000601030064000a');
      await session.says(/got 0001/);
      const { stdout } = await runIn(network.of('scada-1'), ['ss', '-Htn', 'dport = :502']);
      const port = new RegExp(`${scada}:(\\d+)`).exec(stdout)?.[1] ?? '';
      bench.gateway.supervisor.kill('SIGKILL');
      await allGone(bench);
      const payload = 'ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0';
      const seen = await capture(network.of('plc-dosing'), `tcp and src host ${scada} and (${payload})`);
      const forge = [
        Python,
        client('forge.py'),
        scada,
        port,
        controller,
        '502',
        '10',
        '0001000000060106006e0001',
      ];
      expect((await runIn(network.of('scada-1'), forge)).stdout).toContain('sent 10');
      // The plain flow takes the same way behind them; when it has passed, they had their chance.
      await runIn(network.of('eng-ws'), ['ping', '-c', '2', '-W', '5', network.address('plc-intake')]);
      expect(seen.packets()).toEqual([]);
      // And they would have been seen.
      await runIn(network.gateway, OpenBox);
      await eventually('a forged segment', async () => {
        await runIn(network.of('scada-1'), forge);
        return seen.packets()[0];
      });
      await seen.stop();
    } finally {
      await bench.close();
    }
  });
});

/** The table, and that nothing is routed on which no table has seen. */
const OpenBox = [
  'sh',
  '-c',
  'nft delete table inet penstock; while ip rule del priority 110 2>/dev/null; do :; done',
];

/** Kills them in one go; returns when, in the clock all processes share. */
function kill(pids: readonly number[]): number {
  const time = Date.now();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return time;
}

async function allGone(bench: Bench): Promise<void> {
  await bench.gateway.supervisor.ended;
  for (const kind of ['engine', 'inspector', 'front', 'nft child'] as const) {
    await eventually(
      `the end of every ${kind}`,
      async () => (await bench.gateway.pids(kind)).length === 0 || undefined,
    );
  }
}
