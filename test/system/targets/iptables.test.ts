import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { renderTarget } from '../../../policy/targets/target.ts';
import { mustRunIn, type Running, run, startIn } from '../../plant/namespaces/exec.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { client } from '../bench.ts';
import { layTwoHosts } from '../enforce/two-hosts.ts';

/** The text for a neighbour's iptables, in a real kernel, with real connections through it. */
const tag = `pst-ipt-${randomBytes(3).toString('hex')}`;
const [pc, box, plc] = [`${tag}-pc`, `${tag}-box`, `${tag}-plc`];
const scratch = mkdtempSync(join(tmpdir(), `${tag}-`));
const running: Running[] = [];

beforeAll(async () => {
  await layTwoHosts(pc, box, plc);
  await mustRunIn(plc, 'ip', 'address', 'add', '10.2.0.31/24', 'dev', 'eth0');
  await mustRunIn(pc, 'ip', 'address', 'add', '10.1.0.20/24', 'dev', 'eth0');
  for (const [family, command] of [
    ['v4', 'iptables-restore'],
    ['v6', 'ip6tables-restore'],
  ] as const) {
    const file = join(scratch, `${family}.rules`);
    writeFileSync(file, textOf(`${family}.rules`));
    await mustRunIn(box, command, '--noflush', file);
  }
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

afterAll(async () => {
  for (const namespace of [pc, box, plc]) await run(['ip', 'netns', 'del', namespace]);
  rmSync(scratch, { recursive: true, force: true });
});

test('what the model permits passes, in both address families', async () => {
  for (const address of ['10.2.0.30', 'fd00:b::30']) {
    for (const port of [80, 8000, 8010]) {
      await peer(plc, 'tcp-listen', address, port).says(/listening/);
      const one = peer(pc, 'tcp', address, port);
      await one.says(/connected/);
      one.tell('cafe');
      await one.says(/got cafe/);
    }
  }
});

test('another port, another host and the other direction do not', async () => {
  await peer(plc, 'tcp-listen', '10.2.0.30', 8011).says(/listening/);
  await peer(plc, 'tcp-listen', '10.2.0.31', 80).says(/listening/);
  await peer(pc, 'tcp-listen', '10.1.0.10', 80).says(/listening/);
  const before = await drops();
  const clients = [
    peer(pc, 'tcp', '10.2.0.30', 8011),
    peer(pc, 'tcp', '10.2.0.31', 80),
    peer(plc, 'tcp', '10.1.0.10', 80),
  ];
  await expect.poll(drops, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 3);
  for (const one of clients) expect(one.output()).not.toContain('connected');
});

test('an inspected server is not reached at all', async () => {
  await peer(plc, 'tcp-listen', '10.2.0.31', 502).says(/listening/);
  const before = await drops();
  const one = peer(pc, 'tcp', '10.2.0.31', 502);
  await expect.poll(drops, { timeout: 20_000 }).toBeGreaterThan(before);
  expect(one.output()).not.toContain('connected');
});

test('the diode lets datagrams out and no answer in', async () => {
  const receive = startIn(pc, ['socat', '-u', 'UDP4-RECV:514,bind=10.1.0.20', 'STDOUT']);
  running.push(receive);
  await expect.poll(async () => mustRunIn(pc, 'ss', '-Hlun'), { timeout: 20_000 }).toContain('10.1.0.20:514');
  const send = ['bash', '-c', 'echo out | socat -u - UDP4-SENDTO:10.1.0.20:514,bind=10.2.0.31:40000'];
  await mustRunIn(plc, ...send);
  await receive.says(/out/);
  await receive.stop();
  const before = await drops();
  const back = ['bash', '-c', 'echo back | socat -u - UDP4-SENDTO:10.2.0.31:40000,bind=10.1.0.20:514'];
  await mustRunIn(pc, ...back);
  await expect.poll(drops, { timeout: 20_000 }).toBeGreaterThan(before);
});

test('a third connection of one source is dropped where two are the limit', async () => {
  await peer(plc, 'tcp-listen', '10.2.0.31', 443).says(/listening/);
  for (let count = 0; count < 2; count++) await peer(pc, 'tcp', '10.2.0.31', 443).says(/connected/);
  const third = peer(pc, 'tcp', '10.2.0.31', 443);
  const [chain = ''] = /PENSTOCK-f\d+/.exec(textOf('v4.rules')) ?? [];
  const dropped = async () => counter(chain, 'connlimit');
  await expect.poll(dropped, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(third.output()).not.toContain('connected');
});

function textOf(ending: string): string {
  const model = readFileSync(new URL('../../golden/targets/zones.yaml', import.meta.url), 'utf8');
  const [policy] = compileText(model).policies.values();
  if (policy === undefined) throw new Error('the model does not compile');
  const result = renderTarget(policy, 'iptables', true);
  const text = result.ok ? result.texts.find((each) => each.ending === ending)?.text : undefined;
  if (text === undefined) throw new Error(`no ${ending}`);
  return text;
}

/** Packets the last rule of the chain dropped. */
async function drops(): Promise<number> {
  return counter('PENSTOCK', ' -j DROP', true);
}

async function counter(chain: string, match: string, last = false): Promise<number> {
  const lines = (await mustRunIn(box, 'iptables-save', '-c'))
    .split('\n')
    .filter((line) => line.includes(`-A ${chain} `) && line.includes(match));
  const line = last ? lines.at(-1) : lines[0];
  return Number(/^\[(\d+):/.exec(line ?? '')?.[1] ?? 0);
}

function peer(namespace: string, mode: string, address: string, port: number): Running {
  const one = startIn(namespace, [process.execPath, client('peer.ts'), mode, address, String(port)]);
  running.push(one);
  return one;
}
