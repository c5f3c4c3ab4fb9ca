import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ModeOptions, mode } from '../../../gateway/cli/mode.ts';
import { status } from '../../../gateway/cli/status.ts';
import type { StatusBody } from '../../../gateway/ipc/snapshot.ts';
import type { Act } from '../../../rules/record/record.ts';
import { type Box, eventually, isReady, openBox } from '../engine/box.ts';
import {
  type Client,
  createLoopback,
  type Loopback,
  readRegisters,
  writeRegister,
} from '../inspector/loopback.ts';
import { command } from './command.ts';

let box: Box;
let loopback: Loopback;
beforeEach(async () => {
  box = await openBox();
  loopback = createLoopback();
});
afterEach(async () => {
  loopback.close();
  await box.close();
});

/** Engine, an inspector and the spare under the example. */
async function running() {
  const engine = box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
  await box.apply(box.sealed({ version: 42 }));
  await box.status(isReady);
  return engine;
}

const say = (name: string | undefined, options: Partial<ModeOptions> = {}) =>
  command(() => mode(name, { config: box.config.file, ...options }));
const ada = { by: 'ada', reason: 'drill' };

async function open(port: number): Promise<Client> {
  return eventually(async () => {
    const client = await loopback.connect(port);
    return client.socket.readyState === 'open' ? client : undefined;
  });
}

/** One read of a register, the `count`th answer of this client. */
async function reads(client: Client, count: number): Promise<void> {
  client.socket.write(readRegisters(count, 140, 1));
  await client.read(count * 11);
}

async function refused(port: number): Promise<void> {
  expect(await (await loopback.connect(port)).ended).toBe('ECONNRESET');
}

async function modeActs(): Promise<readonly Act[]> {
  return (await box.records()).flatMap((one) =>
    one.kind === 'act' && /^mode/.test(one.act.kind) ? [one.act] : [],
  );
}

/** Carried as it should be, by inspecting processes that have the policy and the mode. */
function isFollowed(found: StatusBody): boolean {
  return isReady(found) && found.alarms.every(({ code }) => code !== 'INSPECTOR_BEHIND');
}

describe('penstock mode', () => {
  test('shows the mode, and refuses words that belong to a switch', async () => {
    await running();
    const shown = await say(undefined);
    expect(shown).toMatchObject({
      status: 0,
      out: 'mode normal; nobody has switched it\n\nmodes  normal, island, lockdown',
    });
    expect(await say(undefined, { reason: 'drill' })).toMatchObject({ status: 2 });
    expect(await say('island', { step: '10s' })).toMatchObject({ status: 2 });
    expect((await say('normal', { step: 'soon', by: 'ada' })).err).toContain('--step soon is no time');
    const unknown = await say('islnd', ada);
    expect(unknown).toMatchObject({ status: 1, out: '' });
    expect(unknown.err).toMatch(/^PST_ERR_MODE_UNKNOWN .* Its modes are: normal, island, lockdown\./);
  });

  test('lockdown cuts one connection, and refuses writes on another that goes on reading', async () => {
    await running();
    const [hmi, scada] = [await open(box.ports.hmi), await open(box.ports.scada)];
    await reads(hmi, 1);
    await reads(scada, 1);
    const said = await say('lockdown', ada);
    expect(said).toMatchObject({ status: 0, err: '' });
    expect(said.out).toMatch(
      /kernel after [\d.]+ ms, inspectors after [\d.]+ ms, on record after [\d.]+ ms\n/,
    );
    expect(said.out).toMatch(/mode lockdown since .* by ada \(as .*\): drill\n/);
    expect(said.out).toMatch(/profile +C-05\/F-01 under read-telemetry\n/);
    expect(await hmi.ended).toBe('ECONNRESET');
    scada.socket.write(writeRegister(2, 100, 350));
    expect([...(await scada.read(11 + 9)).subarray(-2)]).toEqual([0x86, 1]);
    scada.socket.write(readRegisters(3, 140, 1));
    await scada.read(11 + 9 + 11);
    await refused(box.ports.hmi);
    const [act] = await eventually(modeActs, (acts) => acts.length > 0);
    expect(act).toMatchObject({ kind: 'modeSwitched', from: 'normal', to: 'lockdown', why: 'drill' });
    expect((await say(undefined)).status).toBe(1);
    expect((await command(() => status({ config: box.config.file }))).out).toMatch(/\nmode +lockdown/);
    await say('normal', { ...ada, step: '0s' });
    await box.status(({ mode: now }) => now.name === 'normal');
    scada.socket.write(writeRegister(4, 100, 350));
    expect((await scada.read(11 + 9 + 11 + 12)).at(-5)).toBe(6);
    await reads(await open(box.ports.hmi), 1);
  });

  test('normal opens in the stated order, one step at each word, and any mode ends it', async () => {
    await running();
    await say('lockdown', ada);
    const island = await say('island', ada);
    expect(island.out).toMatch(
      /left in order +C-03 \(\d\), C-02 \(\d\), C-01 \(\d\), C-04 \(\d\), C-06 \(\d\)\n/,
    );
    const first = await say('normal', { ...ada, step: 'confirm' });
    expect(first.out).toMatch(
      /leaving +1 of 5 steps done, C-02 is next when somebody says penstock mode normal\n/,
    );
    await say('normal', { ...ada, step: 'confirm' });
    const shown = await say(undefined, { json: true });
    expect(JSON.parse(shown.out)).toMatchObject({ recovery: { done: 2, steps: 5, next: 'C-01' } });
    await say('island', ada);
    expect(JSON.parse((await say(undefined, { json: true })).out)).not.toHaveProperty('recovery');
    const acts = await eventually(modeActs, (all) => all.length >= 5);
    expect(acts.map((act) => ('what' in act ? act.what : ''))).toEqual(['', '', 'C-03', 'C-02', '']);
  });
});

