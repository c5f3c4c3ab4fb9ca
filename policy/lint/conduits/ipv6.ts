import type { ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { knownPrefix } from '../endpoint.ts';

/** What the model does not speak of is refused, and nobody is told that it is there. */
export const ipv6NotModelled: Check = {
  code: 'C-218',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'IPv6 on an interface is IPv6 in the model.',
  run: ({ gateways }: ZoneModel) =>
    gateways.flatMap((gateway) =>
      gateway.interfaces
        .filter(
          ({ address, zone }) =>
            address.includes(':') && zone.prefixes.every((prefix) => knownPrefix(prefix).family === 4),
        )
        .map(({ name, zone, at }) => ({
          at,
          about: gateway.name,
          message: `${name} has an IPv6 address, but nothing in ${zone.id} has one: all its IPv6 is refused.`,
          hint: 'Add the IPv6 networks and addresses of the zone, or take the address away.',
        })),
    ),
};
