import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Arrival } from '../../../gateway/inspector/carrier.ts';
import { createProxyCarrier, type ProxyCarrier } from '../../../gateway/inspector/proxy-carrier.ts';
import type { ProxyListener } from '../../../gateway/ipc/reports.ts';
import { createFlowTable } from '../../../rules/admission/flow-table.ts';
import type { AssetRule } from '../../../rules/policy.ts';
import { createLoopback, type Loopback, until } from './loopback.ts';
import { samplePolicy } from './sample.ts';

let loopback: Loopback;
let carrier: ProxyCarrier;
let arrivals: Arrival[];
let problems: string[];
let assets: readonly AssetRule[];

beforeEach(() => {
  loopback = createLoopback();
  arrivals = [];
  problems = [];
  assets = samplePolicy().assets;
  carrier = createProxyCarrier({
    arrive: (arrival) => arrivals.push(arrival),
    table: () => createFlowTable(samplePolicy({ assets })),
    onProblem: (problem) => problems.push(problem),
  });
});

afterEach(async () => {
  for (const { leg } of arrivals) leg.drop();
  await carrier.close();
  loopback.close();
});

describe('an explicit listener', () => {
  test('takes whoever connects on loopback for its asset', async () => {
    await carrier.setListeners([listener({})]);
    const [bound] = await carrier.take([0]);
    await loopback.connect(bound!.port);
    await until(() => arrivals.length === 1);
    const table = createFlowTable(samplePolicy());
    expect(arrivals[0]?.locate(table)).toEqual({ client: '10.10.0.10', server: '10.20.0.20', port: 502 });
    expect(arrivals[0]?.client.address).toBe('127.0.0.1');
  });

  test('on another address takes only the asset’s own address for it', async () => {
    await carrier.setListeners([listener({ listen: { address: '0.0.0.0', port: 0 } })]);
    const [bound] = await carrier.take([0]);
    expect(await (await loopback.connect(bound!.port)).ended).toBe('ECONNRESET');
    expect(arrivals).toEqual([]);
    assets = [
      {
        name: 'hmi-1',
        zone: 'control',
        addresses: ['127.0.0.1/32'],
        mac: '',
        modbus: { kind: 'direct', framing: 'mbap', line: undefined },
      },
    ];
    await loopback.connect(bound!.port);
    await until(() => arrivals.length === 1);
  });

  test('for an asset the policy does not know leads nowhere', async () => {
    await carrier.setListeners([listener({ as: 'gone' })]);
    const [bound] = await carrier.take([0]);
    await loopback.connect(bound!.port);
    await until(() => arrivals.length === 1);
    expect(arrivals[0]?.locate(createFlowTable(samplePolicy()))).toBeUndefined();
  });

  test('stays when the new list still has it, with its connections; another goes', async () => {
    const first = listener({});
    const second = listener({ as: 'hmi-2' });
    await carrier.setListeners([first, second]);
    const [kept, gone] = await carrier.take([0]);
    const client = await loopback.connect(kept!.port);
    await carrier.setListeners([first]);
    expect(client.socket.destroyed).toBe(false);
    await loopback.connect(kept!.port);
    expect(await (await loopback.connect(gone!.port)).ended).toBe('ECONNREFUSED');
  });

  test('of another shard is not opened', async () => {
    await carrier.setListeners([listener({ shard: 1 })]);
    expect(await carrier.take([0])).toEqual([]);
    expect(await carrier.take([1])).toHaveLength(1);
  });

  test('whose port is taken is told, tried again, and keeps no other from serving', async () => {
    const taken = createLoopback();
    const port = await taken.listen(() => undefined);
    const blocked = listener({ listen: { address: '127.0.0.1', port } });
    await carrier.setListeners([blocked, listener({ as: 'hmi-2' })]);
    expect(await carrier.take([0])).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining(`127.0.0.1:${port}`)]);
    taken.close();
    let client = await loopback.connect(port);
    while (client.socket.destroyed || client.socket.connecting) client = await loopback.connect(port);
    await until(() => arrivals.length === 1);
  });
});

function listener(change: Partial<ProxyListener>): ProxyListener {
  return {
    as: 'hmi-1',
    to: 'plc-1',
    port: 502,
    listen: { address: '127.0.0.1', port: 0 },
    server: { address: '127.0.0.1', port: 1 },
    shard: 0,
    ...change,
  };
}
