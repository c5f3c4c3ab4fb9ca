import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectorPort, shardOf } from '../../../rules/nft/inspected.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { processesIn } from '../../plant/namespaces/processes.ts';
import { type Bench, layBench, PlcAddress } from './bench.ts';
import { type Enforcer, startEnforcer } from './enforcer.ts';
import { benchPolicy, flowId } from './policies.ts';

const Policy = benchPolicy(
  { id: 'F-01', port: 7003, gated: true },
  { id: 'F-02', port: 502, inspected: true, gated: true },
  { id: 'F-03', port: 7001 },
);
const Plain = flowId('F-01');
const Inspected = flowId('F-02');

let bench: Bench;
let enforcer: Enforcer;

beforeEach(async () => {
  bench = await layBench();
  enforcer = await startEnforcer(bench);
});

afterEach(() => bench.network.destroy());

test('a shut gate refuses, with its own reason', async () => {
  await enforcer.apply(Policy);
  await serve(7003);
  await client(7003).says(/failed ECONNREFUSED/);
  const { drops } = await enforcer.counts();
  expect(drops.find(({ reason }) => reason === 'no-session')?.packets).toBeGreaterThan(0);
});

test('the kernel ends a gate and its open connection by itself, with every process of ours dead', async () => {
  await enforcer.apply(Policy, [{ flow: Plain, until: Date.now() + 12_000 }]);
  const gated = await talk(7003);
  const always = await talk(7001);

  for (const { pid } of await processesIn(bench.gateway)) process.kill(pid, 'SIGKILL');
  await enforcer.process.ended;
  expect(await processesIn(bench.gateway)).toEqual([]);
  gated.tell('alone');
  await gated.says(/answer alone/);

  const poking = setInterval(() => gated.tell('still?'), 100);
  await gated.says(/failed (ECONNRESET|EPIPE)/);
  clearInterval(poking);
  always.tell('later');
  await always.says(/answer later/);
  await client(7003).says(/failed ECONNREFUSED/);
});

test('shutting a gate cuts the connection that is open through it and no other', async () => {
  await enforcer.apply(Policy, [{ flow: Plain, until: 0 }]);
  const gated = await talk(7003);
  const always = await talk(7001);
  await enforcer.setGates([]);
  gated.tell('after');
  await gated.says(/failed ECONNRESET/);
  always.tell('after');
  await always.says(/answer after/);
});

test('a gate that is prolonged keeps its connection and ends later', async () => {
  await enforcer.apply(Policy, [{ flow: Plain, until: Date.now() + 60_000 }]);
  const gated = await talk(7003);
  await enforcer.setGates([{ flow: Plain, until: Date.now() + 3_600_000 }]);
  expect(await bench.nft('list set inet penstock alive')).toMatch(/expires 59m/);
  gated.tell('on');
  await gated.says(/answer on/);
});

test('a replaced ruleset keeps the connection through a gate that stays open', async () => {
  const until = Date.now() + 3_600_000;
  await enforcer.apply(Policy, [{ flow: Plain, until }]);
  const gated = await talk(7003);
  const next = benchPolicy({ id: 'F-01', port: 7003, gated: true }, { id: 'F-09', port: 7009 });
  await enforcer.apply(next, [{ flow: Plain, until }]);
  gated.tell('on');
  await gated.says(/answer on/);
});

test('a gated inspected flow is diverted while its gate is open and refused when it is shut', async () => {
  await enforcer.apply(Policy);
  const shard = shardOf({ asset: 'plc', zone: 'process', prefixes: [`${PlcAddress}/32`] });
  const diverter = bench.start(bench.gateway, 'diverter.ts', inspectorPort(shard));
  await diverter.says(/ready/);
  await serve(502);
  await client(502).says(/failed ECONNREFUSED/);

  await enforcer.setGates([{ flow: Inspected, until: Date.now() + 3_600_000 }]);
  expect(await enforcer.verify()).toEqual([]);
  const open = await talk(502, false);
  expect(diverter.output()).toContain(`to ${PlcAddress}:502`);

  // The same gate again, with another end: the sets' elements are emptied and filled in one transaction.
  await enforcer.setGates([{ flow: Inspected, until: Date.now() + 7_200_000 }]);
  open.tell('on');
  await open.says(/answer on/);

  await enforcer.setGates([]);
  await client(502).says(/failed ECONNREFUSED/);
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
  running.tell('hello');
  await running.says(/answer hello/);
  return running;
}
