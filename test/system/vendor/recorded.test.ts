/** @module-tag deep: gateway/inspector/vendor shows each; failures-of-others.test.ts that every byte is recorded. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { readConnections } from '../../../gateway/capture/read-connections.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { enforcing } from '../../plant/namespaces/gateway.ts';
import { penstock } from '../../plant/namespaces/site.ts';
import { eventually } from '../eventually.ts';
import { lastAnswer, openTunnel, poll } from './tunnels.ts';
import { Intake, openVendorBench, type VendorBench } from './vendor-bench.ts';

/**
 * A session's bytes through a whole gateway with the kernel back end: what its recording holds, and what becomes of a
 * session when a process of the gateway stops or dies.
 */
let world: VendorBench;
let intake: Running;
beforeAll(async () => {
  world = await openVendorBench();
  const { bench } = world;
  const server = [program('mirror-server.ts'), bench.network.address('plc-intake'), '44818'];
  intake = bench.at('plc-intake', process.execPath, ...server);
  await intake.says(/listening/);
});
afterAll(async () => {
  await intake?.stop();
  await world?.close();
});

/** Bound of the standard plus what a busy machine may take; milliseconds. */
const LastByteBound = 3_000;
/** What was handed over has five seconds to get on the medium. */
const UnrecordedBound = 5_000 + LastByteBound;

describe('a session over a protocol nobody reads', () => {
  test('is recorded byte for byte in both directions, and exported as pcapng', async () => {
    const grant = await world.open({ targets: [Intake] });
    const tunnel = await openTunnel(world, 'penstock', grant, { port: 4818 });
    const size = 3_000_000;
    const client = world.atVendor(
      process.execPath,
      program('mirror-client.ts'),
      '127.0.0.1',
      '4818',
      `${size}`,
    );
    const [, sent] = await client.says(/sent \d+ ([0-9a-f]{64})/);
    await client.says(/mirrored/);
    await intake.says(new RegExp(`got ${size} ${sent}`));
    await world.people.call('grant-end', { grant: grant.id, why: 'done' }, world.vendor);
    expect(await world.closed(grant.id)).toBe('vendor-ended');
    await tunnel.stop();

    const { client: fromClient, server: fromServer } = streams(await recording(grant.id));
    expect(fromClient.length).toBe(size);
    expect(createHash('sha256').update(fromClient).digest('hex')).toBe(sent);
    expect(fromServer.equals(fromClient.map((byte) => byte ^ 0xff))).toBe(true);
    const stored = readFileSync(storedFile(grant.id));
    expect(stored.includes(fromClient.subarray(1000, 1032))).toBe(false);
  });
});

describe('a session ends', () => {
  test('when the engine stands still: nothing more passes than may be unrecorded', async () => {
    const { tunnel, poller } = await polling();
    const [engine = 0] = await world.bench.gateway.pids('engine');
    const stopped = Date.now();
    process.kill(engine, 'SIGSTOP');
    await noted(poller, /lost /);
    const last = lastAnswer(poller);
    process.kill(engine, 'SIGCONT');
    expect(last - stopped).toBeLessThan(UnrecordedBound);
    await poller.stop();
    await tunnel.stop();
  });

  test('with the inspecting process that carries it, and its target is free again', async () => {
    const { grant, tunnel, poller } = await polling();
    const status = await enforcing(world.bench.gateway);
    const carrying = status.inspectors.filter(({ spare }) => !spare);
    for (const { pid } of carrying) process.kill(pid, 'SIGKILL');
    await noted(poller, /lost /);
    await enforcing(world.bench.gateway);
    // The grant is open still: a new connection is a new channel.
    await noted(poller, /ok /);
    expect((await world.grant(grant)).state).toBe('open');
    await world.people.call('grant-end', { grant, why: '' }, world.operator);
    await world.closed(grant);
    await poller.stop();
    await tunnel.stop();
  });

  test('at once when the engine is killed; what was recorded until then is whole and on record', async () => {
    const { grant, tunnel, poller } = await polling();
    // So many that the first of them are on the medium.
    await eventually('many answers', () => (poller.output().split('ok ').length > 200 ? true : undefined));
    const [engine = 0] = await world.bench.gateway.pids('engine');
    const killed = Date.now();
    process.kill(engine, 'SIGKILL');
    await noted(poller, /lost /);
    expect(lastAnswer(poller) - killed).toBeLessThan(LastByteBound);
    await enforcing(world.bench.gateway);
    expect(await world.closed(grant)).toBe('box-restarted');
    const { client } = streams(await recording(grant));
    expect(client.length).toBeGreaterThan(0);
    expect(client.length % 12).toBe(0);
    await poller.stop();
    await tunnel.stop();
  });
});

function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

async function polling(): Promise<{ grant: string; tunnel: { stop: () => Promise<void> }; poller: Running }> {
  const grant = await world.open();
  const tunnel = await openTunnel(world, 'penstock', grant);
  const poller = poll(world);
  await poller.says(/ok /);
  return { grant: grant.id, tunnel, poller };
}

/** Waits for a line that is not there yet. */
async function noted(running: Running, line: RegExp): Promise<void> {
  const from = running.output().length;
  await eventually(String(line), () => (line.test(running.output().slice(from)) ? true : undefined));
}

async function recording(grant: string): Promise<Buffer> {
  const out = join(world.bench.site.folder, `${grant}.pcapng`);
  return eventually('the recording', async () => {
    const config = world.bench.gateway.config;
    const said = await penstock('evidence', 'recording', grant, '--out', out, '--config', config);
    return said.status === 0 ? readFileSync(out) : undefined;
  });
}

function storedFile(grant: string): string {
  const home = join(world.bench.site.folder, 'state', 'recordings', grant);
  return join(home, readdirSync(home).find((name) => name.endsWith('.rec')) ?? '');
}

/** All that went each way, over all channels. */
function streams(pcapng: Buffer): { readonly client: Buffer; readonly server: Buffer } {
  const found: Record<'client' | 'server', Buffer[]> = { client: [], server: [] };
  const flaw = (what: string) => () => {
    throw new Error(what);
  };
  readConnections(bytesInMemory(pcapng), () => false, {
    opened: () => undefined,
    data: (_connection, from, bytes) => void found[from].push(Buffer.from(bytes)),
    lost: flaw('bytes are missing'),
    differs: flaw('bytes differ'),
    stray: flaw('a stray segment'),
    ended: () => undefined,
    datagram: flaw('a datagram'),
    flaw: (text) => flaw(text)(),
  });
  return { client: Buffer.concat(found.client), server: Buffer.concat(found.server) };
}
