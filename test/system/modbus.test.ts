import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../plant/namespaces/exec.ts';
import { adu, type Bench, client, openBench } from './bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench?.close());

describe('a refused request', () => {
  let server: Running;

  beforeAll(async () => {
    server = bench.at(
      'plc-dosing',
      process.execPath,
      client('../../plant/plc.ts'),
      '--address',
      bench.network.address('plc-dosing'),
    );
    await server.says(/listening/);
  });

  afterAll(() => server?.stop());

  test('is answered with an exception of its own transaction and unit, and the connection lives on', async () => {
    const hmi = bench.at(
      'hmi-1',
      process.execPath,
      client('peer.ts'),
      'tcp',
      bench.network.address('plc-dosing'),
      '502',
    );
    await hmi.says(/connected/);
    hmi.tell(adu(0x1234, 1, '0300000002'));
    await hmi.says(/got 123400000007010304[0-9a-f]{8}\n/);
    hmi.tell(adu(0xbeef, 1, '06008c0010'));
    await hmi.says(/got beef00000003018601\n/);
    hmi.tell(adu(0x1235, 1, '0300000001'));
    await hmi.says(/got 123500000005010302[0-9a-f]{4}\n/);
    await hmi.stop();
  });

  test('for another unit keeps that unit in the exception', async () => {
    const hmi = bench.at(
      'hmi-1',
      process.execPath,
      client('peer.ts'),
      'tcp',
      bench.network.address('plc-dosing'),
      '502',
    );
    await hmi.says(/connected/);
    hmi.tell(adu(7, 9, '0300000001'));
    await hmi.says(/got 00070000000309830[0-9a-f]\n/);
    await hmi.stop();
  });

  test('never reaches the server, while its neighbours in the same segment do', async () => {
    const before = await dose();
    const hmi = bench.at(
      'hmi-1',
      process.execPath,
      client('peer.ts'),
      'tcp',
      bench.network.address('plc-dosing'),
      '502',
    );
    await hmi.says(/connected/);
    hmi.tell(adu(1, 1, '0300000001') + adu(2, 1, '06008c0063') + adu(3, 1, '03008c0001'));
    await hmi.says(new RegExp(`000300000005010302${before}`));
    expect(hmi.output()).toMatch(/000100000005010302/);
    expect(hmi.output()).toMatch(/000200000003018601/);
    expect(await dose()).toBe(before);
    await hmi.stop();
  });

  test('that is no Modbus at all closes the connection', async () => {
    const hmi = bench.at(
      'hmi-1',
      process.execPath,
      client('peer.ts'),
      'tcp',
      bench.network.address('plc-dosing'),
      '502',
    );
    await hmi.says(/connected/);
    hmi.tell(Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex'));
    await hmi.says(/ended|failed ECONNRESET/);
    await hmi.stop();
  });

  /** The dose register, four hex digits, asked on the controller itself. */
  async function dose(): Promise<string> {
    const peer = bench.at(
      'plc-dosing',
      process.execPath,
      client('peer.ts'),
      'tcp',
      bench.network.address('plc-dosing'),
      '502',
    );
    peer.tell(adu(1, 1, '03008c0001'));
    const [, value = ''] = await peer.says(/got 000100000005010302([0-9a-f]{4})\n/);
    await peer.stop();
    return value;
  }
});
