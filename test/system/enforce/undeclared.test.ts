import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { NormalMode } from '../../../rules/admission/mode.ts';
import { planModes, renderModeState } from '../../../rules/nft/modes.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { mustRunIn } from '../../plant/namespaces/exec.ts';
import { type BareBox, batchOf, layBareBox, onePolicy, openEverything } from './bare-box.ts';

const stage = 'stage: {audit_until: 2026-12-24T12:00:00Z, undeclared: pass}';
const staged = onePolicy(
  'F-01: {src: pc, dst: plc, proto: tcp, port: 502, modbus: read}',
  stage,
  `modbus_profiles: {read: {allow: [{fc: [3], units: [1], address: 0-9}]}}
modes: {island: {purpose: Alone, keep: []}}
`,
);

let bare: BareBox;

beforeAll(async () => {
  bare = await layBareBox();
  await mustRunIn(bare.plc, 'ip', 'address', 'add', '10.2.0.40/24', 'dev', 'eth0');
});

afterEach(() => bare.clear());
afterAll(() => bare.destroy());

test('it never opens a way to a server that an inspected flow leads to, on whatever port', async () => {
  await open(staged, 3600);
  await listen('10.2.0.30', 80);
  await bare.start(bare.pc, 'tcp', '10.2.0.30', 80).says(/failed ECONNREFUSED/);
  expect(await bare.counter('no-flow')).toBeGreaterThan(0);
  // No inspector is here, and the inspected port is open to nobody else.
  await bare.start(bare.pc, 'tcp', '10.2.0.30', 502).says(/failed ECONNREFUSED/);
  expect(await bare.counter('inspector-lost')).toBeGreaterThan(0);
  expect(await bare.counter('would-refuse')).toBe(0);
});

test('what no flow declares passes while the stage lasts, is counted, and ends by the kernel alone', async () => {
  await open(staged, 6);
  await listen('10.2.0.40', 80);
  const client = bare.start(bare.pc, 'tcp', '10.2.0.40', 80);
  client.tell('aa');
  await client.says(/got aa/);
  expect(await bare.counter('would-refuse')).toBeGreaterThan(3);
  expect(await bare.counter('no-flow')).toBe(0);

  await expect.poll(() => bare.listed('set', 'alive'), { timeout: 30_000 }).not.toContain('expires');
  client.tell('dead');
  await client.says(/failed (ECONNRESET|EPIPE)/);
  expect(await bare.counter('no-flow')).toBeGreaterThan(0);
  expect(client.output()).not.toContain('got dead');
});

test('nothing passes against its direction but answers', async () => {
  await open(staged, 3600);
  await bare.start(bare.pc, 'tcp-listen', '10.1.0.10', 80).says(/listening/);
  const against = bare.start(bare.plc, 'tcp', '10.1.0.10', 80);
  await expect.poll(() => bare.counter('no-conduit'), Patience).toBeGreaterThan(0);
  expect(against.output()).not.toContain('connected');
});

test('a mode that does not keep everything cuts it', async () => {
  const island = { nftables: [...renderModeState(planModes(staged), { mode: 'island', reopened: [] })] };
  await open(staged, 3600);
  await listen('10.2.0.40', 80);
  const client = bare.start(bare.pc, 'tcp', '10.2.0.40', 80);
  client.tell('aa');
  await client.says(/got aa/);
  await bare.load(island);
  client.tell('dead');
  await client.says(/failed (ECONNRESET|EPIPE)/);
  expect(await bare.counter('mode-cut')).toBeGreaterThan(0);
  const normal = { nftables: [...renderModeState(planModes(staged), { mode: NormalMode, reopened: [] })] };
  await bare.load(normal);
  await bare.start(bare.pc, 'tcp', '10.2.0.40', 80).says(/connected/);
});

async function open(policy: Policy, seconds: number): Promise<void> {
  const batches = [batchOf(policy), openEverything(policy, seconds)];
  await bare.load(...batches);
  expect(await bare.differences(batches)).toEqual([]);
}

async function listen(address: string, port: number): Promise<Running> {
  const server = bare.start(bare.plc, 'tcp-listen', address, port);
  await server.says(/listening/);
  return server;
}

/** Far more than anything here takes, so that a slow machine fails no test. */
const Patience = { timeout: 20_000 };
