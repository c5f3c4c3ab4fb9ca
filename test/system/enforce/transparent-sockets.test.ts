import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectorPort, shardOf } from '../../../rules/nft/inspected.ts';
import { type Bench, HmiAddress, layBench, PlcAddress } from './bench.ts';
import { type Enforcer, startEnforcer } from './enforcer.ts';
import { benchPolicy } from './policies.ts';

const ListenerPort = inspectorPort(
  shardOf({ asset: 'plc', zone: 'process', prefixes: [`${PlcAddress}/32`] }),
);
let bench: Bench;
let enforcer: Enforcer;

beforeAll(async () => {
  bench = await layBench();
  enforcer = await startEnforcer(bench);
  await enforcer.apply(benchPolicy({ id: 'F-01', port: 502, inspected: true }));
});

afterAll(() => bench.network.destroy());

test('the server sees the address and the port of the client itself', async () => {
  const server = bench.start(bench.plc, 'tcp-server.ts', 502);
  const diverter = bench.start(bench.gateway, 'diverter.ts', ListenerPort);
  await Promise.all([server.says(/ready/), diverter.says(/ready/)]);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502);
  const [, port] = await client.says(/connected from 10\.20\.0\.10:(\d+)/);
  client.tell('hello');
  await client.says(/answer hello/);
  expect(server.output()).toContain(`accepted ${HmiAddress}:${port}`);
  expect(diverter.output()).toContain(`diverted ${HmiAddress}:${port} to ${PlcAddress}:502`);
  await Promise.all([client.stop(), diverter.stop(), server.stop()]);
});

test('the death of the process that inspects resets both ends at once and lets nothing past', async () => {
  const server = bench.start(bench.plc, 'tcp-server.ts', 502);
  const diverter = bench.start(bench.gateway, 'diverter.ts', ListenerPort);
  await Promise.all([server.says(/ready/), diverter.says(/ready/)]);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502);
  await client.says(/connected/);
  client.tell('before');
  await client.says(/answer before/);

  diverter.kill('SIGKILL');
  await client.says(/failed ECONNRESET/);
  await server.says(/failed .* ECONNRESET/);

  // With no listener the packet is not diverted and comes to the forward chain, which must refuse it.
  const next = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502);
  await next.says(/failed ECONNREFUSED/);
  expect(server.output().match(/accepted/g)).toHaveLength(1);
  const lost = (await enforcer.counts()).drops.find(({ reason }) => reason === 'inspector-lost');
  expect(lost?.packets).toBeGreaterThan(0);
  await server.stop();
});

test('a client port that is taken here is given up, the client address is not', async () => {
  const server = bench.start(bench.plc, 'tcp-server.ts', 502);
  const diverter = bench.start(bench.gateway, 'diverter.ts', ListenerPort);
  await Promise.all([server.says(/ready/), diverter.says(/ready/)]);
  const squatter = bench.start(bench.gateway, 'squatter.ts', HmiAddress, 20502);
  await squatter.says(/ready/);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502, 20502);
  await client.says(/connected from 10\.20\.0\.10:20502/);
  client.tell('hello');
  await client.says(/answer hello/);
  const [, port] = await server.says(/accepted 10\.20\.0\.10:(\d+)/);
  expect(port).not.toBe('20502');
  await Promise.all([client.stop(), squatter.stop(), diverter.stop(), server.stop()]);
});
