import { formatAddress, type Prefix, parsePrefix } from '../../rules/address.ts';
import type { Protocol } from '../model/zone-model.ts';
import { type Box, boxesMeet, splitBox } from './sets/box.ts';
import { joined, meet, type Span, type Spans } from './sets/spans.ts';

/** Packets of one protocol: every combination of a source, a destination and a port, in one address family. */
export interface PacketBox extends Box<PacketSide, number | bigint> {
  readonly protocol: Protocol;
  /** Both families stand on one line, see {@link spansOf}. */
  readonly source: Spans<bigint>;
  readonly destination: Spans<bigint>;
  /** {0} for `icmp-echo`. */
  readonly port: Spans;
}

export type PacketSide = (typeof PacketSides)[number];
export const PacketSides = ['destination', 'source', 'port'] as const;

/** The parts outside another box, and the one inside it. */
export function splitPackets(
  box: PacketBox,
  taken: PacketBox,
): { readonly outside: readonly PacketBox[]; readonly inside: PacketBox | undefined } {
  if (box.protocol !== taken.protocol) return { outside: [box], inside: undefined };
  return splitBox<PacketSide, number | bigint, PacketBox>(box, taken, PacketSides);
}

export function packetsMeet(one: PacketBox, other: PacketBox): boolean {
  return one.protocol === other.protocol && boxesMeet<PacketSide, number | bigint>(one, other, PacketSides);
}

/** A box for each family that both ends have addresses of. */
export function packetBoxes(
  source: Spans<bigint>,
  destination: Spans<bigint>,
  protocol: Protocol,
  port: Spans,
): readonly PacketBox[] {
  const boxes: PacketBox[] = [];
  for (const family of [FourSpan, SixSpan]) {
    const box = { protocol, source: meet(source, family), destination: meet(destination, family), port };
    if (box.source.length > 0 && box.destination.length > 0) boxes.push(box);
  }
  return boxes;
}

/** Prefixes as stretches of one line on which all IPv6 addresses come behind all IPv4 ones. */
export function spansOf(prefixes: readonly string[]): Spans<bigint> {
  return joined(prefixes.flatMap((text) => lineSpan(parsePrefix(text))));
}

/** Only the IPv4 addresses. */
export function onlyFour(spans: Spans<bigint>): Spans<bigint> {
  return meet(spans, FourSpan);
}

/** A stretch of the line as people write it: an address, or two of them. */
export function spanText({ first, end }: Span<bigint>): string {
  return first + 1n === end ? addressText(first) : `${addressText(first)}-${addressText(end - 1n)}`;
}

/** A point of the line as an address. */
export function addressText(point: bigint): string {
  const family = point < SixStart ? 4 : 6;
  const address = family === 4 ? point : point - SixStart;
  return formatAddress({ family, first: address, last: address, length: family === 4 ? 32 : 128 });
}

/** How many addresses there are. */
export function countOf(spans: Spans<bigint>): bigint {
  return spans.reduce((sum, { first, end }) => sum + end - first, 0n);
}

function lineSpan(prefix: Prefix | undefined): Span<bigint>[] {
  if (prefix === undefined) return [];
  const from = prefix.family === 4 ? 0n : SixStart;
  return [{ first: from + prefix.first, end: from + prefix.last + 1n }];
}

const SixStart = 1n << 128n;
const FourSpan: Spans<bigint> = [{ first: 0n, end: 1n << 32n }];
const SixSpan: Spans<bigint> = [{ first: SixStart, end: SixStart << 1n }];
