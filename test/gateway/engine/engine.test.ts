import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import type { Policy } from '../../../rules/policy.ts';
import {
  type Client,
  createLoopback,
  type Loopback,
  readRegisters,
  writeRegister,
} from '../inspector/loopback.ts';
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

/** Engine, an inspector and the spare, with version 42 in force. */
async function running(): Promise<void> {
  box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
  expect(await box.apply(box.sealed({ version: 42 }))).toMatchObject({ ok: true });
  await box.status(isReady);
}

async function connected(port: number): Promise<Client> {
  return eventually(async () => {
    const client = await loopback.connect(port);
    return client.socket.readyState === 'open' ? client : undefined;
  });
}

/** One request and its answer, the `count`th of this client; answers of a read of one register have 11 bytes. */
async function reads(client: Client, count: number): Promise<void> {
  client.socket.write(readRegisters(count, 140, 1));
  await client.read(count * 11);
}

describe('a gateway', () => {
  test('carries what is permitted, refuses the rest, and puts both on record', async () => {
    await running();
    const hmi = await connected(box.ports.hmi);
    await reads(hmi, 1);
    hmi.socket.write(writeRegister(2, 100, 350));
    expect((await hmi.read(11 + 9)).subarray(-2)).toEqual(Buffer.from([0x86, 1]));
    hmi.socket.end();
    const connection = await eventually(async () =>
      (await box.records()).find((one) => one.kind === 'connection'),
    );
    expect(connection).toMatchObject({
      client: { asset: 'hmi-1', zone: 'supervisory' },
      server: { asset: 'plc-dosing', zone: 'process' },
      requests: 2,
      responses: 1,
      refused: 1,
      reason: 'client-closed',
      policyVersion: 42,
    });
  });

  test('takes a newer bundle under an open connection and says what it replaced', async () => {
    await running();
    const client = await connected(box.ports.hmi);
    await reads(client, 1);
    const before = await box.status();
    const answer = await box.apply(box.sealed({ version: 43 }));
    expect(answer).toMatchObject({
      body: { version: 43, formerVersion: 42, formerDigest: before.policyDigest },
    });
    await reads(client, 2);
  });

  test('knows a server that did not answer from one that did', async () => {
    await running();
    const client = await connected(box.ports.scada);
    await box.plc.close();
    client.socket.write(writeRegister(1, 100, 350));
    await client.ended;
    const connection = await eventually(async () =>
      (await box.records()).find((one) => one.kind === 'connection'),
    );
    expect(connection).toMatchObject({ responses: 0 });
  });
});

