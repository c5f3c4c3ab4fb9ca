/** @module-tag deep: every cause; failures-of-others.test.ts shows that what ends a grant cuts it, gateway/broker each cause. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GrantBody } from '../../../gateway/ipc/grant-body.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { compileBundle, penstock } from '../../plant/namespaces/site.ts';
import { BenchGateway, benchModel, client } from '../bench.ts';
import { eventually } from '../eventually.ts';
import type { Person } from './people.ts';
import { lastAnswer, openTunnel, poll, type Tunnel } from './tunnels.ts';
import {
  fillDisk,
  firstUnrecorded,
  isRecorded,
  openVendorBench,
  type VendorBench,
  type Wish,
} from './vendor-bench.ts';

/**
 * Everything that ends a grant, each once, on one gateway with the kernel back end: a vendor's tool that asks all the
 * time is answered no more, and is answered by nobody when it comes again. The plant's own traffic goes on throughout.
 */
let world: VendorBench;
let scada: Running;
let revocable: Person;
let secondEngineer: Person;
let short: Session;
beforeAll(async () => {
  world = await openVendorBench({ smallDisk: true });
  const { bench, people } = world;
  revocable = await people.add('service-2@pumpco.example', ['vendor'], { vendor: 'pumpco' });
  secondEngineer = await people.add('emil', ['approver'], { duties: ['ot-engineer'] });
  scada = bench.at(
    'scada-1',
    process.execPath,
    client('poller.ts'),
    bench.network.address('plc-dosing'),
    '502',
    '20000',
  );
  await scada.says(/ok /);
  short = await begin({ length: 60_000 });
  sessions.length = 0; // it stays until its own test
});
afterAll(async () => {
  await Promise.all([scada?.stop(), short?.poller.stop(), short?.tunnel.stop()]);
  await world?.close();
});

/** Bound of the standard plus what a busy machine may take; milliseconds. */
const LastByteBound = 3_000;

/** A session in use. */
interface Session {
  readonly grant: GrantBody;
  readonly tunnel: Tunnel;
  readonly poller: Running;
}

const sessions: Session[] = [];
let lastPort = 1500;

async function begin(wish: Partial<Wish> = {}): Promise<Session> {
  lastPort += 1;
  const port = lastPort;
  const grant = await world.open(wish);
  const who =
    typeof wish.person === 'object' ? wish.person : wish.person === 'quick' ? world.quick : world.vendor;
  const { file } = await world.credentials(grant, who);
  const tunnel = await openTunnel(world, 'penstock', grant, { file, port });
  const poller = poll(world, port);
  await poller.says(/ok /);
  const session = { grant, tunnel, poller };
  sessions.push(session);
  return session;
}

afterEach(async () => {
  for (const { poller, tunnel } of sessions.splice(0)) await Promise.all([poller.stop(), tunnel.stop()]);
});

/** What is to hold after every end. */
async function endedBy({ grant, poller }: Session, cause: string, ordered: number): Promise<void> {
  expect(await world.closed(grant.id)).toBe(cause);
  const from = poller.output().length;
  await eventually('the loss is noticed', () =>
    /lost /.test(poller.output().slice(from)) ? true : undefined,
  );
  const last = lastAnswer(poller);
  expect(last - ordered).toBeLessThan(LastByteBound);
  // It goes on trying, and is answered by nobody.
  const tries = (): number => poller.output().match(/lost /g)?.length ?? 0;
  const before = tries();
  await eventually('more tries', () => (tries() >= before + 3 ? true : undefined));
  expect(lastAnswer(poller)).toBe(last);
}

/** The plant never noticed. */
function plantGoesOn(): void {
  expect(scada.output()).not.toMatch(/lost /);
  expect(Date.now() - lastAnswer(scada)).toBeLessThan(LastByteBound);
}

