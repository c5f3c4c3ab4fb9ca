/** @module-tag deep: the same over the other back end. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../gateway/cli/free-port.ts';
import { type Running, run, start } from '../../plant/namespaces/exec.ts';
import { makeSite, PenstockCommand, type Site } from '../../plant/namespaces/site.ts';
import { scratchFolder } from '../../plant/namespaces/topology.ts';
import { askEngineStatus, BenchGateway, benchModel, compileClient } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { recordsOnDisk } from '../records-on-disk.ts';
import { lacks } from '../tools.ts';
import { type Entry, type Said, speak, unusual } from './speak.ts';
import { Clients, type Programs, Servers } from './stacks.ts';

const Rounds = 10;
const Address = '127.0.0.1';

describe.skipIf(lacks('libmodbus', 'pymodbus', 'mbpoll'))('ordinary use with the proxy back end', () => {
  let site: Site;
  let programs: Programs;
  let ports: { readonly server: number; readonly listener: number };
  let gateway: Running;

  beforeAll(async () => {
    site = await makeSite(
      scratchFolder(),
      benchModel('false-refusals/every-function.zones.yaml'),
      BenchGateway,
    );
    programs = {
      libmodbusClient: await compileClient('libmodbus-client', site.folder),
      libmodbusServer: await compileClient('libmodbus-server', site.folder),
    };
    ports = { server: await freePort(26_020), listener: await freePort(26_040) };
    const config = await writeConfig();
    gateway = start([...PenstockCommand, 'run', '--config', config]);
    await eventually('an inspector that carries', async () => {
      const status = await askEngineStatus(config);
      return status?.inspectors.some(({ shards }) => shards.length > 0) || undefined;
    });
  });

  afterAll(async () => {
    await gateway?.stop();
    if (site !== undefined) rmSync(site.folder, { recursive: true, force: true });
  });

  test('of a server of every function is the same for every client, and nothing is refused', async () => {
    const [stack] = Servers.filter(({ words }) => words.includes('whole'));
    if (stack === undefined) throw new Error('there is no server of every function');
    const direct = await withServer(() => inTurn(ports.server));
    const through = await withServer(() => inTurn(ports.listener));
    expect(through).toEqual(direct);
    expect(direct.flatMap(({ failures }) => failures)).toEqual([]);
    const requests = through.reduce((sum, said) => sum + said.requests, 0);
    const found = await eventually('the record of every connection', async () => {
      const all = await recordsOnDisk<Entry>(site);
      return all.reduce((sum, { requests: count = 0 }) => sum + count, 0) >= requests ? all : undefined;
    });
    expect(unusual(found)).toEqual([]);

    /** Each time a server that nobody has written to yet. */
    async function withServer(act: () => Promise<readonly Said[]>): Promise<readonly Said[]> {
      const server = start([...(stack?.command(programs, Address, ports.server) ?? [])]);
      try {
        await server.says(/listening/);
        return await act();
      } finally {
        await server.stop();
      }
    }

    async function inTurn(port: number): Promise<readonly Said[]> {
      const said: Said[] = [];
      for (const client of Clients) {
        said.push(await speak(client, programs, { run, address: Address, port }, stack?.words ?? [], Rounds));
      }
      return said;
    }
  });

  async function writeConfig(): Promise<string> {
    const file = join(site.folder, 'gateway.yaml');
    const lines = [
      'back_end: proxy',
      `site: ${site.policy.site}`,
      `gateway: ${site.gateway}`,
      `trusted_keys: [${site.publicKey}]`,
      `bundle: ${site.bundle}`,
      `state: ${join(site.folder, 'state')}`,
      `run: ${join(site.folder, 'run')}`,
      `page: {listen: "127.0.0.1:${await freePort(26_060)}"}`,
      `metrics: {listen: "127.0.0.1:${await freePort(26_080)}"}`,
      'listeners:',
      `  - {as: client, to: server, port: 502, listen: "${Address}:${ports.listener}", server: "${Address}:${ports.server}"}`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  }
});
