import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Outcome, Running } from '../../../plant/namespaces/exec.ts';
import { startIn } from '../../../plant/namespaces/exec.ts';
import { makeSite, type Site } from '../../../plant/namespaces/site.ts';
import { createPlantNetwork, type PlantNetwork, scratchFolder } from '../../../plant/namespaces/topology.ts';
import { BenchGateway, benchModel } from '../../bench.ts';
import { eventually } from '../../eventually.ts';
import { bootContainer, type Container } from './container.ts';
import { buildReleases, type Releases } from './releases.ts';

/** A box between the zones of the bench model, installed from a release under systemd. */
export interface InstalledBox {
  readonly site: Site;
  readonly network: PlantNetwork;
  readonly container: Container;
  readonly releases: Releases;
  readonly at: (asset: string, ...command: readonly string[]) => Running;
  /** `penstock update`, to its end. */
  readonly update: (...args: readonly string[]) => Promise<Outcome>;
  /** The same, going on; it says `pid N` first, of the container's own. */
  readonly startUpdate: (...args: readonly string[]) => Running;
  /** Puts an archive with its signature onto the box; gives its path there. */
  readonly bring: (archive: string) => string;
  /** The version that runs, by its link. */
  readonly current: () => string;
  /** Waits until the gateway enforces without an alarm. */
  readonly enforcing: () => Promise<void>;
  readonly acts: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Builds, boots, installs, and waits until it enforces. */
export async function installBox(): Promise<InstalledBox> {
  const folder = scratchFolder();
  const site = await makeSite(join(folder, 'site'), benchModel(), BenchGateway);
  const network = await createPlantNetwork(site.policy, folder);
  try {
    const releases = buildReleases(join(folder, 'releases'));
    const container = await bootContainer(join(folder, 'box'), network.gateway);
    const box = boxOf(site, network, releases, container);
    configure(join(container.root, 'etc/penstock'), site);
    const unpacked = join(container.root, 'root/unpacked');
    mkdirSync(unpacked);
    execFileSync('tar', ['-xzf', releases.archive, '-C', unpacked, '--strip-components=1']);
    const { status, stdout, stderr } = await container.inside('/root/unpacked/install.sh');
    if (status !== 0) throw new Error(`install.sh: ${stdout}${stderr}`);
    await box.enforcing();
    return box;
  } catch (error) {
    await network.destroy();
    throw error;
  }
}

function boxOf(site: Site, network: PlantNetwork, releases: Releases, container: Container): InstalledBox {
  const named = ['update', '--by', 'anna', '--within', '60s'];
  return {
    site,
    network,
    container,
    releases,
    at: (asset, ...command) => startIn(network.of(asset), command),
    update: (...args) => container.inside('penstock', ...named, ...args),
    startUpdate: (...args) =>
      container.startInside('sh', '-c', 'echo pid $$; exec penstock "$@"', 'sh', ...named, ...args),
    bring: (archive) => {
      for (const file of [archive, `${archive}.dsse`]) {
        copyFileSync(file, join(container.root, 'root', basename(file)));
      }
      return join('/root', basename(archive));
    },
    current: () => readlinkSync(join(container.root, 'opt/penstock/current')).replace('releases/', ''),
    enforcing: () =>
      eventually('a gateway that enforces without an alarm', async () => {
        const { status } = await container.inside('penstock', 'status');
        return status === 0 ? true : undefined;
      }).then(() => undefined),
    acts: async () =>
      (await container.inside('penstock', 'evidence', 'show', '/var/lib/penstock/evidence')).stdout,
    close: () => network.destroy(),
  };
}

function configure(etc: string, site: Site): void {
  mkdirSync(join(etc, 'keys'), { recursive: true });
  copyFileSync(site.publicKey, join(etc, 'keys/policy.pub.pem'));
  copyFileSync(site.bundle, join(etc, 'plant.bundle'));
  const lines = [
    'back_end: kernel',
    `site: ${site.policy.site}`,
    `gateway: ${site.gateway}`,
    'trusted_keys: [keys/policy.pub.pem]',
    'bundle: plant.bundle',
    'state: /var/lib/penstock',
    'run: /run/penstock',
    'page: {listen: "127.0.0.1:8080"}',
    'metrics: {listen: "127.0.0.1:9464"}',
    'users: {engine: penstock-engine, inspector: penstock-inspector, front: penstock-front}',
  ];
  writeFileSync(join(etc, 'gateway.yaml'), `${lines.join('\n')}\n`);
}