describe('a bundle over the control socket', () => {
  const rejections: readonly [string, string, (box: Box) => Uint8Array][] = [
    ['BUNDLE_MALFORMED', 'noise', () => Buffer.from('no bundle at all')],
    ['BUNDLE_SIGNATURE', 'one changed after signing', (one) => damaged(one.sealed({ version: 43 }))],
    ['BUNDLE_SITE', 'one of another site', (one) => one.sealed({ version: 43, site: 'elsewhere' })],
    ['BUNDLE_GATEWAY', 'one of another gateway', (one) => one.sealed({ version: 43, gateway: 'cgw-9' })],
    [
      'BUNDLE_FORMAT',
      'one of another form',
      (one) => one.sealed({ version: 43, format: 99 } as Partial<Policy>),
    ],
    ['BUNDLE_VERSION', 'an older one', (one) => one.sealed({ version: 41 })],
    ['BUNDLE_VERSION', 'the same version, changed', (one) => one.sealed({ version: 42, compiler: 'other' })],
    ['BUNDLE_NOT_YET', 'one that begins later', (one) => one.sealed({ version: 43, ...Later })],
    ['BUNDLE_EXPIRED', 'one that has ended', (one) => one.sealed({ version: 43, ...Ended })],
    [
      'BUNDLE_NEWER_GATEWAY',
      'one for a newer gateway',
      (one) => one.sealed({ version: 43, minGateway: '99.0.0' }),
    ],
    [
      'PST_ERR_CONFIG',
      'one without a flow for a listener',
      (one) => one.sealed({ version: 43, flows: elsewhere(one) }),
    ],
  ];

  test('that may not come into force leaves the running policy, says why, and is on record', async () => {
    await running();
    const before = await box.status();
    for (const [code, what, make] of rejections) {
      const answer = await box.apply(make(box));
      expect(answer, what).toMatchObject({ ok: false, code, remedy: expect.stringMatching(/\w/) });
      const after = await box.status();
      expect(after.policyDigest, what).toBe(before.policyDigest);
      expect(after.lastRejection?.code, what).toBe(code);
    }
    const client = await connected(box.ports.hmi);
    await reads(client, 1);
    await eventually(async () => {
      const refused = (await box.records()).filter(
        (one) => one.kind === 'act' && one.act.kind === 'bundleRefused',
      );
      return refused.length === rejections.length ? refused : undefined;
    });
  });

  test('is refused when it cannot be kept', { tags: ['deep'] }, async () => {
    writeFileSync(join(box.config.state, 'bundles'), 'a file where the directory should be');
    box.startEngine();
    await box.status();
    expect(await box.apply(box.sealed())).toMatchObject({ ok: false, code: 'PST_ERR_STATE_DIR' });
    expect((await box.status()).policyVersion).toBe(0);
  });
});

describe('a killed inspector', () => {
  test('ends its connections on record, and the spare takes its place', async () => {
    await running();
    const client = await connected(box.ports.hmi);
    await reads(client, 1);
    const { inspectors } = await box.status();
    const victim = inspectors.find(({ spare }) => !spare)!;
    process.kill(victim.pid, 'SIGKILL');
    await client.ended;
    // The listener of the dead process may still take a connection while the kernel closes its descriptors.
    await eventually(async () => {
      const again = await connected(box.ports.hmi);
      return reads(again, 1).then(
        () => again,
        () => undefined,
      );
    });
    expect(await box.act('processDied')).toMatchObject({ process: 'inspector', pid: victim.pid });
    const lost = await eventually(async () =>
      (await box.records()).find((one) => one.kind === 'connection' && one.reason === 'inspector-lost'),
    );
    expect(lost).toMatchObject({ client: { asset: 'hmi-1' }, policyVersion: 42 });
    const after = await box.status();
    expect(after.inspectors.map(({ pid }) => pid)).not.toContain(victim.pid);
    expect(after.alarms.map(({ code }) => code)).toContain('NO_SPARE');
  });

  test('is told from one that was asked to end', { tags: ['deep'] }, async () => {
    await running();
    const { inspectors } = await box.status();
    process.kill(inspectors.find(({ spare }) => spare)!.pid, 'SIGTERM');
    await box.status((status) => status.inspectors.length === 1);
    process.kill(inspectors.find(({ spare }) => !spare)!.pid, 'SIGKILL');
    await box.act('processDied');
    const died = (await box.records()).filter((one) => one.kind === 'act' && one.act.kind === 'processDied');
    expect(died).toHaveLength(1);
  });
});

