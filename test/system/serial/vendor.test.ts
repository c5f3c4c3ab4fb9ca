import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adu, readRegisters } from '../../gateway/inspector/loopback.ts';
import { samplePermission, samplePolicy, sampleProfile } from '../../gateway/inspector/sample.ts';
import {
  type ChannelBench,
  openChannelBench,
  Target,
  vendor,
} from '../../gateway/inspector/vendor/channel-bench.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { lacks } from '../tools.ts';
import { Baud, startPymodbus } from './devices.ts';
import { stretchWire, type Wire } from './wire.ts';

describe.skipIf(lacks('socat', 'pymodbus'))(
  'a granted session’s channel to a device on a serial line',
  () => {
    let wire: Wire;
    let devices: Running;
    let bench: ChannelBench;

    beforeAll(async () => {
      wire = await stretchWire();
      devices = await startPymodbus(wire);
      bench = await openChannelBench({}, policy());
      bench.link.send({ kind: 'serial', ports: [{ port: 'rs485-1', tty: wire.gateway }] });
    });

    afterAll(async () => {
      await bench?.close();
      await devices?.stop();
      await wire?.close();
    });

    test('goes over the line under its own profile, and is told and ended like any other', async () => {
      bench.recordAll();
      const { client, id } = await bench.open({ target: Target, recordBytes: true });
      client.socket.write(readRegisters(1, 7, 1));
      expect(await client.read(11)).toEqual(Buffer.from([0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 21]));
      client.socket.write(adu(2, 1, 6, 0, 8, 0, 99));
      expect((await client.read(20)).subarray(11)).toEqual(Buffer.from([0, 2, 0, 0, 0, 3, 1, 0x86, 1]));
      expect(await bench.says('operation', id)).toMatchObject({
        outcome: 'refused',
        reason: 'fc-not-allowed',
      });
      bench.link.send({ kind: 'end-channels', channels: [id], reason: 'grant-stopped' });
      expect(await bench.says('closed', id)).toMatchObject({ reason: 'grant-stopped', requests: 2 });
      expect(bench.said('bytes', id).map(({ from }) => from)).toEqual([
        'client',
        'server',
        'client',
        'server',
      ]);
      await client.ended;
      expect(wire.asked().toString('hex')).not.toContain('0106000800');
    });
  },
);

/** The sample policy with its controller on a line, read only. */
function policy() {
  const line = {
    port: 'rs485-1',
    baud: Baud,
    parity: 'none',
    stopBits: 1,
    timeout: 1_000,
    units: [],
  } as const;
  const { assets } = samplePolicy();
  return samplePolicy({
    assets: assets.map((asset) =>
      asset.name === 'plc-1'
        ? { ...asset, modbus: { kind: 'serial-gateway' as const, framing: 'mbap' as const, line } }
        : asset,
    ),
    profiles: [
      sampleProfile({
        permissions: [
          samplePermission({ id: 'operate/1', functions: [3], addresses: [{ first: 0, last: 99 }] }),
        ],
      }),
    ],
    vendors: [vendor()],
  });
}
