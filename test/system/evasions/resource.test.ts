import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, runIn } from '../../plant/namespaces/exec.ts';
import { compileBundle, PenstockCommand, penstock } from '../../plant/namespaces/site.ts';
import { adu, BenchGateway, benchModel, client, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { type Arena, EvasionsModel, openArena } from './arena.ts';

/** E31 to E35: what wears a gateway out, and what goes on around it. */
const read = '0300000001';
const honest = '03020000';
const forbidden = '060005dead';

describe('what wears a gateway out', () => {
  let arena: Arena;
  const open: { stop: () => Promise<unknown> }[] = [];

  beforeAll(async () => {
    arena = await openArena();
  });

  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });

  afterAll(() => arena?.close());

  test('E31 600 requests at once: the server has no more than the limit, every one is answered in order', async () => {
    const session = await begin();
    arena.server.tell('keep');
    await arena.server.says(/did keep/);
    const ids = Array.from({ length: 600 }, (_, id) => id);
    session.send(...ids.map((id) => adu(id, 1, read)));
    await eventually('the first requests', () => arena.arrived(session.port).length >= 16 || undefined);
    await arena.neighbourWaits();
    expect(arena.arrived(session.port)).toHaveLength(16);
    arena.server.tell('release');
    await session.gets(new RegExp(`${adu(599, 1, honest)}$`));
    expect(session.received()).toBe(ids.map((id) => adu(id, 1, honest)).join(''));
    await arena.neighbourLives();
  });

  test('E31 requests behind a server that never answers: time-outs, no memory of them, others go on', async () => {
    arena.narrowServer.tell('always -');
    await arena.narrowServer.says(/did always -/);
    const session = await begin('plc-3');
    session.send(...Array.from({ length: 12 }, (_, id) => adu(id, 1, read)));
    await session.gets(new RegExp(`${adu(11, 1, '830b')}$`));
    expect(session.received()).toBe(Array.from({ length: 12 }, (_, id) => adu(id, 1, '830b')).join(''));
    await arena.neighbourLives();
    arena.narrowServer.tell('honest');
  });

  test('E32 more connections from one source than it may have: the last are cut, the first work', async () => {
    const first = [];
    for (let count = 0; count < 8; count++) first.push(await begin('plc-3'));
    for (let count = 0; count < 4; count++) {
      const target = arena.bench.network.address('plc-3');
      const more = arena.bench.at('scada-1', process.execPath, client('peer.ts'), 'tcp', target, '502');
      open.push(more);
      await more.says(/failed|ended/);
    }
    for (const session of first) {
      session.send(adu(1, 1, read));
      await session.gets(new RegExp(`^${adu(1, 1, honest)}$`));
    }
    await arena.neighbourLives();
    arena.willRecord('connection-limit', (one) => one['reason'] === 'connection-limit');
    expect(await arena.missingRecords()).toEqual([]);
  });

  test('E32 ten thousand half-open connections reach no server, and others go on', async () => {
    const scada = arena.bench.network.of('scada-1');
    // Or its own kernel would reset each of them.
    await mustRunIn(
      scada,
      'nft',
      'table inet half { chain quiet { type filter hook prerouting priority raw; tcp dport 10000-19999 drop; }; }',
    );
    const end = await arena.attacker({ opened: false });
    end.tell('syns 10000 10000');
    await end.says(/^sent$/m);
    await arena.neighbourLives();
    for (let port = 10_000; port < 20_000; port += 97) expect(arena.reached(port)).toBe(false);
    open.push(end);
  });

  test('E32 connections that come and go from ever new ports', { tags: ['deep'] }, async () => {
    for (let count = 0; count < 30; count++) {
      const end = await arena.attacker();
      end.send(adu(1, 1, forbidden));
      await end.gets(new RegExp(`^${adu(1, 1, '8602')}$`));
      await end.stop();
      expect(arena.arrived(end.port)).toEqual([]);
    }
    await arena.neighbourLives();
  });

  test('E32 one byte on each of twenty connections and no more', { tags: ['deep'] }, async () => {
    const ends = [];
    for (let count = 0; count < 20; count++) {
      const end = await arena.attacker();
      end.send('00');
      ends.push(end);
      open.push(end);
    }
    await arena.neighbourLives();
    for (const end of ends) await end.cut();
    for (const end of ends) expect(arena.arrived(end.port)).toEqual([]);
    await arena.neighbourLives();
  });

  test('E33 20 000 refusals are counted to the last one and fill no log', async () => {
    const session = await begin();
    const count = 20_000;
    const before = await evidenceBytes();
    for (let id = 0; id < count; id += 1_000)
      session.send(...Array.from({ length: 1_000 }, (_, at) => adu(id + at, 1, `06${address(id + at)}0001`)));
    await session.gets(new RegExp(`${adu(count - 1, 1, '8602')}$`));
    await arena.neighbourLives();
    await session.stop();
    expect(arena.arrived(session.port)).toEqual([]);
    arena.willRecordEnd(session.port, { refused: count, reason: 'client-closed' });
    expect(await arena.missingRecords()).toEqual([]);
    expect((await evidenceBytes()) - before).toBeLessThan(1 << 20);
  });

  async function begin(asset = 'plc-1') {
    const session = await arena.session('scada-1', asset);
    open.push(session);
    return session;
  }

  async function evidenceBytes(): Promise<number> {
    const folder = join(arena.bench.site.folder, 'state/evidence');
    return Number((await mustRunIn(arena.bench.network.gateway, 'du', '-sb', folder)).split('\t')[0]);
  }
});

