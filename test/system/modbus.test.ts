import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Python } from '../groups.ts';
import { type Running, runIn } from '../plant/namespaces/exec.ts';
import { adu, type Bench, client, compileClient, openBench } from './bench.ts';
import { eventually } from './eventually.ts';
import { lacks } from './tools.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench?.close());

describe.skipIf(lacks('libmodbus', 'pymodbus', 'mbpoll'))(
  'a stock client gets through the gateway what it gets directly',
  () => {
    /** Servers nobody here wrote, each on an asset of its own so that both run at once. */
    const servers = { libmodbus: 'plc-intake', pymodbus: 'plc-dosing' } as const;
    const running: Running[] = [];
    let libmodbusClient = '';

    beforeAll(async () => {
      libmodbusClient = await compileClient('libmodbus-client', bench.network.folder);
      const libmodbusServer = await compileClient('libmodbus-server', bench.network.folder);
      const { network } = bench;
      const intake = bench.at('plc-intake', libmodbusServer, network.address('plc-intake'), '502');
      const dosing = bench.at(
        'plc-dosing',
        Python,
        client('pymodbus_server.py'),
        network.address('plc-dosing'),
        '502',
      );
      running.push(intake, dosing);
      await intake.says(/listening/);
      await listening('plc-dosing');
    });

    afterAll(async () => {
      for (const server of running) await server.stop();
    });

    for (const [server, asset] of Object.entries(servers)) {
      test(`libmodbus to ${server}: function codes 1 to 6, 15, 16, 22, 23`, async () => {
        const { direct, through } = await both(asset, (address) => [libmodbusClient, address, '502', '1']);
        expect(through).toEqual(direct);
        expect(direct.length).toBe(13);
        expect(direct.filter((line) => line.includes('error'))).toHaveLength(1);
      });

      test(`pymodbus to ${server}: function codes 1 to 6, 15, 16, 22, 23`, async () => {
        const command = (address: string) => [Python, client('pymodbus_client.py'), address, '502', '1'];
        const { direct, through } = await both(asset, command);
        expect(through).toEqual(direct);
        expect(direct.length).toBe(13);
      });

      test.for([
        { name: 'coils', options: ['-t', '0', '-r', '0', '-c', '20'] },
        { name: 'discrete inputs', options: ['-t', '1', '-r', '0', '-c', '13'] },
        { name: 'input registers', options: ['-t', '3', '-r', '0', '-c', '10'] },
        { name: 'holding registers', options: ['-t', '4', '-r', '0', '-c', '50'] },
        { name: 'floats', options: ['-t', '4:float', '-r', '200', '-c', '2'] },
        { name: 'a register written', options: ['-t', '4', '-r', '103'], values: ['77'] },
        { name: 'registers written', options: ['-t', '4', '-r', '104'], values: ['1', '2', '3'] },
        { name: 'coils written', options: ['-t', '0', '-r', '9'], values: ['1', '0', '1'] },
      ])(`mbpoll to ${server}: $name`, async ({ options, values = [] }) => {
        const command = (address: string) => [
          'mbpoll',
          '-m',
          'tcp',
          '-a',
          '1',
          '-0',
          '-1',
          ...options,
          address,
          ...values,
        ];
        const { direct, through } = await both(asset, command);
        expect(through).toEqual(direct);
        expect(direct.join('\n')).toMatch(/\[\d+\]:|Written/);
      });
    }

    test('the server sees the address of its client and not the gateway', async () => {
      await runIn(bench.network.of('scada-1'), [
        libmodbusClient,
        bench.network.address('plc-intake'),
        '502',
        '1',
      ]);
      const clients = new Set(
        [...(running[0]?.output() ?? '').matchAll(/client ([\d.]+):/g)].map(([, one]) => one),
      );
      expect(clients).toContain(bench.network.address('scada-1'));
      expect(clients).not.toContain('10.61.30.1');
    });

    async function both(asset: string, command: (address: string) => readonly string[]) {
      const address = bench.network.address(asset);
      const direct = await runIn(bench.network.of(asset), command(address));
      const through = await runIn(bench.network.of('scada-1'), command(address));
      expect({ status: through.status, stderr: through.stderr }).toEqual({
        status: direct.status,
        stderr: direct.stderr,
      });
      return { direct: direct.stdout.trim().split('\n'), through: through.stdout.trim().split('\n') };
    }

    /** pymodbus does not say when it listens. */
    async function listening(asset: string): Promise<void> {
      await eventually(`a listener on ${asset}`, async () => {
        const { stdout } = await runIn(bench.network.of(asset), ['ss', '-Htln', 'sport = :502']);
        return stdout !== '' || undefined;
      });
    }
  },
);

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
