import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Policy } from '../../../rules/policy.ts';
import { mustRunIn, type Running, startIn } from '../../plant/namespaces/exec.ts';
import { processesIn } from '../../plant/namespaces/processes.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { eventually } from '../eventually.ts';
import { type Bench, layBench, PlcAddress } from './bench.ts';
import { type Enforcer, startEnforcer } from './enforcer.ts';

/** As in programs/enforcer.ts: the inspectors' user, and the front's. */
const [Dialer, Front, Root] = [986, 987, 0];
const Vendors = `vendor_access:
  maker:
    company: Maker
    people: [{id: ann@maker.example}]
    entry: {zone: supervisory, asset: hmi}
    targets: [{asset: plc, port: 7001}]
  other:
    company: Other
    people: [{id: bob@other.example}]
    entry: {zone: supervisory, asset: hmi}
    targets: [{asset: plc, port: 7001}]
`;
const Target = 'maker/plc.7001';
const SameTarget = 'other/plc.7001';
const policy = compiled();

let bench: Bench;
let enforcer: Enforcer;
let dialling: Running[];

beforeEach(async () => {
  bench = await layBench();
  dialling = [];
  enforcer = await startEnforcer(bench);
  await bench.start(bench.plc, 'tcp-server.ts', 7001).says(/ready/);
});

afterEach(async () => {
  for (const one of dialling) await one.stop();
  await bench.network.destroy();
});

test('without a session the inspectors reach no target, and that is counted', async () => {
  await enforcer.apply(policy);
  await dial(Dialer).says(/failed/);
  expect(await dropped('no-session')).toBeGreaterThan(0);
});

test('while a session leads there the inspectors reach the target from the address of the leg, and nobody else does', {
  tags: ['deep'],
}, async () => {
  await enforcer.apply(policy, open(3_600_000));
  expect(await enforcer.verify()).toEqual([]);
  const dialled = await talk(Dialer);
  expect(dialled.output()).toContain('connected from 10.30.0.1 ');
  await dial(Front).says(/failed/);
  await dial(Root).says(/failed/);
  await dial(Dialer, 7002).says(/failed/);
});

test('a target opens nothing towards the box, from the port it is reached on neither', async () => {
  await enforcer.apply(policy, open(3_600_000));
  await bench.start(bench.gateway, 'tcp-server.ts', 9999).says(/ready/);
  await bench.start(bench.plc, 'tcp-client.ts', '10.30.0.1', 9999, 7001).says(/failed|closed/);
});

test('the kernel ends a session and its open connection by itself, with every process of ours dead', {
  tags: ['deep'],
}, async () => {
  const until = Date.now() + 12_000;
  await enforcer.apply(policy, [{ flow: Target, until }]);
  const dialled = await talk(Dialer);
  const ours = (await processesIn(bench.gateway)).filter(({ pid }) => pid !== dialled.pid);
  for (const { pid } of ours) process.kill(pid, 'SIGKILL');
  await enforcer.process.ended;
  dialled.tell('alone');
  await dialled.says(/answer alone/);

  const poking = setInterval(() => dialled.tell('still'), 50);
  await eventually('the end', () => Date.now() > until + 2_000 || undefined);
  clearInterval(poking);
  const times = [...dialled.output().matchAll(/answer still (\d+)/g)].map(([, at]) => Number(at));
  expect(Math.max(...times)).toBeGreaterThan(until - 3_000);
  expect(Math.max(...times)).toBeLessThan(until + 1_000);
  await dial(Dialer).says(/failed/);
});

test('shutting it cuts the connection that is open, and the device is told when it goes on', async () => {
  await enforcer.apply(policy, open(3_600_000));
  const dialled = await talk(Dialer);
  await enforcer.setGates([]);
  expect(await enforcer.verify()).toEqual([]);
  const before = await dropped('no-session');
  dialled.tell('after');
  await rises('no-session', before);
  expect(dialled.output()).not.toContain('answer after');
});

