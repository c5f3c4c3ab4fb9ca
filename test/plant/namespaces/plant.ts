/**
 * `npm run plant`: the example plant in network namespaces with the gateway and its kernel back end between
 * the zones, until Ctrl-C. Needs root. Nothing here is linked to the machine's own network.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controllers } from '../plant.ts';
import { type Running, startIn } from './exec.ts';
import { startGateway } from './gateway.ts';
import { makeSite, writeGatewayConfig } from './site.ts';
import { createPlantNetwork, type PlantNetwork, scratchFolder } from './topology.ts';

const Model = fileURLToPath(new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url));
const Gateway = 'cgw-01';

if (process.getuid?.() === 0) {
  process.exitCode = await runPlant();
} else {
  console.error(
    'npm run plant needs root: it makes network namespaces. Without it, npm start shows the same plant.',
  );
  process.exitCode = 3;
}

async function runPlant(): Promise<number> {
  const folder = scratchFolder();
  let network: PlantNetwork | undefined;
  try {
    const stopped = interrupted();
    const site = await makeSite(folder, Model, Gateway);
    network = await createPlantNetwork(site.policy, folder);
    await startControllers(network);
    const gateway = await startGateway(network.gateway, writeGatewayConfig(site));
    const hmi = startHmi(network);
    console.log(guide(network, folder));
    await Promise.race([stopped, gateway.supervisor.ended]);
    await hmi.stop();
    await gateway.supervisor.stop();
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 3;
  } finally {
    console.log('\nremoving the namespaces');
    await network?.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startControllers(network: PlantNetwork): Promise<void> {
  const program = fileURLToPath(new URL('../plc.ts', import.meta.url));
  for (const [asset, kind] of Object.entries(Controllers)) {
    const command = [process.execPath, program, '--kind', kind, '--address', network.address(asset)];
    await startIn(network.of(asset), command).says(/listening/);
  }
}

function startHmi(network: PlantNetwork): Running {
  const program = fileURLToPath(new URL('../hmi.ts', import.meta.url));
  return startIn(network.of('hmi-1'), [process.execPath, program, '--host', network.address('plc-dosing')]);
}

function guide(network: PlantNetwork, folder: string): string {
  const at = (asset: string) => `ip netns exec ${network.of(asset)}`;
  const poll = (reference: number) =>
    `mbpoll -m tcp -a 1 -0 -1 -t 4 -r ${reference} ${network.address('plc-dosing')}`;
  return `
The plant stands. hmi-1 polls plc-dosing through ${Gateway}; try, as root in another terminal:

  a permitted read       ${at('hmi-1')} ${poll(0)} -c 7
  a permitted write      ${at('scada-1')} ${poll(100)} 510
  a refused write        ${at('hmi-1')} ${poll(100)} 510
  a value out of range   ${at('scada-1')} ${poll(100)} 5000
  no conduit at all      ${at('bi-server')} ping -c 1 -W 1 ${network.address('plc-dosing')}

  what the kernel holds  ip netns exec ${network.gateway} nft list table inet penstock
  status, metrics        ip netns exec ${network.gateway} curl -s http://127.0.0.1:9464/metrics
  another bundle         npx penstock apply BUNDLE --config ${join(folder, 'gateway.yaml')}

Ctrl-C ends everything and removes the namespaces.`;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
