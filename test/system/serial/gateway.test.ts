import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Python } from '../../groups.ts';
import { type Running, runIn } from '../../plant/namespaces/exec.ts';
import { enforcing } from '../../plant/namespaces/gateway.ts';
import { penstock } from '../../plant/namespaces/site.ts';
import { adu, type Bench, benchModel, client, hex16, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { recordsOnDisk } from '../records-on-disk.ts';
import { lacks } from '../tools.ts';
import { startLibmodbus } from './devices.ts';
import { stretchWire, type Wire } from './wire.ts';

/** Addresses of the model: the first exists on the gateway alone. */
const [Line, Meter] = ['10.63.30.40', '10.63.30.41'];

describe.skipIf(lacks('socat', 'libmodbus', 'pymodbus', 'mbpoll'))('a gateway with a serial line', () => {
  let wire: Wire;
  let bench: Bench;
  let device: Running;
  const peers: Running[] = [];

  beforeAll(async () => {
    wire = await stretchWire();
    const config = [`serial: {rs485-1: {tty: ${wire.gateway}}}`];
    bench = await openBench(benchModel('serial/serial.zones.yaml'), 'cgw-serial', config);
  });
  afterAll(async () => {
    await bench?.close();
    await wire?.close();
  });
  beforeEach(async () => {
    device = await startLibmodbus(wire, bench.network.folder);
  });
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((one) => one.stop()));
    await device.stop();
  });

  test('lets two clients read from one line at once', async () => {
    const poll = (asset: string, first: number) =>
      Promise.all([...Array(8).keys()].map((round) => mbpoll(asset, 4, first + round)));
    const [scada, hmi] = await Promise.all([poll('scada-1', 10), poll('hmi-1', 50)]);
    for (const [round, said] of scada.entries())
      expect(said).toContain(`[${10 + round}]: \t${3 * (10 + round)}`);
    for (const [round, said] of hmi.entries())
      expect(said).toContain(`[${50 + round}]: \t${3 * (50 + round)}`);
    expect(device.output().match(/request unit=1 fc=3/g)).toHaveLength(16);
  });

  test('writes what the profile permits, and lets nothing else near the wire', async () => {
    const before = wire.asked().length;
    const scada = await connected('scada-1');
    scada.tell(
      adu(1, 1, '06006e0007') + adu(2, 1, '06008c0007') + adu(3, 9, '0300000001') + adu(4, 1, '03006e0001'),
    );
    await scada.says(/00020000000301860[0-9a-f]/);
    await scada.says(/000300000003098[0-9a-f]0[0-9a-f]/);
    await scada.says(/00010000000601060+6e0007/);
    await scada.says(/0004000000050103020007/);
    const hmi = await connected('hmi-1');
    hmi.tell(adu(5, 1, '06006e0008'));
    await hmi.says(/000500000003018601/);
    const sent = wire.asked().subarray(before).toString('hex');
    expect(sent.match(/../g)).toHaveLength(16);
    expect(sent).toMatch(/^0106006e0007....0103006e0001....$/);
  });

  test('holds a client up no longer than the time-out of a unit that does not answer', async () => {
    const [scada, hmi] = [await connected('scada-1'), await connected('hmi-1')];
    scada.tell(adu(1, 7, '0300000001'));
    hmi.tell(adu(2, 1, '0300050001'));
    await hmi.says(/000200000005010302000f/);
    await scada.says(/00010000000307830b/);
  });

  test('says that the path is unavailable while the adapter is out, and goes on when it is back', async () => {
    const scada = await connected('scada-1');
    scada.tell(adu(1, 1, '0300050001'));
    await scada.says(/000100000005010302000f/);
    await device.stop();
    await wire.unplug();
    await eventually(
      'the port missed',
      async () => bench.gateway.log().includes('serial port cannot be had') || undefined,
    );
    scada.tell(adu(2, 1, '0300050001'));
    await scada.says(/00020000000301830a/);
    await eventually('the alarm', async () => (await alarmCodes()).includes('SERIAL_PORT') || undefined);
    await wire.plug();
    device = await startLibmodbus(wire, bench.network.folder);
    let id = 2;
    await eventually('an answer', async () => {
      id += 1;
      scada.tell(adu(id, 1, '0300050001'));
      const [, answer] = await scada.says(new RegExp(`${hex16(id)}0000000[35]01([08]3)`));
      return answer === '03' || undefined;
    });
    await eventually('no alarm', async () => !(await alarmCodes()).includes('SERIAL_PORT') || undefined);
  });

  test('keeps the line when its inspector is killed: the next one opens it', async () => {
    const scada = await connected('scada-1');
    const status = await bench.gateway.status();
    const carrying = status?.inspectors.find((one) => !one.spare);
    process.kill(carrying?.pid ?? -1, 'SIGKILL');
    await scada.says(/failed ECONNRESET/);
    await enforcing(bench.gateway);
    const next = await connected('scada-1');
    next.tell(adu(1, 1, '0300050001'));
    await next.says(/000100000005010302000f/);
  });

  test('has the connection and the refusal on record, with the names of the model', async () => {
    const scada = await connected('scada-1');
    scada.tell(adu(1, 1, '06008f0007'));
    await scada.says(/00010000000301860/);
    await scada.stop();
    const refusal = await eventually('the record', async () =>
      (await evidence()).find((one) => JSON.stringify(one['request'])?.includes('"address":143') === true),
    );
    expect(refusal).toMatchObject({
      server: { asset: 'pumps', address: Line },
      reason: 'address-out-of-range',
    });
  });

  describe('and a meter that speaks RTU over TCP', () => {
    let meter: Running;
    beforeAll(async () => {
      meter = bench.at('meter', Python, client('pymodbus_rtu_over_tcp_server.py'), Meter, '502');
      await eventually('the meter', async () => {
        const { stdout } = await runIn(bench.network.of('meter'), ['ss', '-Htln', 'sport = :502']);
        return stdout !== '' || undefined;
      });
    });
    afterAll(() => meter?.stop());

    test('inspects what passes, and refuses in RTU', async () => {
      const said = await runIn(bench.network.of('scada-1'), [
        Python,
        client('pymodbus_rtu_over_tcp_client.py'),
        Meter,
        '502',
      ]);
      expect({ stderr: said.stderr, lines: said.stdout.trim().split('\n') }).toEqual({
        stderr: '',
        lines: [
          'read 30 33 36',
          'inputs 60 63',
          'write done',
          'read back 77',
          'forbidden exception 2',
          'several done',
          'after that 1 2 3',
        ],
      });
    });

    test('resets a client that speaks with an MBAP header to it', async () => {
      const scada = await connected('scada-1', Meter);
      scada.tell(adu(1, 1, '0300000001'));
      await scada.says(/failed ECONNRESET/);
    });
  });

  async function connected(asset: string, address = Line): Promise<Running> {
    const peer = bench.at(asset, process.execPath, client('peer.ts'), 'tcp', address, '502');
    peers.push(peer);
    await peer.says(/connected/);
    return peer;
  }

  async function mbpoll(asset: string, type: number, register: number): Promise<string> {
    const options = [
      '-m',
      'tcp',
      '-a',
      '1',
      '-0',
      '-1',
      '-o',
      '5',
      '-t',
      String(type),
      '-r',
      String(register),
    ];
    const { stdout, stderr, status } = await runIn(bench.network.of(asset), ['mbpoll', ...options, Line]);
    if (status !== 0) throw new Error(`mbpoll from ${asset}: ${stdout}${stderr}`);
    return stdout;
  }

  async function alarmCodes(): Promise<readonly string[]> {
    const said = await penstock('status', '--config', bench.gateway.config, '--json');
    const { alarms } = JSON.parse(said.stdout) as { alarms: readonly { readonly code: string }[] };
    return alarms.map(({ code }) => code);
  }

  function evidence(): Promise<readonly Record<string, unknown>[]> {
    return recordsOnDisk(bench.site);
  }
});
