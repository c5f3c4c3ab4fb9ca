import { type PacketBox, packetsMeet } from './packet-box.ts';
import type { Spans } from './sets/spans.ts';

/** Finds, among many boxes, those that share packets with one, without asking each. */
export interface PieceIndex<T> {
  readonly meeting: (packets: PacketBox) => readonly T[];
}

/**
 * Nearly every source and destination is one address. Pieces are looked up by the end that fewer of them share:
 * many clients have one server, and some clients have many.
 */
export function indexPieces<T extends { readonly packets: PacketBox }>(pieces: readonly T[]): PieceIndex<T> {
  const sources = indexSide(pieces, ({ packets }) => packets.source);
  const destinations = indexSide(pieces, ({ packets }) => packets.destination);
  return {
    meeting: (packets) => {
      const [one, other] = [sources(packets.source), destinations(packets.destination)];
      const fewer = sizeOf(one) < sizeOf(other) ? one : other;
      const found = new Set(fewer.flat());
      return [...found].filter((piece) => packetsMeet(piece.packets, packets));
    },
  };
}

/** Lists of what may share an address with some: those known by their addresses, and those that have too many. */
type Near<T> = (addresses: Spans<bigint>) => readonly (readonly T[])[];

function indexSide<T>(pieces: readonly T[], addressesOf: (piece: T) => Spans<bigint>): Near<T> {
  const byHost = new Map<bigint, T[]>();
  const wide: T[] = [];
  for (const piece of pieces) {
    const hosts = hostsOf(addressesOf(piece));
    if (hosts === undefined) wide.push(piece);
    else for (const host of hosts) push(byHost, host, piece);
  }
  const sorted = [...byHost.keys()].sort((one, other) => (one < other ? -1 : 1));
  return (addresses) => {
    const lists: (readonly T[])[] = [wide];
    for (const { first, end } of addresses) {
      for (let at = firstFrom(sorted, first); at < sorted.length; at++) {
        const host = sorted[at] ?? end;
        if (host >= end) break;
        lists.push(byHost.get(host) ?? []);
      }
    }
    return lists;
  };
}

/** The addresses one by one; undefined where there are too many in a row. */
function hostsOf(addresses: Spans<bigint>): readonly bigint[] | undefined {
  const hosts: bigint[] = [];
  for (const { first, end } of addresses) {
    if (end - first > MostInRow) return undefined;
    for (let host = first; host < end; host++) hosts.push(host);
  }
  return hosts;
}

function sizeOf<T>(lists: readonly (readonly T[])[]): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}

function firstFrom(sorted: readonly bigint[], least: bigint): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function push<T>(map: Map<bigint, T[]>, key: bigint, piece: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [piece]);
  else list.push(piece);
}

/** Devices often have addresses next to each other. */
const MostInRow = 64n;
