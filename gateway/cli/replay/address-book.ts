import { contains, parseAddress, parsePrefix } from '../../../rules/address.ts';
import { createZoneFinder } from '../../../rules/flow-match.ts';
import type { Policy } from '../../../rules/policy.ts';

/** What a policy knows of an address of a capture; asked once for each address, whatever the capture's size. */
export interface AddressBook {
  /** Its asset's name, or the address itself. */
  nameOf(address: string): string;
  /** Whether what goes from one to the other crosses the box: not within a zone, nor to the box itself. */
  crosses(from: string, to: string): boolean;
  /** Whether some TCP flow has a server at this end. */
  isServer(address: string, port: number): boolean;
}

export function createAddressBook(policy: Policy): AddressBook {
  const names = new Map<string, string>();
  for (const { name, addresses } of policy.assets) {
    for (const each of addresses) names.set(each.replace(/\/\d+$/, ''), name);
  }
  const own = new Set(policy.interfaces.map(({ address }) => address.replace(/\/\d+$/, '')));
  const findZone = createZoneFinder(policy);
  const zones = new Map<string, string | undefined>();
  const servers = new Map<string, boolean>();

  function zoneOf(address: string): string | undefined {
    const known = zones.get(address);
    if (known !== undefined || zones.has(address)) return known;
    const zone = findZone(address);
    remember(zones, address, zone);
    return zone;
  }

  function isServer(address: string, port: number): boolean {
    const key = `${address} ${port}`;
    const known = servers.get(key);
    if (known !== undefined) return known;
    const host = parseAddress(address);
    const is =
      host !== undefined &&
      policy.flows.some(
        ({ protocol, ports, destinations }) =>
          protocol === 'tcp' &&
          ports.some(({ first, last }) => first <= port && port <= last) &&
          destinations.some(({ prefixes }) =>
            prefixes.some((text) => {
              const block = parsePrefix(text);
              return block !== undefined && contains(block, host);
            }),
          ),
      );
    remember(servers, key, is);
    return is;
  }

  return {
    nameOf: (address) => names.get(address) ?? address,
    crosses(from, to) {
      if (own.has(from) || own.has(to) || isForMany(to)) return false;
      const zone = zoneOf(from);
      return zone === undefined || zone !== zoneOf(to);
    },
    isServer,
  };
}

/** Broadcasts and multicasts stay on their wire. */
function isForMany(address: string): boolean {
  return /^(22[4-9]|23\d|255)\./.test(address) || address.startsWith('ff');
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.size >= MostRemembered) map.clear();
  map.set(key, value);
}

const MostRemembered = 10_000;
