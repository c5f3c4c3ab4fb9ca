import { execFileSync } from 'node:child_process';
import { type InterfaceState, matchInterfaces, type NetworkDevice } from '../../../hardware/interfaces.ts';
import { contains, parseAddressOnNetwork, parsePrefix } from '../../../rules/address.ts';
import type { BoxInterface, Policy } from '../../../rules/policy.ts';
import { type Check, good, note } from './check.ts';

/** Holds the policy's legs against the devices of this box. A missing one closes its zone and no other. */
export function checkLegs(policy: Policy, devices: readonly NetworkDevice[]): readonly Check[] {
  return matchInterfaces(policy.interfaces, devices).map(({ wanted, state, candidates }) => {
    const what = `Zone ${wanted.zone}`;
    const found = `${wanted.device} ${StateWords[state]}`;
    if (state === 'ready') return good('interface', what, found);
    const free = candidates.length === 0 ? '' : ` Free ports here: ${candidates.join(', ')}.`;
    return note('interface', what, found, 'Nothing reaches or leaves this zone.', Remedies[state] + free);
  });
}

/** How the kernel would send a packet to an address: the device, or empty when nowhere. */
export type RouteLookup = (address: string) => string;

/** Asks the kernel by `ip route get`. */
export const kernelRoute: RouteLookup = (address) => {
  try {
    const answer = execFileSync('ip', ['-json', 'route', 'get', address], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
    const routes: unknown = JSON.parse(answer);
    const first: unknown = Array.isArray(routes) ? routes[0] : undefined;
    const device: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'dev') : '';
    return typeof device === 'string' ? device : '';
  } catch {
    return '';
  }
};

/**
 * The way back from assets behind an inline leg. They kept their addresses, so an answer comes to the box
 * only when the asset takes its peer for a neighbour, which the box then answers ARP for. A peer outside the
 * asset's own network is answered by way of the asset's router: past this box, unless the box is that router.
 * A serial line has no way back: its address is on this box alone.
 */
export function checkReturnPaths(policy: Policy, route: RouteLookup): readonly Check[] {
  const legs = policy.interfaces.filter(({ attach }) => attach === 'inline');
  return legs.flatMap((leg) =>
    policy.assets
      .filter(({ zone, modbus }) => zone === leg.zone && modbus.line === undefined)
      .flatMap((asset) =>
        asset.addresses.map((address) => checkReturnPath(policy, leg, asset.name, address, route)),
      ),
  );
}

function checkReturnPath(
  policy: Policy,
  leg: BoxInterface,
  asset: string,
  address: string,
  route: RouteLookup,
): Check {
  const what = `Return path of ${asset}`;
  const peers = peersOf(policy, asset, leg.zone);
  const sameSide = peers.filter((peer) => route(peer) === leg.device);
  if (sameSide.length > 0) {
    return note(
      'return-path',
      what,
      `${sameSide.join(', ')} is on the same side`,
      'They talk to each other directly: no packet between them passes this box.',
      `Move the cable of one of them to the other side of the box, or correct the zone of ${asset}.`,
    );
  }
  const network = networkOf(policy, address);
  const far = peers.filter((peer) => !isNeighbour(network, peer));
  if (far.length === 0) return good('return-path', what, 'every peer is a neighbour of it');
  return note(
    'return-path',
    what,
    `${far.join(', ')} is outside its network`,
    'The asset answers them by way of its own router; those answers come here only if this box is that router.',
    `Set the default gateway of ${asset} to this box’s address, or give it a route to them.`,
  );
}

/** First addresses of what a flow joins to the asset, either way. */
function peersOf(policy: Policy, asset: string, zone: string): readonly string[] {
  const isHere = (end: { asset: string; zone: string }): boolean =>
    end.asset === asset || (end.asset === '' && end.zone === zone);
  const peers = policy.flows.flatMap(({ sources, destinations }) => [
    ...(destinations.some(isHere) ? sources : []),
    ...(sources.some(isHere) ? destinations : []),
  ]);
  const addresses = peers.flatMap(({ prefixes }) => prefixes.map((prefix) => prefix.split('/')[0] ?? ''));
  return [...new Set(addresses)].filter((text) => text !== '' && !text.includes(':'));
}

/** The network of the box’s own leg that the address lies in, as text. */
function networkOf(policy: Policy, address: string): ReturnType<typeof parsePrefix> {
  const host = parsePrefix(address);
  if (host === undefined) return undefined;
  const networks = policy.interfaces.map((leg) => parseAddressOnNetwork(leg.address)?.network);
  return networks.find((network) => network !== undefined && contains(network, host));
}

function isNeighbour(network: ReturnType<typeof parsePrefix>, peer: string): boolean {
  const host = parsePrefix(peer);
  return network !== undefined && host !== undefined && contains(network, host);
}

const StateWords: Readonly<Record<InterfaceState, string>> = {
  ready: 'is up',
  'no-carrier': 'has no carrier',
  down: 'is down',
  makeable: 'is not made yet',
  missing: 'is not there',
};

const Remedies: Readonly<Record<InterfaceState, string>> = {
  ready: '',
  'no-carrier': 'Plug the cable in, and see that the other end is powered.',
  down: 'Bring it up in the network configuration of the system.',
  makeable: 'Make the VLAN in the network configuration of the system.',
  missing: 'Name the port as the model does (a .link file of systemd), or correct gateways: in the model.',
};