describe('a killed engine', () => {
  test('ends no connection; the next one finds it, and its end is on record with its names', async () => {
    const first = box.startEngine();
    box.startInspector();
    box.startInspector();
    await box.status();
    await box.apply(box.sealed({ version: 42 }));
    const before = await box.status(isReady);
    const client = await connected(box.ports.hmi);
    await reads(client, 1);
    const [open] = await eventually(box.connections, (all) => all.length === 1);
    first.process.kill('SIGKILL');
    await first.ended;
    await reads(client, 2);
    const second = box.startEngine();
    const after = await box.status(isReady);
    expect(after.policyDigest).toBe(before.policyDigest);
    expect(carrying(after)).toEqual(carrying(before));
    const [known] = await eventually(box.connections, (all) => all.length === 1);
    expect(known?.id).toBe(open?.id);
    await reads(client, 3);
    client.socket.end();
    const record = await eventually(async () =>
      (await box.records()).find((one) => one.kind === 'connection' && one.id === open?.id),
    );
    expect(record).toMatchObject({ requests: 3, responses: 3, client: { zone: 'supervisory' } });
    // Nobody was told to take what a living process holds, so nothing failed.
    expect(second.log()).not.toContain('cannot listen');
  });

  test('asked to end, it writes that it did, and leaves the inspectors to their work', async () => {
    const engine = box.startEngine();
    box.startInspector();
    await box.status();
    await box.apply(box.sealed({ version: 42 }));
    await box.status((status) => status.inspectors.some(({ shards }) => shards.length > 0));
    const client = await connected(box.ports.hmi);
    engine.process.kill('SIGTERM');
    expect(await engine.ended).toBe(0);
    expect(await box.act('stopped')).toEqual({ kind: 'stopped', why: 'asked to' });
    await reads(client, 1);
  });

  test('supervised, it ends with its supervisor and not by Ctrl-C', async () => {
    const engine = box.startEngine('--supervised');
    await box.status();
    engine.process.kill('SIGINT');
    engine.process.kill('SIGHUP');
    expect((await box.status()).policyVersion).toBe(0);
    engine.process.stdin?.end();
    expect(await engine.ended).toBe(0);
  });
});

describe('after a restart', () => {
  test.for<[string, Partial<Policy>, string]>([
    ['that has ended', Ended, 'BUNDLE_EXPIRED'],
    ['that has yet to begin', Later, 'BUNDLE_NOT_YET'],
  ])('a confirmed bundle %s is enforced all the same, with an alarm', async ([, change, code]) => {
    box.confirm(box.sealed({ version: 42, ...change }));
    box.startEngine();
    box.startInspector();
    const status = await box.status(({ inspectors }) => inspectors.some(({ shards }) => shards.length > 0));
    expect(status.policyVersion).toBe(42);
    expect(status.alarms.map((alarm) => alarm.code)).toContain(code);
    await reads(await connected(box.ports.hmi), 1);
  });

  test.for<[string, string, (one: Box) => void]>([
    ['is damaged', 'BUNDLE_SIGNATURE', (one) => one.confirm(damaged(one.sealed()))],
    ['is noise', 'BUNDLE_MALFORMED', (one) => one.confirm(Buffer.from('noise'))],
    [
      'has lost its key',
      'BUNDLE_KEY',
      (one) => {
        one.confirm(one.sealed());
        one.configure({ trusted_keys: [makeKeyPair(join(one.config.state, 'other')).public] });
      },
    ],
    [
      'cannot be read',
      'PST_ERR_STATE_DIR',
      (one) => mkdirSync(join(one.config.state, 'bundles', 'confirmed.bundle'), { recursive: true }),
    ],
  ])('a confirmed bundle that %s opens nothing, and the engine says so', async ([, code, prepare]) => {
    prepare(box);
    box.startEngine();
    box.startInspector();
    const status = await box.status(({ inspectors }) => inspectors.length === 1);
    expect(status).toMatchObject({ policyVersion: 0, lastRejection: { code } });
    expect(status.inspectors[0]).toMatchObject({ shards: [], spare: true });
    expect(status.alarms.map((alarm) => alarm.code)).toContain('NO_POLICY');
  });

  test('a confirmed bundle no listener fits any more is still the anti-rollback mark', async () => {
    box.confirm(box.sealed({ version: 42, flows: elsewhere(box) }));
    box.startEngine();
    expect(await box.status()).toMatchObject({ policyVersion: 0, lastRejection: { code: 'PST_ERR_CONFIG' } });
    expect(await box.apply(box.sealed({ version: 41 }))).toMatchObject({ code: 'BUNDLE_VERSION' });
    expect(await box.apply(box.sealed({ version: 43 }))).toMatchObject({ body: { version: 43 } });
  });
});

