import { contains, overlaps, parseAddress, parseAddressOnNetwork } from '../../../rules/address.ts';
import type { Pair } from '../../model/pair.ts';
import type { Gateway, Interface, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { knownPrefix } from '../endpoint.ts';

/** A pair of which only one box knows has nobody to take over. */
export const unsoundPair: Check = {
  code: 'G-908',
  severity: 'error',
  clause: '62443-3-3 SR 7.1',
  title: 'Two boxes of a pair name each other, and have a cable between them that is in no zone.',
  run: (model) =>
    model.gateways.flatMap((box) => {
      const { pair } = box;
      if (pair === undefined) return [];
      const peer = model.gateways.find(({ name }) => name === pair.with);
      const problem = partnerProblem(box, peer) ?? linkProblem(model, box, pair, peer);
      return problem === undefined ? [] : [{ at: pair.at, about: box.name, ...problem }];
    }),
};

/** What only one of them has does not go on when the other carries. */
export const unsharedLeg: Check = {
  code: 'G-908',
  severity: 'error',
  clause: '62443-3-3 SR 7.1',
  title: 'Both boxes of a pair have each leg, with an address of their own and one that they share.',
  run: (model) =>
    model.gateways.flatMap((box) =>
      box.interfaces.flatMap((leg): readonly Problem[] => {
        const problem = box.pair === undefined ? strayShared(box, leg) : legProblem(model, box, leg);
        return problem === undefined ? [] : [{ at: leg.at, about: box.name, ...problem }];
      }),
    ),
};

type Told = Pick<Problem, 'message' | 'hint'>;

function partnerProblem({ name, pair }: Gateway, peer: Gateway | undefined): Told | undefined {
  if (peer === undefined || peer.name === name)
    return {
      message: `${name} is paired with ${pair?.with}, which is no other gateway of this model.`,
      hint: 'Name the other box as it stands under gateways.',
    };
  if (peer.pair?.with === name) return undefined;
  return {
    message: `${name} is paired with ${peer.name}, but ${peer.name} is not paired with ${name}.`,
    hint: `Give ${peer.name} a pair: with ${name}.`,
  };
}

function linkProblem(
  { gateways, zones }: ZoneModel,
  { name, interfaces }: Gateway,
  pair: Pair,
  peer: Gateway | undefined,
): Told | undefined {
  if (interfaces.some(({ device }) => device === pair.link))
    return {
      message: `The link of ${name} is ${pair.link}, which is a leg into a zone as well.`,
      hint: 'Give the pair a cable or a VLAN of its own: who can write to it can make up connections.',
    };
  const [own, theirs] = [pair.address, peer?.pair?.address ?? ''].map(parseAddressOnNetwork);
  const isLink =
    own?.address.family === 4 &&
    theirs !== undefined &&
    contains(own.network, theirs.address) &&
    own.address.first !== theirs.address.first;
  if (!isLink)
    return {
      message: `${pair.address} and ${peer?.pair?.address} are not two IPv4 addresses of one network.`,
      hint: 'For example: 192.0.2.1/30 and 192.0.2.2/30.',
    };
  const zone = zones.find(({ prefixes }) =>
    prefixes.some((text) => overlaps(knownPrefix(text), own.network)),
  );
  const leg = gateways
    .flatMap((one) => one.interfaces)
    .find(({ address }) => {
      const known = parseAddressOnNetwork(address);
      return known !== undefined && overlaps(known.network, own.network);
    });
  const where = zone?.id ?? leg?.zone.id;
  if (where === undefined) return undefined;
  return {
    message: `The link of ${name} has addresses of zone ${where}.`,
    hint: 'Take a network that is used nowhere else, such as 192.0.2.0/30.',
  };
}

function strayShared({ name }: Gateway, { shared }: Interface): Told | undefined {
  if (shared === '') return undefined;
  return {
    message: `${name} shares the address ${shared} with no other box.`,
    hint: 'Add pair: to both boxes, or give the address to the interface alone.',
  };
}

function legProblem({ gateways, assets }: ZoneModel, box: Gateway, leg: Interface): Told | undefined {
  const own = parseAddressOnNetwork(leg.address);
  const shared = parseAddress(leg.shared);
  if (leg.attach !== 'routed' || own?.address.family !== 4 || shared === undefined)
    return {
      message: `${leg.name} of ${box.name} is a leg of a pair without an IPv4 address of its own and a shared one.`,
      hint: 'Route it, and give it address: for this box and shared: for whichever box carries.',
    };
  const peer = gateways.find(({ name }) => name === box.pair?.with);
  if (peer === undefined) return undefined;
  const theirs = peer.interfaces.find(({ shared }) => shared === leg.shared);
  if (theirs?.zone !== leg.zone)
    return {
      message: `${peer.name} has no leg in ${leg.zone.id} that shares ${leg.shared}.`,
      hint: 'Give both boxes the same legs.',
    };
  const others = gateways
    .flatMap(({ interfaces }) => interfaces)
    .some(({ address }) => address.split('/')[0] === leg.shared);
  const taken = others || assets.some(({ addresses }) => addresses.includes(leg.shared));
  const there = parseAddressOnNetwork(theirs.address);
  const isReached =
    contains(own.network, shared) && (there === undefined || contains(own.network, there.address));
  if (!taken && isReached) return undefined;
  return {
    message: `${leg.shared} is not a free address of the network that ${leg.name} of ${box.name} and the other box stand on.`,
    hint: `Take one of the network of ${leg.address} that nobody else has.`,
  };
}
