import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, type Running, runIn } from '../../plant/namespaces/exec.ts';
import { type Bench, client, openBench } from '../bench.ts';
import { lacks } from '../tools.ts';
import { type WireWatch, watchWire } from './wire-watch.ts';

describe.skipIf(lacks('tcpdump'))('a gateway that somebody meddles with', () => {
  let bench: Bench;
  const running: Pick<Running, 'stop'>[] = [];

  beforeAll(async () => {
    bench = await openBench();
  });

  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  });

  afterAll(() => bench?.close());

  test('puts a flushed ruleset back, and what was opened meanwhile goes no further', async () => {
    await listen('plc-dosing', 443);
    const [engine = -1] = await bench.gateway.pids('engine');
    process.kill(engine, 'SIGSTOP');
    let session: Running;
    try {
      await mustRunIn(bench.network.gateway, 'nft', 'flush', 'ruleset');
      // Alone it would open nothing: what no ruleset has seen is not routed on.
      await mustRunIn(bench.network.gateway, 'sh', '-c', 'while ip rule del priority 110; do :; done 2>&1');
      session = peer('visitor', 'tcp', '10.61.30.12', 443);
      await session.says(/connected/);
    } finally {
      process.kill(engine, 'SIGCONT');
    }
    await tableStands();
    const seen = await watch('proc0', 'src host 10.61.20.99');
    session.tell('cafe');
    await session.says(/failed/);
    await fence();
    expect(seen.packets()).toEqual([]);
  });

  test('puts a rule back that somebody wrote into its table', async () => {
    await listen('plc-dosing', 443);
    const opened = ['nft', 'insert', 'rule', 'inet', 'penstock', 'forward', 'accept'];
    await mustRunIn(bench.network.gateway, ...opened);
    while (/chain forward \{[^}]*\n\t\taccept\n/.test(await table()));
    const session = peer('visitor', 'tcp', '10.61.30.12', 443);
    await session.says(/failed/);
    expect(session.output()).not.toContain('connected');
  });

  test('lets no process of its own but the engine reach its egress, marked legs aside', async (context) => {
    // Without accounts of their own the processes cannot be told apart.
    if (!/^users:/m.test(readFileSync(bench.gateway.config, 'utf8'))) return context.skip();
    await listen('siem', 6514);
    const seen = await watch('dmz0', 'dst port 6514');
    const barred = (
      await mustRunIn(bench.network.gateway, 'nft', 'list', 'set', 'inet', 'penstock', 'barred')
    )
      .match(/elements = \{ ([\d, ]+) \}/)?.[1]
      ?.split(', ');
    expect(barred).toHaveLength(2);
    for (const user of barred ?? []) {
      const dial = box('setpriv', '--reuid', user, '--regid', user, '--clear-groups', '--', 'sh', '-c', Dial);
      expect((await dial.ended).status).not.toBe(0);
    }
    const engine = box('sh', '-c', Dial);
    expect((await engine.ended).status).toBe(0);
    await seen.sees(/10\.61\.15\.1\.\d+ > 10\.61\.15\.30\.6514/);
    const ports = seen.packets().map((line) => /10\.61\.15\.1\.(\d+) >/.exec(line)?.[1]);
    expect(new Set(ports).size).toBe(1); // the engine's alone
  });

  test('goes on when an interface is taken out and comes back, and opens nothing by it', async () => {
    const { network } = bench;
    await listen('plc-dosing', 443);
    const address = (await mustRunIn(network.gateway, 'cat', '/sys/class/net/sup0/address')).trim();
    await mustRunIn(network.gateway, 'ip', 'link', 'del', 'sup0');
    const pair = ['type', 'veth', 'peer', 'name', 'gateway', 'netns', network.wire('sup0')];
    await mustRunIn(network.gateway, 'ip', 'link', 'add', 'sup0', 'address', address, ...pair);
    await mustRunIn(network.wire('sup0'), 'ip', 'link', 'set', 'gateway', 'master', 'wire', 'up');
    await mustRunIn(network.gateway, 'ip', 'link', 'set', 'sup0', 'up');
    await mustRunIn(network.gateway, 'ip', 'address', 'add', '10.61.20.1/24', 'dev', 'sup0');
    const seen = await watch('proc0', 'src host 10.61.20.99');
    const session = peer('visitor', 'tcp', '10.61.30.12', 443);
    await session.says(/failed/);
    await fence();
    expect(seen.packets()).toEqual([]);
    const modbus = await listen('plc-dosing', 502);
    const poll = peer('scada-1', 'tcp', '10.61.30.12', 502);
    await poll.says(/connected/);
    poll.tell('000100000006010300000001');
    await modbus.says(/got [0-9a-f]{4}00000006010300000001/);
  });

  async function listen(asset: string, port: number): Promise<Running> {
    const one = peer(asset, 'tcp-listen', bench.network.address(asset), port);
    await one.says(/listening/);
    return one;
  }

  function peer(asset: string, mode: string, address: string, port: number): Running {
    const one = bench.at(asset, process.execPath, client('peer.ts'), mode, address, String(port));
    running.push(one);
    return one;
  }

  function box(...command: readonly string[]): Running {
    const one = bench.onBox(...command);
    running.push(one);
    return one;
  }

  async function watch(device: string, filter: string): Promise<WireWatch> {
    const one = await watchWire(bench.network, device, filter);
    running.push(one);
    return one;
  }

  function table(): Promise<string> {
    return runIn(bench.network.gateway, ['nft', 'list', 'table', 'inet', 'penstock']).then(
      ({ stdout }) => stdout,
    );
  }

  async function tableStands(): Promise<void> {
    while (!(await table()).includes('chain forward'));
  }

  /** Something permitted takes the same way: what went before it had its chance. */
  async function fence(): Promise<void> {
    const ping = ['ping', '-c', '2', '-W', '5', bench.network.address('plc-intake')];
    expect((await runIn(bench.network.of('eng-ws'), ping)).status).toBe(0);
  }
});

/** One TCP connection to the syslog collector, by a program every Debian has; its status says whether it came about. */
const Dial = 'timeout 3 bash -c ": < /dev/tcp/10.61.15.30/6514"';
