import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Observation } from '../../rules/observation.ts';
import { mustRunIn, runIn } from '../plant/namespaces/exec.ts';
import { penstock } from '../plant/namespaces/site.ts';
import { type Bench, openBench } from './bench.ts';
import { eventually } from './eventually.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench?.close());

test('what the kernel forwards by itself is counted by flow, and who is no asset is remembered', async () => {
  const { network } = bench;
  const device = network.of('eng-ws');
  const echo = ['ping', '-c', '3', '-i', '0.2', '-W', '5', network.address('plc-intake')];
  // What was forwarded before the first look belongs to nobody, and a flow is left alone for its first seconds.
  const use = await eventually('a count', async () => {
    await mustRunIn(device, ...echo);
    return (await observed())?.flows.find(({ id, hits }) => id === 'C-01/F-04' && hits > 0);
  });
  expect(use?.last).toBeGreaterThanOrEqual(use?.since ?? Number.POSITIVE_INFINITY);
  const unused = (await observed())?.flows.find(({ id }) => id === 'C-01/F-03');
  expect(unused).toMatchObject({ hits: 0, last: 0 });

  await mustRunIn(device, 'ip', 'address', 'add', '10.61.20.77/24', 'dev', 'eth0');
  const stranger = await eventually('a stranger', async () => {
    await runIn(device, ['ping', '-c', '2', '-W', '1', '-I', '10.61.20.77', network.address('plc-intake')]);
    return (await observed())?.strangers.find(({ address }) => address === '10.61.20.77');
  });
  expect(stranger).toMatchObject({ zone: 'supervisory' });
});

async function observed(): Promise<Observation | undefined> {
  const said = await penstock('observed', '--json', '--config', bench.gateway.config);
  return said.status === 0 ? (JSON.parse(said.stdout) as Observation) : undefined;
}