describe('a grant ends', () => {
  test('by an operator who ends all: grant-stopped', async () => {
    const session = await begin();
    const ordered = Date.now();
    await world.people.call('grant-end', { grant: session.grant.id, why: 'enough' }, world.operator);
    await endedBy(session, 'grant-stopped', ordered);
    plantGoesOn();
  });

  test('by its own person: vendor-ended', async () => {
    const session = await begin();
    const ordered = Date.now();
    await world.people.call('grant-end', { grant: session.grant.id, why: 'done' }, world.vendor);
    await endedBy(session, 'vendor-ended', ordered);
    plantGoesOn();
  });

  test('with the account of its person: account-revoked', async () => {
    const session = await begin({ person: revocable });
    const ordered = Date.now();
    await world.people.atConsole('account-set', { name: revocable.name, disabled: true });
    await endedBy(session, 'account-revoked', ordered);
    plantGoesOn();
  });

  test('at its end, to the second, while it is in use: grant-ended', async () => {
    const { endsAt } = await world.grant(short.grant.id);
    expect(await world.closed(short.grant.id)).toBe('grant-ended');
    expect(lastAnswer(short.poller)).toBeGreaterThan(endsAt - LastByteBound);
    await endedBy(short, 'grant-ended', endsAt);
    sessions.push(short);
    plantGoesOn();
  });

  test('when the disk is full and nothing can be put on record: evidence-lost', async () => {
    // Of this one no byte is recorded: what fails is the log alone.
    const session = await begin({ person: 'quick' });
    await fillDisk(world, true);
    try {
      await endedBy(session, 'evidence-lost', await firstUnrecorded(world));
      expect(await world.people.tries('grant-request', anotherRequest(), world.vendor)).not.toBe('done');
    } finally {
      await fillDisk(world, false);
    }
    plantGoesOn();
    await eventually('records can be written again', async () => (await isRecorded(world)) || undefined);
  });

  test('with the second factor of its person: factor-lost', async () => {
    const session = await begin({ person: 'quick' });
    const ordered = Date.now();
    const asks = { name: world.quick.name, why: 'the key was lost' };
    await world.people.call('account-reset', asks, world.admin);
    await world.people.atConsole('account-reset', asks);
    await endedBy(session, 'factor-lost', ordered);
    plantGoesOn();
  });

  test('with the account of one who approved it: approval-lost', async () => {
    const session = await begin({ second: secondEngineer });
    const ordered = Date.now();
    await world.people.atConsole('account-set', { name: secondEngineer.name, disabled: true });
    await endedBy(session, 'approval-lost', ordered);
    plantGoesOn();
  });

  test('with a mode that does not keep its target: mode-cut', async () => {
    const session = await begin();
    const mode = (...words: readonly string[]) =>
      penstock('mode', ...words, '--by', 'tess', '--config', world.bench.gateway.config);
    try {
      expect((await mode('island', '--reason', 'a drill')).status).toBe(0);
      await endedBy(session, 'mode-cut', Date.now());
    } finally {
      await mode('normal', '--reason', 'over');
    }
    plantGoesOn();
  });

  test('with a policy that says something else of it: policy-changed', async () => {
    const session = await begin();
    const bundle = join(world.bench.site.folder, 'next.bundle');
    const model = join(world.bench.site.folder, 'next.zones.yaml');
    const text = readFileSync(benchModel('vendor/vendor.zones.yaml'), 'utf8');
    writeFileSync(
      model,
      text.replace('policy_version: 10', 'policy_version: 11').replace('max: 500', 'max: 400'),
    );
    await compileBundle({ model, gateway: BenchGateway, privateKey: world.bench.site.privateKey, bundle });
    const said = await penstock(
      'apply',
      bundle,
      '--confirm-now',
      '--by',
      'tess',
      '--config',
      world.bench.gateway.config,
    );
    expect(said.status).toBe(0);
    await endedBy(session, 'policy-changed', Date.now());
    plantGoesOn();
  });

  test('with the front that carries it: carrier-lost', async () => {
    const session = await begin();
    world.people.close(); // the engine takes this test for a front
    const [front = 0] = await world.bench.gateway.pids('front');
    const ordered = Date.now();
    process.kill(front, 'SIGKILL');
    await endedBy(session, 'carrier-lost', ordered);
    plantGoesOn();
  });
});

function anotherRequest() {
  const targets = ['pumpco/plc-dosing.502'];
  return { vendor: 'pumpco', targets, carrier: 'tls', length: 600_000, reason: 'x', ticket: '' } as const;
}