describe('the configured bundle', () => {
  test.for<[string, number, number]>([
    ['newer than the confirmed one is taken up', 43, 43],
    ['older than the confirmed one changes nothing', 41, 42],
  ])('%s', async ([, configured, expected]) => {
    box.confirm(box.sealed({ version: 42 }));
    configureBundle(box.sealed({ version: configured }));
    box.startEngine();
    const status = await box.status();
    expect(status.policyVersion).toBe(expected);
    expect(status.lastRejection).toBeUndefined();
  });

  test('of the same version with other content is refused and told', async () => {
    box.confirm(box.sealed({ version: 42 }));
    configureBundle(box.sealed({ version: 42, compiler: 'other' }));
    box.startEngine();
    expect(await box.status()).toMatchObject({
      policyVersion: 42,
      lastRejection: { code: 'BUNDLE_VERSION' },
    });
  });

  test('that is there on a new box is taken up, and found again after a restart without it', async () => {
    configureBundle(box.sealed({ version: 42 }));
    const engine = box.startEngine();
    expect((await box.status()).policyVersion).toBe(42);
    engine.process.kill('SIGKILL');
    await engine.ended;
    rmSync(join(box.config.state, 'configured.bundle'));
    box.startEngine();
    expect((await box.status()).policyVersion).toBe(42);
  });

  test('that cannot be read does not keep the confirmed one from coming back', async () => {
    box.confirm(box.sealed({ version: 42 }));
    box.configure({ bundle: box.config.state });
    box.startEngine();
    const status = await box.status();
    expect(status).toMatchObject({ policyVersion: 42, lastRejection: { code: 'PST_ERR_BUNDLE_READ' } });
  });
});

describe('an engine that cannot start', () => {
  test('beside another one says which directory is taken and ends with 3', async () => {
    box.startEngine();
    await box.status();
    const second = box.startEngine();
    expect(await second.ended).toBe(3);
    expect(second.log()).toContain('PST_ERR_EVIDENCE');
    expect(second.log()).not.toMatch(/\n\s+at /);
  });

  test('for a key that is not there names it, with a remedy, and ends with 3', async () => {
    box.configure({ trusted_keys: ['nowhere.pem'] });
    const engine = box.startEngine();
    expect(await engine.ended).toBe(3);
    expect(JSON.parse(engine.log())).toMatchObject({
      code: 'PST_ERR_KEY_READ',
      msg: expect.stringContaining('nowhere.pem'),
      remedy: expect.stringContaining('trusted_keys'),
    });
  });

  test('for an option it does not know says so and ends with 2', async () => {
    const engine = box.startEngine('--bogus');
    expect(await engine.ended).toBe(2);
    expect(JSON.parse(engine.log())).toMatchObject({ msg: expect.stringContaining('--bogus') });
  });
});

function configureBundle(envelope: Uint8Array): void {
  const bundle = join(box.config.state, 'configured.bundle');
  writeFileSync(bundle, envelope);
  box.configure({ bundle });
}

function carrying({ inspectors }: Awaited<ReturnType<Box['status']>>): readonly number[] {
  return inspectors.filter(({ shards }) => shards.length > 0).map(({ pid }) => pid);
}

/** hmi-1 may speak to another port only, which no listener of the box stands for. */
function elsewhere({ policy }: Box): Policy['flows'] {
  const ports = [{ first: 503, last: 503 }];
  return policy.flows.map((flow) => (flow.id === 'C-05/F-02' ? { ...flow, ports } : flow));
}

function damaged(envelope: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(envelope);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}

const Later = { notBefore: Date.parse('2090-01-01'), notAfter: Date.parse('2091-01-01') } as const;
const Ended = { notBefore: 1, notAfter: 2 } as const;
