import { formatAddress, parseAddressOnNetwork } from '../../rules/address.ts';
import type { Gateway, ZoneModel } from '../model/zone-model.ts';

/** What a box of a pair and the other one say to each other, as the kernel looks it up. */
export interface PairWays {
  /** Where VRRP goes (RFC 5798): each leg, between the boxes' own addresses. */
  readonly legs: readonly PairLeg[];
  /** Where the states of connections go. */
  readonly link: PairWay;
}

/** A device, and the addresses of both boxes there, without prefix length. */
export interface PairWay {
  readonly device: string;
  readonly own: string;
  readonly peer: string;
}

export interface PairLeg extends PairWay {
  /** As the model calls it. */
  readonly name: string;
  /** Address of whichever box carries. */
  readonly shared: string;
}

/** UDP port on which conntrackd hears of the other box's connections. */
export const StatesPort = 3780;

/** Undefined for a box that stands alone, and for a pair that lint has refused. */
export function compilePair(model: ZoneModel, gateway: Gateway): PairWays | undefined {
  const peer = peerOf(model, gateway);
  if (gateway.pair === undefined || peer?.pair === undefined) return undefined;
  const legs = gateway.interfaces.flatMap(({ name, device, address, shared }) => {
    const theirs = peer.interfaces.find((leg) => shared !== '' && leg.shared === shared);
    return theirs === undefined
      ? []
      : [{ name, shared, device, own: hostOf(address), peer: hostOf(theirs.address) }];
  });
  const { link, address } = gateway.pair;
  // Both boxes in one order, however each writes its legs: they are numbered by it on the wire.
  const inOrder = legs.toSorted((one, other) => (one.shared < other.shared ? -1 : 1));
  return { legs: inOrder, link: { device: link, own: hostOf(address), peer: hostOf(peer.pair.address) } };
}

/** Which of the two numberings of a pair a box has; undefined for one that stands alone. */
export function sideOf({ name, pair }: Gateway): 0 | 1 | undefined {
  if (pair === undefined) return undefined;
  return name < pair.with ? 0 : 1;
}

function peerOf({ gateways }: ZoneModel, { pair }: Gateway): Gateway | undefined {
  return gateways.find(({ name }) => name === pair?.with);
}

function hostOf(address: string): string {
  const parsed = parseAddressOnNetwork(address);
  return parsed === undefined ? '' : formatAddress(parsed.address);
}
