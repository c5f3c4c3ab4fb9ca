import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetRule, BoxInterface, Policy } from '../../../rules/policy.ts';
import { startJanitor } from './janitor.ts';

/**
 * A plant of namespaces: one for the gateway, one per asset, and one per wire that holds nothing but a
 * bridge between them. No device of the machine itself takes part, so nothing here can reach its network.
 */
export interface PlantNetwork {
  /** Namespace of the gateway, its legs named as in the policy. */
  readonly gateway: string;
  /** Namespace of an asset; throws for one that is on no wire of this gateway. */
  readonly of: (asset: string) => string;
  /** First address of an asset. */
  readonly address: (asset: string) => string;
  readonly assets: readonly string[];
  /** Namespace of the wire behind a device of the gateway; the gateway's end of it is plugged in there as `gateway`. */
  readonly wire: (device: string) => string;
  /** Folder of this run alone; it goes with the network. */
  readonly folder: string;
  /** Kills everything running in the namespaces and removes them. */
  readonly destroy: () => Promise<void>;
}

/** What of a policy a network is made from. */
export type Layout = Pick<Policy, 'interfaces' | 'assets'>;

/**
 * Needs root. Takes over the folder: it is removed with the network. When a step fails, what was made so
 * far is removed again, the folder too.
 */
export async function createPlantNetwork(
  layout: Layout,
  folder: string = scratchFolder(),
): Promise<PlantNetwork> {
  const prefix = `pst-${process.pid}-${randomBytes(3).toString('hex')}`;
  const gateway = `${prefix}-gateway`;
  const wires = layWires(layout, prefix);
  const homes = new Map(wires.flatMap((wire) => wire.plugs.map((plug) => [plug.asset.name, plug])));
  const namespaces = [
    gateway,
    ...wires.map((wire) => wire.namespace),
    ...[...homes.values()].map((plug) => plug.namespace),
  ];
  const janitor = startJanitor(namespaces, folder);
  try {
    for (const namespace of namespaces) {
      await ip(['netns', 'add', namespace]);
      await ip(['-n', namespace, 'link', 'set', 'lo', 'up']);
    }
    for (const wire of wires) await connect(wire, gateway);
  } catch (error) {
    await janitor.clean();
    throw error;
  }
  const home = (asset: string) => {
    const plug = homes.get(asset);
    if (plug === undefined) throw new Error(`${asset} is on no wire of this gateway`);
    return plug;
  };
  return {
    gateway,
    of: (asset) => home(asset).namespace,
    address: (asset) => bare(home(asset).asset.addresses[0] ?? ''),
    assets: [...homes.keys()],
    wire: (device) => wireNamespace(prefix, device),
    folder,
    destroy: janitor.clean,
  };
}

/** A new folder of this run alone, outside of the tree. */
export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'pst-'));
}

/** One device of the gateway and everything on the other side of it. */
interface Wire {
  readonly namespace: string;
  readonly device: string;
  readonly legs: readonly BoxInterface[];
  readonly plugs: readonly Plug[];
}

interface Plug {
  readonly namespace: string;
  readonly asset: AssetRule;
  readonly leg: BoxInterface;
}

function layWires(layout: Layout, prefix: string): readonly Wire[] {
  const devices = [...new Set(layout.interfaces.map((leg) => leg.device))];
  return devices.map((device) => {
    const legs = layout.interfaces.filter((leg) => leg.device === device);
    const plugs = legs.flatMap((leg) =>
      layout.assets
        // A serial line's address exists on the gateway alone.
        .filter(({ zone, addresses, modbus }) => zone === leg.zone && addresses.length > 0 && !modbus.line)
        .map((asset) => ({ namespace: `${prefix}-${asset.name}`, asset, leg })),
    );
    return { namespace: wireNamespace(prefix, device), device, legs, plugs };
  });
}

function wireNamespace(prefix: string, device: string): string {
  return `${prefix}-wire-${device}`;
}

async function connect(wire: Wire, gateway: string): Promise<void> {
  await ip(['-n', wire.namespace, 'link', 'add', 'wire', 'type', 'bridge', 'mcast_snooping', '0']);
  await ip(['-n', wire.namespace, 'link', 'set', 'wire', 'up']);
  await plugIn(wire, gateway, wire.device, 'gateway', '');
  for (const { address } of wire.legs) {
    if (address !== '') await ip(['-n', gateway, 'address', 'replace', address, 'dev', wire.device]);
  }
  for (const [index, plug] of wire.plugs.entries()) {
    await plugIn(wire, plug.namespace, 'eth0', `asset${index}`, plug.asset.mac);
    await giveAddresses(plug);
  }
}

async function plugIn(wire: Wire, namespace: string, device: string, socket: string, mac: string) {
  const address = mac === '' ? [] : ['address', mac];
  const peer = ['peer', 'name', socket, 'netns', wire.namespace];
  await ip(['-n', namespace, 'link', 'add', device, ...address, 'type', 'veth', ...peer]);
  await ip(['-n', wire.namespace, 'link', 'set', socket, 'master', 'wire', 'up']);
  await ip(['-n', namespace, 'link', 'set', device, 'up']);
}

/** A routed leg is the assets' way out; on an inline one they see the whole network on their own wire. */
async function giveAddresses({ namespace, asset, leg }: Plug): Promise<void> {
  const [router = '', length = '24'] = leg.address.split('/');
  for (const address of asset.addresses.map(bare)) {
    const full = address.includes(':') ? `${address}/64` : `${address}/${length}`;
    await ip(['-n', namespace, 'address', 'add', full, 'dev', 'eth0']);
  }
  if (leg.attach === 'routed' && router !== '') {
    await ip(['-n', namespace, 'route', 'add', 'default', 'via', router]);
  }
}

/** The policy writes an address as a prefix of its full length. */
function bare(prefix: string): string {
  return prefix.split('/')[0] ?? '';
}

function ip(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`ip ${args.join(' ')}: ${said.trim()}`));
    });
  });
}
