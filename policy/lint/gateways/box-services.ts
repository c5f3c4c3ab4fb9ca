import type { Gateway, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { nameOf, prefixesOf, zoneOf } from '../endpoint.ts';

/** A box nobody can reach cannot be given a new policy. */
export const unreachableBox: Check = {
  code: 'G-902',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2',
  title: 'Every box has a service somebody can reach.',
  run: ({ gateways }) =>
    gateways
      .filter(({ services }) => services.every(({ protocol }) => protocol === 'icmp-echo'))
      .map(({ name, at }) => ({
        at,
        about: name,
        message: `Nobody can reach ${name}: it has no service.`,
        hint: 'Add `services:`, at least `ssh` or `page`, with who may use them.',
      })),
};

/** Packets from a zone the box has no leg in never arrive from there; a spoofed one would. */
export const serviceOutOfReach: Check = {
  code: 'G-903',
  severity: 'error',
  clause: '62443-3-3 SR 5.2 RE1',
  title: "The box's services and egress name peers in zones it has a leg in.",
  run: ({ gateways }) => gateways.flatMap((gateway) => [...strangers(gateway), ...nobody(gateway)]),
};

function strangers(gateway: Gateway): readonly Problem[] {
  const own = new Set(gateway.interfaces.map(({ zone }) => zone));
  return peersOf(gateway)
    .filter(({ peer }) => !own.has(zoneOf(peer)))
    .map(({ what, peer }) => ({
      at: peer.at,
      about: gateway.name,
      message: `${gateway.name} ${what} ${nameOf(peer)}, but has no interface in zone ${zoneOf(peer).id}.`,
      hint: 'Name a peer in a zone of this box, or add the interface.',
    }));
}

function nobody(gateway: Gateway): readonly Problem[] {
  return peersOf(gateway)
    .filter(({ peer }) => prefixesOf(peer).length === 0)
    .map(({ what, peer }) => ({
      at: peer.at,
      about: gateway.name,
      message: `${gateway.name} ${what} ${nameOf(peer)}, which has no address.`,
      hint: 'Give the asset its `ip:`, or the zone its `networks:`.',
    }));
}

function peersOf({ services, egress }: ZoneModel['gateways'][number]) {
  return [
    ...services.flatMap(({ name, from }) => from.map((peer) => ({ what: `offers ${name} to`, peer }))),
    ...egress.flatMap(({ name, to }) => to.map((peer) => ({ what: `sends ${name} to`, peer }))),
  ];
}
