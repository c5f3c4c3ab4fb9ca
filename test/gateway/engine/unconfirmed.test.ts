import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Policy } from '../../../rules/policy.ts';
import { type Client, createLoopback, type Loopback, readRegisters } from '../inspector/loopback.ts';
import { type Box, eventually, isReady, openBox } from './box.ts';

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

const Minute = 60_000;
/** Some seconds of polls, of which the engine hears once a second. */
const EnoughToCompare = 250;

/** Engine, an inspector and the spare, with version 42 confirmed. */
async function running() {
  const engine = box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
  expect(await box.apply(sealed({ version: 42 }))).toMatchObject({ ok: true });
  await box.status(isReady);
  return engine;
}

/** The box's policy without tests, which are not the matter here. */
const sealed = (change: Partial<Policy>): Uint8Array => box.sealed({ tests: [], ...change });

async function connected(): Promise<Client> {
  return eventually(async () => {
    const client = await loopback.connect(box.ports.hmi);
    return client.socket.readyState === 'open' ? client : undefined;
  });
}

/** A new connection of the hmi is carried by this flow. */
async function reaches(flow: string): Promise<void> {
  await eventually(async () => {
    await ask();
    const open = await box.connections();
    return open.some(({ flowId }) => flowId === flow) || undefined;
  });
}

/** The same of a flow that may be gone again before anybody can look: what it carried is on record. */
async function reached(flow: string): Promise<void> {
  await eventually(async () => {
    await ask();
    const records = await box.records();
    return records.some((one) => one.kind === 'connection' && one.flow === flow) || undefined;
  });
}

/** One question of the hmi over a connection of its own, which stays. */
async function ask(): Promise<void> {
  const client = await connected();
  client.socket.write(readRegisters(1, 140, 1));
  await client.read(11).catch(() => undefined);
}

describe('a policy nobody has confirmed', () => {
  test('is carried by the inspectors meanwhile, and taken back from them in time', async () => {
    await running();
    const client = await connected();
    await box.apply(sealed({ version: 43, ...renamed() }), 3_000);
    await client.ended;
    await reached('C-05/F-77');
    const status = await box.status(({ policyVersion }) => policyVersion === 42);
    expect(status.pending).toBeUndefined();
    expect(status.lastRollback).toMatchObject({
      version: 43,
      toVersion: 42,
      why: 'Nobody confirmed it in time.',
    });
    await reaches('C-05/F-02');
  });

  test('is gone when the engine was killed, also from the inspectors that outlived it', async () => {
    const engine = await running();
    const client = await connected();
    await box.apply(sealed({ version: 43, ...renamed() }), 10 * Minute);
    await client.ended;
    engine.process.kill('SIGKILL');
    await engine.ended;
    box.startEngine();
    const status = await box.status((one) => isReady(one) && one.policyVersion === 42);
    expect(status.lastRollback).toMatchObject({ version: 43, toVersion: 42 });
    await reaches('C-05/F-02');
    const rolledBack = await box.act('bundleRolledBack');
    expect(rolledBack).toMatchObject({ policyVersion: 43, toVersion: 42, by: '' });
  });

  test('does not come back with the next start because it is the configured one too', {
    tags: ['deep'],
  }, async () => {
    const engine = await running();
    const file = join(box.config.state, 'configured.bundle');
    writeFileSync(file, sealed({ version: 43 }));
    box.configure({ bundle: file });
    await box.apply(sealed({ version: 43 }), 10 * Minute);
    engine.process.kill('SIGKILL');
    await engine.ended;
    for (const _ of ['first', 'second']) {
      const next = box.startEngine();
      expect((await box.status()).policyVersion).toBe(42);
      next.process.kill('SIGKILL');
      await next.ended;
    }
  });

  test('is taken back when the gateway is stopped in order', async () => {
    const engine = await running();
    await box.apply(sealed({ version: 43 }), 10 * Minute);
    engine.process.kill('SIGTERM');
    expect(await engine.ended).toBe(0);
    const rolledBack = await box.act('bundleRolledBack');
    expect(rolledBack).toMatchObject({ policyVersion: 43, why: expect.stringContaining('stopped') });
  });

  test('that was the first of the box leaves nothing open: listeners and connections are gone', async () => {
    box.startEngine();
    box.startInspector();
    await box.status();
    await box.apply(sealed({ version: 42 }), 10 * Minute);
    await box.status(({ inspectors }) => inspectors.some(({ shards }) => shards.length > 0));
    const client = await connected();
    await box.settle('rollback');
    await client.ended;
    expect((await box.status()).alarms.map(({ code }) => code)).toContain('NO_POLICY');
    await eventually(
      async () => (await loopback.connect(box.ports.hmi).then(isOpen, () => false)) === false || undefined,
    );
  });
});

