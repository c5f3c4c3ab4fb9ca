import type { Gateway, Interface, Zone } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';

/** A flow no box stands in the way of is neither allowed nor refused: it is not enforced. */
export const unservedZonePair: Check = {
  code: 'G-901',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'Some box has an interface in both zones of every conduit.',
  run: ({ gateways, conduits }) => {
    const legs = gateways.map(legsByZone);
    return conduits
      .filter(({ from, to }) => from !== to && !legs.some((of) => of.has(from) && of.has(to)))
      .map(({ id, from, to, at }) => ({
        at,
        about: id,
        message: `No gateway has an interface in both ${from.id} and ${to.id}, so nothing enforces ${id}.`,
        hint: 'Add the missing interface to a gateway, or lead the traffic through a zone between.',
      }));
  },
};

/** Hosts on one wire can talk past a box that only routes between them. */
export const sharedWire: Check = {
  code: 'G-907',
  severity: 'warning',
  clause: '62443-3-3 SR 5.1',
  title: 'The zones of a conduit do not share one wire.',
  run: ({ gateways, conduits }) => {
    const legs = gateways.map(legsByZone);
    return conduits.flatMap(({ id, from, to, at }) => {
      const served = legs.flatMap((of) => pairs(of.get(from) ?? [], of.get(to) ?? []));
      const [first] = served;
      if (first === undefined || from === to || served.some(([one, other]) => one !== other)) return [];
      return [
        {
          at,
          about: id,
          message: `${from.id} and ${to.id} share the wire on ${first[0]}: their hosts can reach each other past the box.`,
          hint: 'Put one of the zones on its own device or VLAN.',
        },
      ];
    });
  },
};

function legsByZone({ interfaces }: Gateway): ReadonlyMap<Zone, readonly Interface[]> {
  return Map.groupBy(interfaces, ({ zone }) => zone);
}

function pairs(from: readonly Interface[], to: readonly Interface[]): readonly (readonly [string, string])[] {
  return from.flatMap((one) => to.map((other) => [one.device, other.device] as const));
}