/** Kills and reloads under traffic are in `fail-closed.test.ts` and `bundle.test.ts`; this is what is between. */
describe('E34 a policy taken up while a request is on its way', () => {
  test('E34 judges the request of which a part had come, and the connection lives', {
    tags: ['deep'],
  }, async () => {
    const arena = await openArena();
    try {
      const end = await arena.attacker();
      const write = adu(2, 1, '0600640001');
      end.send(adu(1, 1, '0600640001'));
      await end.gets(new RegExp(`^${adu(1, 1, '0600640001')}$`));
      // Compiled before: between the two halves there may be no more than a request may take.
      const bundle = await compiled(arena, 11, (model) => model.replace(/ +- \{fc: \[6, 16, 22\].*\n/, ''));
      end.send(write.slice(0, 22));
      await end.delivered();
      await apply(arena, bundle);
      end.send(write.slice(22));
      await end.gets(new RegExp(`${adu(2, 1, '8602')}$`));
      await arena.neighbourLives();
      expect(arena.arrived(end.port)).toEqual(['010600640001']);
      await end.stop();
    } finally {
      await arena.close();
    }
  });

  async function compiled(arena: Arena, version: number, change: (model: string) => string): Promise<string> {
    const { site, network } = arena.bench;
    const model = join(network.folder, `version-${version}.zones.yaml`);
    const text = readFileSync(EvasionsModel, 'utf8').replace(
      /policy_version: \d+/,
      `policy_version: ${version}`,
    );
    writeFileSync(model, change(text));
    const bundle = join(network.folder, `version-${version}.bundle`);
    await compileBundle({ model, gateway: BenchGateway, privateKey: site.privateKey, bundle });
    return bundle;
  }

  async function apply(arena: Arena, bundle: string): Promise<void> {
    const said = await penstock('apply', bundle, '--confirm-now', '--config', arena.bench.gateway.config);
    expect(said).toMatchObject({ status: 0, stderr: '' });
  }
});

describe('E35 a way past the box', () => {
  test('E35 doctor says loudly that two who should meet at the box meet without it', {
    tags: ['deep'],
  }, async () => {
    const bench = await openBench(benchModel('flat.zones.yaml'), 'cgw-flat');
    try {
      const { network } = bench;
      expect(await returnPath()).toMatchObject({ state: 'good' });
      // The HMI's cable is on the controllers' side of the box now.
      await mustRunIn(network.gateway, 'ip', 'route', 'add', network.address('hmi'), 'dev', 'plc0');
      const said = await returnPath();
      expect(said.state).not.toBe('good');
      expect(JSON.stringify(said)).toContain('no packet between them passes this box');

      async function returnPath(): Promise<{ readonly state: string }> {
        const command = [...PenstockCommand, 'doctor', '--config', bench.gateway.config, '--json'];
        const { stdout } = await runIn(network.gateway, command, { patience: 60_000 });
        const { checks } = JSON.parse(stdout) as { checks: { what: string; state: string }[] };
        const found = checks.find(({ what }) => what === 'Return path of press-1');
        if (found === undefined) throw new Error(stdout);
        return found;
      }
    } finally {
      await bench.close();
    }
  });
});

/** Another forbidden register for each, so that they are no kind of their own. */
function address(id: number): string {
  return (1_000 + (id % 5_000)).toString(16).padStart(4, '0');
}
