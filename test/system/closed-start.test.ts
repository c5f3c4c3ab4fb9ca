import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mustRunIn, runIn, startIn } from '../plant/namespaces/exec.ts';
import { makeSite, PenstockCommand, penstock, writeGatewayConfig } from '../plant/namespaces/site.ts';
import { createPlantNetwork, scratchFolder } from '../plant/namespaces/topology.ts';
import { BenchGateway, benchModel } from './bench.ts';
import { capture } from './capture.ts';

const BootDrop = fileURLToPath(new URL('../../hardware/os/boot-drop.nft', import.meta.url));

test('an installed box lets nothing pass until it has its first valid bundle, and says so', () =>
  startsClosed(true));

test('a box without the boot-time drop lets nothing pass either', { tags: ['deep'] }, () =>
  startsClosed(false),
);

async function startsClosed(hasBootDrop: boolean): Promise<void> {
  const folder = scratchFolder();
  const site = await makeSite(folder, benchModel(), BenchGateway);
  const network = await createPlantNetwork(site.policy, folder);
  const ping = async () => {
    const command = ['ping', '-c', '2', '-W', '1', network.address('plc-intake')];
    return (await runIn(network.of('eng-ws'), command)).status;
  };
  try {
    const good = join(folder, 'good.bundle');
    copyFileSync(site.bundle, good);
    writeFileSync(site.bundle, 'not a bundle');
    if (hasBootDrop) await mustRunIn(network.gateway, 'nft', '-f', BootDrop);
    // The worst case: something else has switched forwarding on.
    await mustRunIn(network.gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const config = writeGatewayConfig(site);
    const supervisor = startIn(network.gateway, [...PenstockCommand, 'run', '--config', config]);
    await supervisor.says(/BUNDLE_MALFORMED/);
    const said = await penstock('status', '--config', config);
    expect(said.status).toBe(1);
    expect(said.stdout).toMatch(/no policy/i);

    const seen = await capture(network.of('plc-intake'), `src host ${network.address('eng-ws')}`);
    expect(await ping()).not.toBe(0);
    expect(await seen.stop()).toEqual([]);

    expect(await penstock('apply', good, '--confirm-now', '--config', config)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await ping()).toBe(0);
    await supervisor.stop();
  } finally {
    await network.destroy();
  }
}
