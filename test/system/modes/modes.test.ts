import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ModeBody } from '../../../gateway/ipc/mode-body.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { runIn } from '../../plant/namespaces/exec.ts';
import { enforcing, startGateway } from '../../plant/namespaces/gateway.ts';
import { penstock } from '../../plant/namespaces/site.ts';
import { adu, askEngineStatus, type Bench, client, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';

const Model = fileURLToPath(new URL('modes.zones.yaml', import.meta.url));

let bench: Bench;
const servers: Running[] = [];
let clients: Running[] = [];

beforeAll(async () => {
  bench = await openBench(Model);
  const plc = bench.at(
    'plc-dosing',
    process.execPath,
    client('../../plant/plc.ts'),
    '--address',
    bench.network.address('plc-dosing'),
  );
  servers.push(plc, listen('plc-intake', 443), listen('siem', 443), listen('siem', 8443));
  for (const server of servers) await server.says(/listening/);
});

afterEach(async () => {
  for (const one of clients) await one.stop();
  clients = [];
  await mode('normal', '--step', '0s', '--by', 'test');
  await eventually('the normal mode', async () => (await modeNow()).name === 'normal' || undefined);
});

afterAll(async () => {
  for (const server of servers) await server.stop();
  await bench?.close();
});

function listen(asset: string, port: number): Running {
  return bench.at(
    asset,
    process.execPath,
    client('peer.ts'),
    'tcp-listen',
    bench.network.address(asset),
    String(port),
  );
}

function connect(from: string, to: string, port: number): Running {
  const one = bench.at(
    from,
    process.execPath,
    client('peer.ts'),
    'tcp',
    bench.network.address(to),
    String(port),
  );
  clients.push(one);
  return one;
}

/** A plain connection that has carried something. */
async function talking(from: string, to: string, port: number): Promise<Running> {
  const one = connect(from, to, port);
  await one.says(/connected/);
  one.tell('cafe');
  await one.says(/got cafe/);
  return one;
}

async function refused(from: string, to: string, port: number): Promise<void> {
  await connect(from, to, port).says(/failed ECONN(REFUSED|RESET)/);
}

/** scada-1 polling plc-dosing over the flow that is essential. */
async function polling(): Promise<{ readonly lost: () => string; readonly goesOn: () => Promise<void> }> {
  const poller = bench.at(
    'scada-1',
    process.execPath,
    client('poller.ts'),
    bench.network.address('plc-dosing'),
    '502',
    '20000',
  );
  clients.push(poller);
  await poller.says(/ok /);
  return {
    lost: () => (/lost .*/.exec(poller.output()) ?? [''])[0],
    goesOn: () => poller.says(new RegExp(`^[^]{${poller.output().length},}ok \\d+\\n`)).then(() => undefined),
  };
}

async function mode(...words: string[]): Promise<string> {
  const said = await penstock('mode', ...words, '--config', bench.gateway.config);
  if (said.status !== 0) throw new Error(`penstock mode ${words.join(' ')}: ${said.stdout}${said.stderr}`);
  return said.stdout;
}

/** Nothing while the engine is away. */
async function modeNow(): Promise<Partial<ModeBody>> {
  const said = await penstock('mode', '--json', '--config', bench.gateway.config);
  return said.stdout.startsWith('{') ? JSON.parse(said.stdout) : {};
}

async function kill(kind: 'engine' | 'inspector'): Promise<readonly number[]> {
  const pids = await bench.gateway.pids(kind);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids;
}

describe('a mode', () => {
  test('cuts what it does not keep, inspected or not, and touches nothing that is essential', async () => {
    const essential = await polling();
    const plain = await talking('eng-ws', 'plc-intake', 443);
    const hmi = connect('hmi-1', 'plc-dosing', 502);
    await hmi.says(/connected/);
    hmi.tell(adu(1, 1, '0300000001'));
    await hmi.says(/got 0001/);
    console.log(await mode('island', '--reason', 'test'));
    // The inspecting process resets it at once; a plain one learns it with its next segment.
    await hmi.says(/failed ECONNRESET/);
    plain.tell('dead');
    await plain.says(/failed ECONNRESET/);
    await refused('eng-ws', 'plc-intake', 443);
    await refused('hmi-1', 'plc-dosing', 502);
    await refused('plc-intake', 'siem', 443);
    await essential.goesOn();
    expect(essential.lost()).toBe('');
  });

  test('refuses under its own profile what was permitted, while reads go on over the same connection', {
    tags: ['deep'],
  }, async () => {
    const scada = connect('scada-1', 'plc-dosing', 502);
    await scada.says(/connected/);
    scada.tell(adu(1, 1, '0600640011'));
    await scada.says(/got 000100000006010600640011/);
    await mode('lockdown');
    scada.tell(adu(2, 1, '0600640012'));
    await scada.says(/got 000200000003018601\n/);
    scada.tell(adu(3, 1, '0300640001'));
    await scada.says(/got 0003000000050103020011/);
    await mode('normal', '--step', '0s', '--by', 'test');
    scada.tell(adu(4, 1, '0600640013'));
    await scada.says(/got 000400000006010600640013/);
    expect(scada.output()).not.toMatch(/ended|failed/);
  });

  test('is left in the order it states, and nothing passes before its step', async () => {
    const essential = await polling();
    await mode('island');
    await refused('eng-ws', 'siem', 8443);
    const step = ['normal', '--step', 'confirm', '--by', 'test'] as const;
    await mode(...step);
    await talking('eng-ws', 'siem', 8443);
    await refused('plc-intake', 'siem', 443);
    await refused('hmi-1', 'plc-dosing', 502);
    await mode(...step);
    await talking('plc-intake', 'siem', 443);
    await refused('eng-ws', 'plc-intake', 443);
    expect((await modeNow()).order?.map(({ what, done }) => [what, done])).toEqual([
      ['C-03', true],
      ['C-02', true],
      ['everything else', false],
    ]);
    await mode(...step);
    await talking('eng-ws', 'plc-intake', 443);
    await connect('hmi-1', 'plc-dosing', 502).says(/connected/);
    expect((await modeNow()).name).toBe('normal');
    expect(essential.lost()).toBe('');
  });

  test('given while another is left cuts again what was opened', { tags: ['deep'] }, async () => {
    await mode('island');
    await mode('normal', '--step', 'confirm', '--by', 'test');
    const again = await talking('eng-ws', 'siem', 8443);
    await mode('island');
    again.tell('dead');
    await again.says(/failed ECONNRESET/);
    await refused('eng-ws', 'siem', 8443);
  });
});

describe('killed in a mode', () => {
  test('the engine leaves it in force, and the next one takes it up', async () => {
    const essential = await polling();
    await mode('island', '--reason', 'test');
    await kill('engine');
    await refused('eng-ws', 'siem', 8443);
    await refused('hmi-1', 'plc-dosing', 502);
    await enforcing(bench.gateway);
    expect(await modeNow()).toMatchObject({ name: 'island', why: 'test' });
    await refused('eng-ws', 'siem', 8443);
    await refused('hmi-1', 'plc-dosing', 502);
    await essential.goesOn();
    expect(essential.lost()).toBe('');
  });

  test('inspecting processes come back in the mode', { tags: ['deep'] }, async () => {
    await mode('lockdown');
    const before = await kill('inspector');
    await eventually('other inspecting processes', async () => {
      const now = await bench.gateway.pids('inspector');
      return (now.length > 1 && now.every((pid) => !before.includes(pid))) || undefined;
    });
    await enforcing(bench.gateway);
    const scada = connect('scada-1', 'plc-dosing', 502);
    await scada.says(/connected/);
    scada.tell(adu(1, 1, '0600640011'));
    await scada.says(/got 000100000003018601\n/);
    await refused('hmi-1', 'plc-dosing', 502);
  });

  test('everything, with the kernel’s table gone as after a power cut, comes back in the mode', {
    tags: ['deep'],
  }, async () => {
    await mode('island');
    bench.gateway.supervisor.kill('SIGKILL');
    await bench.gateway.supervisor.ended;
    await eventually('the end of every engine', async () => {
      return (await bench.gateway.pids('engine')).length === 0 || undefined;
    });
    await runIn(bench.network.gateway, ['nft', 'delete', 'table', 'inet', 'penstock']);
    const gateway = await startGateway(bench.network.gateway, bench.gateway.config, [], askEngineStatus);
    bench = { ...bench, gateway, close: () => closed(gateway, bench) };
    expect((await modeNow()).name).toBe('island');
    await refused('eng-ws', 'siem', 8443);
    await refused('hmi-1', 'plc-dosing', 502);
    await (await polling()).goesOn();
  });
});

async function closed(gateway: Bench['gateway'], { network }: Bench): Promise<void> {
  await gateway.supervisor.stop();
  await network.destroy();
}
