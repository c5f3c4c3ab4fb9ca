import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportRecording } from '../../../gateway/recording/export-recording.ts';
import { readRecordingKey } from '../../../gateway/recording/recording-key.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { mustRunIn } from '../../plant/namespaces/exec.ts';
import { compileBundle, penstock } from '../../plant/namespaces/site.ts';
import { BenchGateway, benchModel, client } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import { makeAskPass } from './askpass.ts';
import type { Person } from './people.ts';
import { freshCode, lastAnswer, openTunnel, poll } from './tunnels.ts';
import { Box, Intake, openVendorBench, type VendorBench, type Wish } from './vendor-bench.ts';

/**
 * What went wrong in other brokers, one test each, by the numbers of their issues. Most of it is about connections on
 * which nothing happens: what is only looked at when bytes pass, or when somebody connects, is not looked at in time.
 */
let world: VendorBench;
let revocable: Person;
beforeAll(async () => {
  world = await openVendorBench();
  revocable = await world.people.add('service-2@pumpco.example', ['vendor'], { vendor: 'pumpco' });
});
afterAll(() => world?.close());

let lastPort = 1600;

/** A grant with one connection to the controller that says nothing, and was answered once. */
async function idleConnection(wish: Partial<Wish> = {}) {
  lastPort += 1;
  const grant = await world.open(wish);
  const who =
    typeof wish.person === 'object' ? wish.person : wish.person === 'quick' ? world.quick : world.vendor;
  const { file } = await world.credentials(grant, who);
  const tunnel = await openTunnel(world, 'penstock', grant, { file, port: lastPort });
  const peer = world.atVendor(process.execPath, client('peer.ts'), 'tcp', '127.0.0.1', String(lastPort));
  await peer.says(/connected/);
  peer.tell('000100000006010300000001');
  await peer.says(/got 0001/);
  return { grant, tunnel, peer, file, port: lastPort };
}

/** The vendor's end of it is cut, and nothing was asked of it for that. */
async function isCut(peer: Running): Promise<void> {
  await peer.says(/ended|failed/);
}

describe('an idle connection is cut', () => {
  test('when what the grant rests on is lost: OpenZiti #3908', async () => {
    const { peer, tunnel, grant } = await idleConnection();
    await penstock(
      'mode',
      'island',
      '--reason',
      'a drill',
      '--by',
      'tess',
      '--config',
      world.bench.gateway.config,
    );
    await isCut(peer);
    expect(await world.closed(grant.id)).toBe('mode-cut');
    await penstock(
      'mode',
      'normal',
      '--reason',
      'over',
      '--by',
      'tess',
      '--config',
      world.bench.gateway.config,
    );
    await tunnel.stop();
  });

  test('when it is revoked, long before its certificate ends, which is good for nothing then: OpenZiti #3927', async () => {
    const { peer, tunnel, grant, file, port } = await idleConnection({ length: 3_600_000 });
    const other = await world.open({ person: revocable });
    await world.people.call('grant-end', { grant: grant.id, why: 'revoked' }, world.operator);
    await isCut(peer);
    await tunnel.stop();
    // The listener is there for the other one; the certificate has most of an hour left.
    const again = await openTunnel(world, 'penstock', grant, { file, port });
    const late = world.atVendor(process.execPath, client('peer.ts'), 'tcp', '127.0.0.1', String(port));
    late.tell('000100000006010300000001');
    await isCut(late);
    expect(late.output()).not.toContain('got');
    await again.stop();
    await world.people.call('grant-end', { grant: other.id, why: '' }, world.operator);
  });

  test('when its end comes: OpenZiti #4322', { tags: ['deep'] }, async () => {
    const { peer, tunnel, grant } = await idleConnection({ length: 60_000 });
    const { endsAt } = await world.grant(grant.id);
    await peer.says(/ended|failed/, 90_000);
    expect(Math.abs(Date.now() - endsAt)).toBeLessThan(3_000);
    expect(await world.closed(grant.id)).toBe('grant-ended');
    await tunnel.stop();
  });

  test('when the second factor of its person is taken away: OpenZiti #3987', async () => {
    const { peer, tunnel, grant } = await idleConnection({ person: revocable });
    const asks = { name: revocable.name, why: 'the key was lost' };
    await world.people.call('account-reset', asks, world.admin);
    await world.people.atConsole('account-reset', asks);
    await isCut(peer);
    expect(await world.closed(grant.id)).toBe('factor-lost');
    await tunnel.stop();
  });
});

