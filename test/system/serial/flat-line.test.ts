/** @module-tag deep: gateway.test.ts shows the line, flat-network.test.ts the network. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { penstock } from '../../plant/namespaces/site.ts';
import { adu, type Bench, benchModel, client, openBench } from '../bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench(benchModel('serial/flat-line.zones.yaml'), 'cgw-flat');
});

afterAll(() => bench?.close());

test('in one flat network the box answers for the address of its line, and says that its port is missing', async () => {
  const hmi = bench.at('hmi', process.execPath, client('peer.ts'), 'tcp', '192.168.64.72', '502');
  await hmi.says(/connected/);
  hmi.tell(adu(1, 1, '0300000001'));
  await hmi.says(/00010000000301830a/);
  hmi.tell(adu(2, 1, '0600000001'));
  await hmi.says(/000200000003018601/);
  await hmi.stop();
});

test('doctor names the port that gateway.yaml lacks', async () => {
  const { stdout } = await penstock('doctor', '--config', bench.gateway.config, '--json');
  const { checks } = JSON.parse(stdout) as { checks: readonly Record<string, string>[] };
  expect(checks.filter(({ code }) => code === 'serial')).toMatchObject([
    { what: 'Serial port rs485-1', state: 'note', found: 'not in gateway.yaml' },
  ]);
});
