import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mustRunIn, run } from '../../plant/namespaces/exec.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { type Bench, layBench } from './bench.ts';
import { type Enforcer, startEnforcer } from './enforcer.ts';

/** One wire with the box put in front of its controllers, where it answers ARP for them. */
const model = readFileSync(new URL('../flat.zones.yaml', import.meta.url), 'utf8');
const policy = compileText(model.replaceAll('press-1', 'plc')).policies.get('cgw-flat')!;

let bench: Bench;
let enforcer: Enforcer;

beforeEach(async () => {
  bench = await layBench(policy.interfaces, policy.assets);
  await mustRunIn(bench.gateway, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
  await address(bench.gateway, 'lan0', 'fd00:a::1');
  await address(bench.gateway, 'plc0', 'fd00:b::1');
  await address(bench.network.of('maint-pc'), 'eth0', 'fd00:a::20');
  await address(bench.plc, 'eth0', 'fd00:b::71');
  enforcer = await startEnforcer(bench);
});

afterEach(() => bench.network.destroy());

test('on a flat network, and over IPv6 that no flow uses, nothing passes a box without a ruleset', async () => {
  const permitted = bench.network.address('plc');
  await enforcer.apply(policy);
  expect(await answers(permitted)).toBe(3);
  expect(await answers('fd00:b::71')).toBe(0);
  await bench.nft('flush ruleset');
  expect(await answers(permitted)).toBe(0);
  expect(await answers('fd00:b::71')).toBe(0);
  // The way is there, but for the guard.
  await removeRules('-4');
  expect(await answers(permitted)).toBe(3);
  await removeRules('-6');
  expect(await answers('fd00:b::71')).toBe(3);
});

async function answers(to: string): Promise<number> {
  const ping = ['ping', '-q', '-c', '3', '-i', '0.05', '-W', '1', to];
  const { stdout } = await run(['ip', 'netns', 'exec', bench.network.of('maint-pc'), ...ping]);
  return Number(/(\d+) received/.exec(stdout)?.[1]);
}

async function removeRules(family: '-4' | '-6'): Promise<void> {
  const all = `while ip ${family} rule del priority 110 2>/dev/null; do :; done`;
  await mustRunIn(bench.gateway, 'sh', '-c', all);
}

async function address(namespace: string, device: string, host: string): Promise<void> {
  await mustRunIn(namespace, 'ip', 'address', 'add', `${host}/64`, 'dev', device, 'nodad');
  const router = host.replace(/::.*/, '::1');
  if (host !== router) await mustRunIn(namespace, 'ip', '-6', 'route', 'add', 'default', 'via', router);
}
