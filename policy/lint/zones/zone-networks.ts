import { comparePrefixes, contains, type Prefix } from '../../../rules/address.ts';
import type { Place } from '../../finding.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { describePrefix, knownPrefix } from '../endpoint.ts';

/** An asset outside its zone's networks would be enforced as another zone, or as none. */
export const assetOutsideZone: Check = {
  code: 'Z-108',
  severity: 'error',
  clause: '62443-3-2 ZCR 6.3',
  title: 'Every asset lies in a network of its zone.',
  run: (model) => {
    const networks = new Map(
      model.zones.map((zone) => [zone.id, zone.networks.map(({ prefix }) => knownPrefix(prefix))]),
    );
    return model.assets.flatMap(({ name, zone, addresses, at }) => {
      const own = networks.get(zone.id) ?? [];
      if (own.length === 0) return [];
      return addresses
        .filter((address) => !own.some((network) => contains(network, knownPrefix(address))))
        .map((address) => ({
          at,
          about: name,
          message: `${name} has the address ${address}, outside the networks of zone ${zone.id}.`,
          hint: 'Correct the address, move the asset to its zone, or add the network.',
        }));
    });
  },
};

/** An address in two zones would have the rules of both. */
export const overlappingZones: Check = {
  code: 'Z-108',
  severity: 'error',
  clause: '62443-3-2 ZCR 6.3',
  title: 'No two zones share an address.',
  run: (model) => {
    const problems: Problem[] = [];
    const open: Block[] = [];
    // In this order prefixes nest or follow each other, so those still open are the ones around this one.
    for (const block of blocksOf(model)) {
      while (open.length > 0 && !contains(open.at(-1)?.prefix ?? block.prefix, block.prefix)) open.pop();
      const around = open.findLast(({ zone }) => zone !== block.zone);
      if (around !== undefined) problems.push(describe(block, around));
      open.push(block);
    }
    return problems;
  },
};

interface Block {
  readonly zone: string;
  readonly prefix: Prefix;
  readonly at: Place;
}

function blocksOf({ zones, assets }: ZoneModel): readonly Block[] {
  const declared = zones.flatMap((zone) =>
    zone.networks.map(({ prefix, at }) => ({ zone: zone.id, prefix: knownPrefix(prefix), at })),
  );
  const single = assets
    .filter(({ zone }) => zone.networks.length === 0)
    .flatMap(({ zone, addresses, at }) =>
      addresses.map((address) => ({ zone: zone.id, prefix: knownPrefix(address), at })),
    );
  return [...declared, ...single].sort((a, b) => comparePrefixes(a.prefix, b.prefix));
}

function describe(block: Block, around: Block): Problem {
  const [inner, outer] = [describePrefix(block.prefix), describePrefix(around.prefix)];
  const where = inner === outer ? '' : `, inside ${outer}`;
  return {
    at: block.at,
    about: block.zone,
    message: `${inner} of zone ${block.zone} is also in zone ${around.zone}${where} (line ${around.at.line}).`,
    hint: 'Make the networks disjoint; a zone without networks is exactly its assets.',
  };
}
