import { type PacketBox, packetsMeet } from './packet-box.ts';

/** Finds, among many boxes, those that share packets with one, without asking each. */
export interface PieceIndex<T> {
  readonly meeting: (packets: PacketBox) => readonly T[];
}

/**
 * Nearly every destination is one address, and is looked up; what leads to more than that is gone through.
 */
export function indexPieces<T extends { readonly packets: PacketBox }>(pieces: readonly T[]): PieceIndex<T> {
  const byHost = new Map<bigint, T[]>();
  const wide: T[] = [];
  for (const piece of pieces) {
    const hosts = hostsOf(piece.packets);
    if (hosts === undefined) wide.push(piece);
    else for (const host of hosts) push(byHost, host, piece);
  }
  const sorted = [...byHost.keys()].sort((one, other) => (one < other ? -1 : 1));

  function near(packets: PacketBox): Iterable<T> {
    const own = hostsOf(packets);
    const found = new Set<T>(wide);
    if (own !== undefined)
      for (const host of own) for (const piece of byHost.get(host) ?? []) found.add(piece);
    else {
      for (const { first, end } of packets.destination) {
        for (let at = firstFrom(sorted, first); at < sorted.length; at++) {
          const host = sorted[at] ?? end;
          if (host >= end) break;
          for (const piece of byHost.get(host) ?? []) found.add(piece);
        }
      }
    }
    return found;
  }

  return {
    meeting: (packets) => [...near(packets)].filter((piece) => packetsMeet(piece.packets, packets)),
  };
}

/** The destinations one by one; undefined where there are too many in a row. */
function hostsOf({ destination }: PacketBox): readonly bigint[] | undefined {
  const hosts: bigint[] = [];
  for (const { first, end } of destination) {
    if (end - first > MostInRow) return undefined;
    for (let host = first; host < end; host++) hosts.push(host);
  }
  return hosts;
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

/** Servers often have addresses next to each other. */
const MostInRow = 64n;