describe('a mode', () => {
  test('outlives the engine, and holds for an inspector that comes later', { tags: ['deep'] }, async () => {
    const engine = await running();
    await say('lockdown', ada);
    const scada = await open(box.ports.scada);
    engine.process.kill('SIGKILL');
    await engine.ended;
    await refused(box.ports.hmi);
    await reads(scada, 1);
    box.startEngine();
    const back = await box.status(isFollowed);
    expect(back.mode).toMatchObject({ name: 'lockdown', by: expect.stringContaining('ada'), why: 'drill' });
    await reads(scada, 2);
    const victim = back.inspectors.find(({ spare }) => !spare);
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await scada.ended;
    const again = await eventually(async () => {
      const client = await open(box.ports.scada);
      return reads(client, 1).then(
        () => client,
        () => undefined,
      );
    });
    again.socket.write(writeRegister(2, 100, 350));
    expect([...(await again.read(11 + 9)).subarray(-2)]).toEqual([0x86, 1]);
    await refused(box.ports.hmi);
  });

  test('whose file is spoilt is the strictest one, with an alarm, until somebody switches', async () => {
    const engine = await running();
    await say('island', ada);
    engine.process.kill('SIGKILL');
    await engine.ended;
    const file = join(box.config.state, 'mode.json');
    writeFileSync(file, readFileSync(file).subarray(0, 30));
    box.startEngine();
    const back = await box.status(({ policyVersion }) => policyVersion > 0);
    expect(back.mode.name).toBe('lockdown');
    expect(back.alarms.map(({ code }) => code)).toContain('MODE_UNKNOWN');
    await box.status(isReady);
    await refused(box.ports.hmi);
    await say('normal', { ...ada, step: '0s' });
    await box.status(({ alarms }) => alarms.every(({ code }) => code !== 'MODE_UNKNOWN'));
  });

  test('keeps a bundle out that does not have it', async () => {
    await running();
    await say('island', ada);
    const modes = box.policy.modes.filter(({ name }) => name !== 'island');
    const tests = box.policy.tests.filter(({ given }) => given.mode !== 'island');
    const answer = await box.apply(box.sealed({ version: 43, modes, tests }));
    expect(answer).toMatchObject({ ok: false, code: 'PST_ERR_MODE_MISSING' });
    expect((await box.status()).policyVersion).toBe(42);
  });
});