describe('an essential flow', () => {
  test('that a new limit refuses takes the policy back by itself', async () => {
    box.startEngine();
    box.startInspector();
    box.startInspector();
    await box.status();
    await box.apply(sealed({ version: 42, flows: essential() }));
    await box.status(isReady);
    const polling = poll(await connected());
    await eventually(async () => polling.answers() > EnoughToCompare || undefined);
    const limited = box.policy.profiles.map((profile) => ({
      ...profile,
      limits: { ...profile.limits, aduPerSecond: 2, exceptionsPerMinute: 0 },
    }));
    expect(
      await box.apply(sealed({ version: 43, flows: essential(), profiles: limited }), 10 * Minute),
    ).toMatchObject({
      ok: true,
    });
    const { lastRollback } = await box.status(({ policyVersion }) => policyVersion === 42);
    expect(lastRollback?.why).toMatch(
      /^Essential flow C-05\/F-02: \d+ of \d+ attempts fail since, mostly rate-exceeded/,
    );
    polling.stop();
    expect(await box.act('bundleRolledBack')).toMatchObject({ policyVersion: 43, toVersion: 42, by: '' });
  });

  test('that loses a function on purpose does not', { tags: ['deep'] }, async () => {
    box.startEngine();
    box.startInspector();
    box.startInspector();
    await box.status();
    await box.apply(sealed({ version: 42, flows: essential() }));
    await box.status(isReady);
    const polling = poll(await connected());
    await eventually(async () => polling.answers() > EnoughToCompare || undefined);
    const revoked = box.policy.profiles.map((profile) => ({
      ...profile,
      permissions: profile.permissions.map((one) => ({
        ...one,
        functions: one.functions.filter((code) => code !== 3),
      })),
    }));
    const kept = revoked.map((profile) => ({
      ...profile,
      permissions: profile.permissions.filter(({ functions }) => functions.length > 0),
    }));
    await box.apply(sealed({ version: 43, flows: essential(), profiles: kept }), 10 * Minute);
    const before = polling.answers();
    await eventually(async () => (polling.answers() > before + 100 ? true : undefined));
    const refused = await eventually(
      async () =>
        (await box.records()).filter((one) => one.kind === 'refusal' && one.reason === 'fc-not-allowed')
          .length > 2 || undefined,
    );
    expect(refused).toBe(true);
    expect((await box.status()).policyVersion).toBe(43);
    polling.stop();
  });
});

/** Reads one register again and again, one request after the other's answer, some 50 a second. */
function poll(client: Client): { readonly answers: () => number; readonly stop: () => void } {
  let answers = 0;
  client.socket.on('data', () => {
    answers += 1;
  });
  const timer = setInterval(() => client.socket.write(readRegisters(1 + (answers % 60_000), 140, 1)), 20);
  return { answers: () => answers, stop: () => clearInterval(timer) };
}

function essential(): Policy['flows'] {
  return box.policy.flows.map((flow) => (flow.id === 'C-05/F-02' ? { ...flow, essential: true } : flow));
}

/** What the hmi is let in by bears another name, so that connections let in by the old one are cut. */
function renamed(): Partial<Policy> {
  const rename = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll('C-05/F-02', 'C-05/F-77')) as T;
  return { flows: rename(box.policy.flows), modes: rename(box.policy.modes) };
}

function isOpen(client: Client): boolean {
  return client.socket.readyState === 'open';
}
