import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, type Running, runIn } from '../plant/namespaces/exec.ts';
import { adu, type Bench, benchModel, client, openBench } from './bench.ts';

describe('in one flat network, nothing readdressed', () => {
  let bench: Bench;
  let press: Running;

  beforeAll(async () => {
    bench = await openBench(benchModel('flat.zones.yaml'), 'cgw-flat');
    press = bench.at(
      'press-1',
      process.execPath,
      client('peer.ts'),
      'tcp-listen',
      bench.network.address('press-1'),
      '502',
    );
    await press.says(/listening/);
  });

  afterAll(() => bench?.close());

  test('a controller is reached through the box by its own address, and sees who asks', async () => {
    const hmi = dial('hmi', 'press-1');
    await hmi.says(/connected/);
    hmi.tell(adu(1, 1, '060014000a'));
    await press.says(/client 192\.168\.62\.10:/);
    await press.says(/got [0-9a-f]{4}0000000601060014000a/);
    await hmi.stop();
  });

  test('two zones on one wire have each their own conduit', async () => {
    const quality = dial('quality-pc', 'press-1');
    await quality.says(/connected/);
    quality.tell(adu(2, 1, '060014000a'));
    await quality.says(/got 000200000003018601/);
    await quality.stop();
    const other = dial('quality-pc', 'press-2');
    await other.says(/failed/);
  });

  test('ICMP echo passes where it is modelled and nowhere else', async () => {
    const ping = (from: string, to: string) =>
      runIn(bench.network.of(from), ['ping', '-c', '2', '-W', '2', bench.network.address(to)]);
    expect((await ping('maint-pc', 'press-1')).status).toBe(0);
    expect((await ping('maint-pc', 'press-2')).status).not.toBe(0);
    expect((await ping('hmi', 'press-1')).status).not.toBe(0);
    expect((await ping('press-1', 'hmi')).status).not.toBe(0);
  });

  test('the box answers for the controllers on the other wire and not for anybody else', async () => {
    await runIn(bench.network.of('hmi'), ['ping', '-c', '1', '-W', '1', bench.network.address('press-2')]);
    await runIn(bench.network.of('hmi'), ['ping', '-c', '1', '-W', '1', '192.168.62.99']);
    const neighbours = await mustRunIn(bench.network.of('hmi'), 'ip', 'neighbour');
    expect(neighbours).toMatch(/192\.168\.62\.72 .*lladdr/);
    expect(neighbours).not.toMatch(/192\.168\.62\.99 .*lladdr/);
  });

  function dial(from: string, to: string): Running {
    return bench.at(from, process.execPath, client('peer.ts'), 'tcp', bench.network.address(to), '502');
  }
});