test('a mode that does not keep all cuts it, and leaving the mode lets it go on', async () => {
  await enforcer.apply(policy, open(3_600_000));
  const dialled = await talk(Dialer);
  await enforcer.setMode('island');
  expect(await enforcer.verify()).toEqual([]);
  dialled.tell('cut');
  await rises('mode-cut', 0);
  expect(dialled.output()).not.toContain('answer cut');
  await enforcer.setMode('normal');
  await dialled.says(/answer cut/);
});

test('of two sessions to one device the end of one leaves the other alone', async () => {
  const later = Date.now() + 7_200_000;
  const both = [...open(3_600_000), { flow: SameTarget, until: later }];
  await enforcer.apply(policy, both);
  const dialled = await talk(Dialer);
  await enforcer.setGates([{ flow: SameTarget, until: later }]);
  dialled.tell('on');
  await dialled.says(/answer on/);
  await enforcer.setGates(open(3_600_000));
  expect(await bench.nft('list set inet penstock vendor_open')).toMatch(/expires 59m/);
  dialled.tell('still');
  await dialled.says(/answer still/);
  expect(await enforcer.verify()).toEqual([]);
});

test('a connection that its process closed is taken leave of, and leaves nothing behind at the device', async () => {
  await enforcer.apply(policy, open(3_600_000));
  const dialled = await talk(Dialer);
  await dialled.stop();
  const states = ['ss', '-Htan', 'state', 'connected', 'sport', '=', ':7001'];
  await eventually('the leave', async () => (await mustRunIn(bench.plc, ...states)) === '' || undefined);
});

test('a policy that comes later keeps what it leads to and cuts what it does not', async () => {
  const until = Date.now() + 3_600_000;
  await enforcer.apply(policy, [{ flow: Target, until }]);
  const dialled = await talk(Dialer);
  await enforcer.apply(compiled('      F-09: {src: hmi, dst: plc, proto: tcp, port: 7009}\n'), [
    { flow: Target, until },
  ]);
  dialled.tell('kept');
  await dialled.says(/answer kept/);
  await enforcer.apply(compiled('', ''));
  dialled.tell('gone');
  await rises('no-egress', 0);
  expect(dialled.output()).not.toContain('answer gone');
});

function open(milliseconds: number) {
  return [{ flow: Target, until: Date.now() + milliseconds }];
}

function dial(uid: number, port = 7001): Running {
  const program = fileURLToPath(new URL('programs/dial.py', import.meta.url));
  const running = startIn(bench.gateway, ['python3', program, String(uid), PlcAddress, String(port)]);
  dialling.push(running);
  return running;
}

/** A connection over which a line has gone each way. */
async function talk(uid: number): Promise<Running> {
  const running = dial(uid);
  running.tell('hello');
  await running.says(/answer hello/);
  return running;
}

async function dropped(reason: string): Promise<number> {
  const { drops } = await enforcer.counts();
  return drops.find((one) => one.reason === reason)?.packets ?? 0;
}

async function rises(reason: string, from: number): Promise<void> {
  await eventually(`more for ${reason}`, async () => (await dropped(reason)) > from || undefined);
}

function compiled(flows = '', vendors = Vendors): Policy {
  const { policies, findings } = compileText(`apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: vt, suc: Test, owner: ot@vt.example, policy_version: 1, reviewed: 2026-06-01}
gateways:
  gw:
    interfaces:
      sup0: {zone: supervisory, address: 10.20.0.1/24}
      proc0: {zone: process, address: 10.30.0.1/24}
zones:
  supervisory:
    kind: control
    networks: [10.20.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {hmi: {ip: 10.20.0.10, criticality: low}}
  process:
    kind: control
    networks: [10.30.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {plc: {ip: ${PlcAddress}, criticality: high}}
conduits:
  C-01:
    from: supervisory
    to: process
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-1
    flows:
      F-01: {src: hmi, dst: plc, proto: tcp, port: 7003}
${flows}modes: {normal: {}, island: {keep: [C-01/F-01]}}
${vendors}`);
  const [only] = policies.values();
  if (only === undefined) throw new Error(JSON.stringify(findings));
  return only;
}
