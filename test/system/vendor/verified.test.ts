/** @module-tag deep: whole-way.test.ts shows the session, gateway/engine/granted.test.ts that it proves itself. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { penstock } from '../../plant/namespaces/site.ts';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import { mbpoll, openTunnel } from './tunnels.ts';
import { openVendorBench, type VendorBench } from './vendor-bench.ts';

/** What a whole gateway with the kernel back end leaves of a session, verified with its public key alone. */
let world: VendorBench;
let folder = '';
let evidence = '';
beforeAll(async () => {
  world = await openVendorBench();
  folder = world.bench.site.folder;
  evidence = join(folder, 'state', 'evidence');
});
afterAll(() => world?.close());

test.skipIf(lacks('mbpoll'))('a session, its writes and its recording are whole and in order', async () => {
  const grant = await world.open({});
  const tunnel = await openTunnel(world, 'penstock', grant, {});
  expect(await mbpoll(world, 100, 321)).toContain('Written 1 references');
  expect(await mbpoll(world, 100, 900)).toMatch(/Illegal|failed/);
  await world.people.call('grant-end', { grant: grant.id, why: 'done' }, world.vendor);
  expect(await world.closed(grant.id)).toBe('vendor-ended');
  await tunnel.stop();

  const key = join(evidence, 'log.pub');
  const made = await eventually('its evidence', async () => {
    const out = join(folder, 'out');
    const said = await penstock(
      'evidence',
      'export',
      evidence,
      '--grant',
      grant.id,
      '--recording',
      '--out',
      out,
    );
    return said.status === 0 ? join(out, `${grant.id}.evidence`) : undefined;
  });
  const told = await penstock('evidence', 'verify', made, '--key', key, '--json');
  expect({ status: told.status, ...JSON.parse(told.stdout) }).toMatchObject({ status: 0, whole: true });
  expect(JSON.parse(told.stdout).pieces.proved).toBeGreaterThan(0);

  const whole = await penstock(
    'evidence',
    'verify',
    evidence,
    '--key',
    key,
    '--bundle',
    world.bench.site.bundle,
  );
  expect(whole.status, whole.stdout).toBe(0);
  expect(whole.stdout).toContain('1 vendor session.');

  const text = readFileSync(made, 'utf8');
  const at = text.indexOf('"payload": "') + 40;
  const forged = join(folder, 'forged.evidence');
  writeFileSync(forged, `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
  expect((await penstock('evidence', 'verify', forged, '--key', key)).status).toBe(1);
});
