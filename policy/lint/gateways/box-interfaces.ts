import { overlaps } from '../../../rules/address.ts';
import type { Gateway, Interface } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { knownPrefix } from '../endpoint.ts';

/** A packet must be of one zone by where it arrives and where it comes from. */
export const ambiguousInterface: Check = {
  code: 'G-904',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'On a shared wire every zone has source ranges of its own.',
  run: ({ gateways }) =>
    gateways.flatMap(({ name, interfaces }) =>
      [...Map.groupBy(interfaces, ({ device }) => device).values()].flatMap((legs) =>
        ambiguities(name, legs),
      ),
    ),
};

function ambiguities(box: string, legs: readonly Interface[]): readonly Problem[] {
  return legs.flatMap((leg, index) => {
    const clash = legs.slice(0, index).find((other) => shareSources(leg, other));
    if (clash === undefined) return [];
    return [
      {
        at: leg.at,
        about: box,
        message: `${leg.name} and ${clash.name} (line ${clash.at.line}) cannot be told apart on ${leg.device}.`,
        hint: 'Give each a `source:` range that the other does not have.',
      },
    ];
  });
}

function shareSources(one: Interface, other: Interface): boolean {
  if (one.sources.length === 0 || other.sources.length === 0) return true;
  return one.sources.some((a) => other.sources.some((b) => overlaps(knownPrefix(a), knownPrefix(b))));
}

/** Without an address a routed leg is nobody's next hop. */
export const interfaceWithoutAddress: Check = {
  code: 'G-905',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'Every routed device of a box has an address.',
  run: ({ gateways }) =>
    gateways.flatMap(({ name: box, interfaces }) => {
      const addressed = new Set(
        interfaces.filter(({ address }) => address !== '').map(({ device }) => device),
      );
      return interfaces
        .filter(({ attach, device }) => attach === 'routed' && !addressed.has(device))
        .map(({ name, at }) => ({
          at,
          about: box,
          message: `${name} has no address, so no host behind it can use the box as its router.`,
          hint: 'Add `address:`, or `attach: inline` where the assets keep their addresses.',
        }));
    }),
};

/** Two owners of one address break both. */
export const boxAddressTaken: Check = {
  code: 'G-905',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: "A box's address is nobody else's.",
  run: ({ gateways, assets }) => {
    const owners = new Map(assets.flatMap(({ name, addresses }) => addresses.map((a) => [a, name] as const)));
    return gateways.flatMap((gateway) => takenBy(gateway, owners));
  },
};

function takenBy(gateway: Gateway, owners: Map<string, string>): readonly Problem[] {
  return gateway.interfaces.flatMap(({ name, address, at }) => {
    const [host = ''] = address.split('/');
    const owner = owners.get(host);
    if (host === '') return [];
    owners.set(host, `${name} of ${gateway.name}`);
    if (owner === undefined) return [];
    return [
      {
        at,
        about: gateway.name,
        message: `${name} has the address ${host}, which ${owner} has too.`,
        hint: 'Give the box an address of its own.',
      },
    ];
  });
}

/** Inline, each asset is reached by a host route of its own. */
export const inlineWithoutAddresses: Check = {
  code: 'G-906',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'Every asset of a zone that is attached inline has an address.',
  run: ({ gateways, assets }) => {
    const byZone = Map.groupBy(assets, ({ zone }) => zone);
    return gateways.flatMap(({ name: box, interfaces }) =>
      interfaces
        .filter(({ attach }) => attach === 'inline')
        .flatMap(({ name, zone, at }) => {
          const members = byZone.get(zone) ?? [];
          const hint = 'Give every asset of the zone its `ip:`; inline reaches nothing else.';
          if (members.length === 0)
            return [
              {
                at,
                about: box,
                message: `${name} is attached inline, but zone ${zone.id} has no asset.`,
                hint,
              },
            ];
          return members
            .filter(({ addresses }) => addresses.length === 0)
            .map((asset) => ({
              at: asset.at,
              about: asset.name,
              message: `${asset.name} has no address, and ${name} reaches zone ${zone.id} inline.`,
              hint,
            }));
        }),
    );
  },
};