describe('nothing is let in early', () => {
  test.skipIf(lacks('ssh'))(
    'a forward before the approval is refused, not queued: Warpgate GHSA-xm63-rjwf-r3g8',
    async () => {
      // A listener is there, because of another session.
      const other = await world.open({ carrier: 'ssh', person: 'quick' });
      const asks = { vendor: 'pumpco', targets: [Intake], carrier: 'ssh', length: 600_000 } as const;
      const { id } = await world.people.call(
        'grant-request',
        { ...asks, targets: [Intake], reason: 'early', ticket: '' },
        world.vendor,
      );
      const askPass = makeAskPass();
      askPass.type(world.vendor.password, await freshCode(world.vendor));
      const early = world.atVendor(
        ...[...askPass.env, 'ssh', '-N', '-p', '2222', '-l', world.vendor.name],
        ...['-L', '127.0.0.1:1699:plc-intake:44818', '-o', 'StrictHostKeyChecking=no'],
        ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'NumberOfPasswordPrompts=1', Box],
      );
      await early.says(/nothing is granted to you over SSH now/);
      expect((await early.ended).status).not.toBe(0);
      await world.people.approve(world.lead, id);
      await world.people.approve(world.engineer, id);
      const open = await eventually('it is open', async () => {
        const now = await world.grant(id);
        return now.state === 'open' ? now : undefined;
      });
      expect(open.channels).toEqual([]);
      askPass.remove();
      for (const grant of [id, other.id]) {
        await world.people.call('grant-end', { grant, why: '' }, world.operator);
      }
    },
  );
});

describe('nothing passes unrecorded', () => {
  test.skipIf(lacks('ssh'))('every byte of ssh -L is in the recording: Warpgate #950', async () => {
    const device = world.bench.at(
      'plc-intake',
      process.execPath,
      client('peer.ts'),
      ...['tcp-listen', world.bench.network.address('plc-intake'), '44818'],
    );
    await device.says(/listening/);
    const grant = await world.open({ carrier: 'ssh', targets: [Intake] });
    const tunnel = await openTunnel(world, 'ssh', grant, { port: 1698 });
    const peer = world.atVendor(process.execPath, client('peer.ts'), 'tcp', '127.0.0.1', '1698');
    const said = randomBytes(2_000);
    peer.tell(said.toString('hex'));
    await eventually('the echo', () => (echoed(peer.output()).equals(said) ? true : undefined));
    await world.people.call('grant-end', { grant: grant.id, why: '' }, world.operator);
    await world.closed(grant.id);
    await tunnel.stop();
    await device.stop();

    const recordings = join(world.bench.site.folder, 'state', 'recordings');
    const capture = Buffer.concat([
      ...exportRecording(recordings, grant.id, readRecordingKey(join(recordings, 'key'))),
    ]);
    // Once from the vendor and once from the device, byte for byte.
    const marks = [said.subarray(0, 16), said.subarray(-16)];
    for (const mark of marks) expect(occurrences(capture, mark)).toBe(2);
  });

  function echoed(output: string): Buffer {
    return Buffer.from([...output.matchAll(/got ([0-9a-f]+)/g)].map(([, hex]) => hex).join(''), 'hex');
  }

  function occurrences(hay: Buffer, needle: Uint8Array): number {
    let count = 0;
    for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) count += 1;
    return count;
  }
});

describe('what is in use is left alone', () => {
  test('a tool that polls now and then keeps its session, and one that does not loses it; nobody else is in reach: Boundary #6398, #1724', {
    tags: ['deep'],
  }, async () => {
    // Twenty seconds without a byte are the limit; one of them asks every five.
    const used = await idleConnection({ person: 'quick' });
    const unused = await idleConnection({ person: 'quick' });
    const polling = setInterval(() => used.peer.tell('000200000006010300000001'), 5_000);
    // A box alone decides alone: the operators' network goes away meanwhile.
    await mustRunIn(world.bench.network.gateway, 'ip', 'link', 'set', 'sup0', 'down');
    await unused.peer.says(/ended|failed/, 60_000);
    expect(await world.closed(unused.grant.id)).toBe('grant-idle');
    const asked = used.peer.output().length;
    await eventually('two more answers', () =>
      used.peer.output().slice(asked).match(/got/g)?.length === 2 ? true : undefined,
    );
    expect((await world.grant(used.grant.id)).state).toBe('open');
    clearInterval(polling);
    await mustRunIn(world.bench.network.gateway, 'ip', 'link', 'set', 'sup0', 'up');
    await world.people.call('grant-end', { grant: used.grant.id, why: '' }, world.operator);
    for (const one of [used, unused]) await one.tunnel.stop();
  });
});

describe('an idle connection does not wait for a restart', () => {
  test('when the policy that permits it goes: OpenZiti #4330', async () => {
    const { peer, tunnel, grant } = await idleConnection();
    const folder = world.bench.site.folder;
    const [model, bundle] = [join(folder, 'next.zones.yaml'), join(folder, 'next.bundle')];
    const text = readFileSync(benchModel('vendor/vendor.zones.yaml'), 'utf8');
    const without = text
      .replace(/^ {2}pumpco:\n(?: {4}.*\n)+/m, '')
      .replace('policy_version: 10', 'policy_version: 11');
    writeFileSync(model, without);
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
    await isCut(peer);
    expect(await world.closed(grant.id)).toBe('policy-changed');
    await tunnel.stop();
  });
});

describe('when the gateway dies under a session', () => {
  test('nothing of it is left open, and the record says so', async () => {
    const { grant, port } = await idleConnection({ person: 'quick' });
    const poller = poll(world, port);
    await poller.says(/ok /);
    const [engine = 0] = await world.bench.gateway.pids('engine');
    const killed = Date.now();
    process.kill(engine, 'SIGKILL');
    await poller.says(/lost /);
    expect(await world.closed(grant.id)).toBe('box-restarted');
    expect(lastAnswer(poller) - killed).toBeLessThan(3_000);
    await poller.stop();
  });
});
