import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../gateway/cli/free-port.ts';
import { type Running, start } from '../../plant/namespaces/exec.ts';
import { makeSite, PenstockCommand, type Site } from '../../plant/namespaces/site.ts';
import { scratchFolder } from '../../plant/namespaces/topology.ts';
import { adu, askEngineStatus, benchModel, client } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import { startPymodbus } from './devices.ts';
import { stretchWire, type Wire } from './wire.ts';

describe.skipIf(lacks('socat', 'pymodbus'))('the proxy back end with a serial line, on loopback', () => {
  let wire: Wire;
  let site: Site;
  let ports: {
    readonly scada: number;
    readonly hmi: number;
    readonly page: number;
    readonly metrics: number;
  };
  const running: Running[] = [];

  beforeAll(async () => {
    wire = await stretchWire();
    site = await makeSite(scratchFolder(), benchModel('serial/serial.zones.yaml'), 'cgw-serial');
    const config = await writeConfig();
    running.push(await startPymodbus(wire), start([...PenstockCommand, 'run', '--config', config]));
    await eventually('an inspector that carries', async () => {
      const status = await askEngineStatus(config);
      return status?.inspectors.some(({ shards }) => shards.length > 0) || undefined;
    });
  });

  afterAll(async () => {
    for (const one of running.reverse()) await one.stop();
    rmSync(site.folder, { recursive: true, force: true });
    await wire?.close();
  });

  test('lets two clients share it, each under its own profile', async () => {
    const [scada, hmi] = [await connected(ports.scada), await connected(ports.hmi)];
    for (let register = 1; register <= 9; register += 1) {
      scada.tell(adu(register, 2, `03000${register}0001`));
      hmi.tell(adu(register, 1, `03000${register}0001`));
    }
    for (let register = 1; register <= 9; register += 1) {
      const value = (3 * register).toString(16).padStart(4, '0');
      await scada.says(new RegExp(`000${register}00000005020302${value}`));
      await hmi.says(new RegExp(`000${register}00000005010302${value}`));
    }
    hmi.tell(adu(10, 2, '0300000001'));
    await hmi.says(/000a00000003028[0-9a-f]{3}/);
    scada.tell(adu(11, 1, '06006e0063'));
    await scada.says(/000b00000006010600+6e0063/);
    hmi.tell(adu(12, 1, '06006e0064'));
    await hmi.says(/000c00000003018601/);
    const sent = wire.asked().toString('hex');
    expect(sent).toContain('0106006e0063');
    expect(sent).not.toContain('0106006e0064');
    expect(sent.length / 2).toBe(19 * 8);
  });

  async function connected(port: number): Promise<Running> {
    const peer = start([process.execPath, client('peer.ts'), 'tcp', '127.0.0.1', String(port)]);
    running.push(peer);
    await peer.says(/connected/);
    return peer;
  }

  async function writeConfig(): Promise<string> {
    const file = join(site.folder, 'gateway.yaml');
    const [scada, hmi] = [await freePort(25_020), await freePort(25_040)];
    ports = { scada, hmi, page: await freePort(25_060), metrics: await freePort(25_080) };
    const listener = (as: string, port: number) =>
      `  - {as: ${as}, to: pumps, port: 502, listen: "127.0.0.1:${port}"}`;
    const lines = [
      'back_end: proxy',
      `site: ${site.policy.site}`,
      `gateway: ${site.gateway}`,
      `trusted_keys: [${site.publicKey}]`,
      `bundle: ${site.bundle}`,
      `state: ${join(site.folder, 'state')}`,
      `run: ${join(site.folder, 'run')}`,
      `page: {listen: "127.0.0.1:${ports.page}"}`,
      `metrics: {listen: "127.0.0.1:${ports.metrics}"}`,
      `serial: {rs485-1: {tty: ${wire.gateway}}}`,
      'listeners:',
      listener('scada-1', ports.scada),
      listener('hmi-1', ports.hmi),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  }
});
