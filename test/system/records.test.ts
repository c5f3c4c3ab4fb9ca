import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, type Running, run } from '../plant/namespaces/exec.ts';
import { enforcing } from '../plant/namespaces/gateway.ts';
import { penstock } from '../plant/namespaces/site.ts';
import { adu, type Bench, benchModel, client, openBench } from './bench.ts';
import { eventually } from './eventually.ts';
import { recordsOnDisk } from './records-on-disk.ts';
import { lacks } from './tools.ts';

let bench: Bench;
let server: Running;

beforeAll(async () => {
  bench = await openBench();
  const program = client('../../plant/plc.ts');
  server = bench.at(
    'plc-dosing',
    process.execPath,
    program,
    '--address',
    bench.network.address('plc-dosing'),
  );
  await server.says(/listening/);
});

afterAll(() => bench?.close());

describe('the evidence', () => {
  test('holds a connection and what was refused on it: decoded, counted, with the line of the model', async () => {
    await refusedWrites(20);
    const connection = await recorded((one) => one['kind'] === 'connection');
    const refusal = await recorded((one) => one['kind'] === 'refusal');
    expect(connection).toMatchObject({
      conduit: 'C-01',
      flow: 'C-01/F-02',
      client: { asset: 'hmi-1', address: '10.61.20.11' },
      server: { asset: 'plc-dosing', address: '10.61.30.12', port: 502 },
      requests: 22,
      responses: 2,
      refused: 20,
      bytesFromClient: 22 * 12,
      reason: 'client-closed',
    });
    expect(refusal).toMatchObject({
      count: 20,
      request: { unit: 1, functionCode: 6, address: 110, values: [7] },
      reason: 'fc-not-allowed',
      verdict: 'refuse',
      file: 'bench.zones.yaml',
      line: lineOf('F-02: {src: hmi-1'),
    });
  });

  test('holds what the kernel dropped, with the names of both ends', async () => {
    const visitor = peer('visitor', '4711');
    await visitor.says(/failed/);
    const drop = await recorded((one) => one['kind'] === 'drop' && one['protocol'] === 'tcp');
    expect(drop).toMatchObject({
      reason: 'no-flow',
      source: { asset: 'visitor', address: '10.61.20.99' },
      destination: { asset: 'plc-dosing', port: 4711 },
    });
  });

  test('is whole after the engine was killed while it wrote', { tags: ['deep'] }, async () => {
    const before = (await records()).length;
    const writing = refusedWrites(50);
    for (const pid of await bench.gateway.pids('engine')) process.kill(pid, 'SIGKILL');
    await writing;
    await enforcing(bench.gateway);
    await refusedWrites(3);
    // Alone, or summed with those that waited for an engine.
    await recorded((one) => one['kind'] === 'refusal' && (one['count'] === 3 || one['count'] === 53));
    expect((await records()).length).toBeGreaterThan(before);
  });

  async function recorded(matches: (record: Entry) => boolean): Promise<Entry> {
    return eventually(`a record for which ${matches}`, async () => {
      const found = await recordsOnDisk<Entry>(bench.site);
      return found.find(matches);
    });
  }

  async function records(): Promise<readonly Entry[]> {
    const said = await penstock('evidence', 'show', join(bench.site.folder, 'state/evidence'), '--json');
    expect(said.status).toBe(0);
    const lines = said.stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { record: Entry }).record ?? {});
  }

  type Entry = Readonly<Record<string, unknown>>;
});

describe('the metrics', () => {
  test.skipIf(lacks('promtool'))('are clean by promtool', async () => {
    const text = await metrics();
    const said = await run(['promtool', 'check', 'metrics'], { input: text });
    expect(said).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('count a function code outside the profile as other', async () => {
    await refusedWrites(5);
    const line =
      /^penstock_transactions_total\{.*flow="C-01\/F-02",function_code="other",verdict="refuse"\} (\d+)/m;
    await eventually('5 refused transactions', async () => {
      return Number(line.exec(await metrics())?.[1]) >= 5 || undefined;
    });
  });

  async function metrics(): Promise<string> {
    const fetching = `process.stdout.write(await (await fetch('http://127.0.0.1:9464/metrics')).text())`;
    return mustRunIn(bench.network.gateway, process.execPath, '--input-type=module', '-e', fetching);
  }
});

/** hmi-1 reads, writes that often what it may not, reads again and goes. */
async function refusedWrites(count: number): Promise<void> {
  const hmi = peer('hmi-1', '502');
  await hmi.says(/connected/);
  hmi.tell(adu(1, 1, '0300000001'));
  await hmi.says(/got 000100000005/);
  for (let index = 0; index < count; index++) hmi.tell(adu(2, 1, '06006e0007'));
  hmi.tell(adu(3, 1, '0300000001'));
  await hmi.says(/000300000005/);
  await hmi.stop();
}

function peer(asset: string, port: string): Running {
  return bench.at(
    asset,
    process.execPath,
    client('peer.ts'),
    'tcp',
    bench.network.address('plc-dosing'),
    port,
  );
}

function lineOf(text: string): number {
  const lines = readFileSync(benchModel(), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}
