import { formatAddress, type Prefix, parsePrefix } from '../../../rules/address.ts';
import type { Field } from '../../../rules/nft/ruleset.ts';
import type { FlowRule, PortRange } from '../../../rules/policy.ts';

/** Packets from some addresses to some addresses on some ports of one protocol. */
export interface Block {
  readonly family: 4 | 6;
  readonly protocol: FlowRule['protocol'];
  readonly source: Span;
  readonly destination: Span;
  readonly port: Span;
}

/** Inclusive. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** Every combination of a flow's ends and ports, within one address family. */
export function blocksOf(flow: Pick<FlowRule, 'sources' | 'destinations' | 'protocol' | 'ports'>): Block[] {
  const ports = flow.ports.length === 0 ? [AnyPort] : flow.ports.map(portSpan);
  const prefixes = (ends: FlowRule['sources']) =>
    ends.flatMap((end) => end.prefixes.flatMap((text) => parsePrefix(text) ?? []));
  const destinations = prefixes(flow.destinations);
  return prefixes(flow.sources).flatMap((source) =>
    destinations
      .filter(({ family }) => family === source.family)
      .flatMap((destination) =>
        ports.map((port) => ({
          family: source.family,
          protocol: flow.protocol,
          source: spanOf(source),
          destination: spanOf(destination),
          port,
        })),
      ),
  );
}

/** What is left of a block without another, as blocks that do not overlap. */
export function subtract(block: Block, taken: Block): readonly Block[] {
  if (!meet(block, taken)) return [block];
  const rest: Block[] = [];
  let core = block;
  for (const side of Sides) {
    const [whole, cut] = [core[side], taken[side]];
    if (whole.first < cut.first) rest.push({ ...core, [side]: { first: whole.first, last: cut.first - 1n } });
    if (whole.last > cut.last) rest.push({ ...core, [side]: { first: cut.last + 1n, last: whole.last } });
    core = { ...core, [side]: { first: max(whole.first, cut.first), last: min(whole.last, cut.last) } };
  }
  return rest;
}

/**
 * The blocks cut so that none overlaps one before it: the kernel refuses sets and maps whose elements do.
 * `clash` is told of each pair of tags that wanted the same packets.
 */
export function separateBlocks<T>(
  tagged: readonly Tagged<T>[],
  clash: (one: T, other: T) => void = () => undefined,
): readonly Tagged<T>[] {
  const shelf = createShelf<T>();
  for (const { tag, block: whole } of tagged) {
    let rest: readonly Block[] = [whole];
    for (const other of shelf.near(whole)) {
      if (!rest.some((block) => meet(block, other.block))) continue;
      if (other.tag !== tag) clash(tag, other.tag);
      rest = rest.flatMap((block) => subtract(block, other.block));
    }
    for (const block of rest) shelf.put({ tag, block });
  }
  return shelf.all();
}

/**
 * Blocks by the one server and port they are about, which is what most are, so that a plant of ten thousand
 * flows is not compared pair by pair; those about several are few, and stand apart.
 */
function createShelf<T>() {
  const all: Tagged<T>[] = [];
  const narrow = new Map<string, Tagged<T>[]>();
  const wide: Tagged<T>[] = [];
  return {
    all: (): readonly Tagged<T>[] => all,
    /** At least those of the blocks that meet this one, in the order they came. */
    near: (block: Block): readonly Tagged<T>[] => {
      const spot = spotOf(block);
      return spot === undefined ? [...all] : [...(narrow.get(spot) ?? []), ...wide];
    },
    put: (one: Tagged<T>): void => {
      all.push(one);
      const spot = spotOf(one.block);
      const known = spot === undefined ? wide : narrow.get(spot);
      if (known === undefined) narrow.set(spot ?? '', [one]);
      else known.push(one);
    },
  };
}

/** Undefined for a block about several servers or ports. */
function spotOf({ family, protocol, destination, port }: Block): string | undefined {
  if (destination.first !== destination.last || port.first !== port.last) return undefined;
  return `${family} ${protocol} ${destination.first} ${port.first}`;
}

/** A block and what it belongs to. */
export interface Tagged<T> {
  readonly tag: T;
  readonly block: Block;
}

/** A span of addresses as a field of a key. */
export function addressSpanField(family: 4 | 6, { first, last }: Span): Field {
  const text = (value: bigint) => formatAddress({ family, first: value, last: value, length: 0 });
  return first === last ? text(first) : { first: text(first), last: text(last) };
}

/** A span of ports as a field of a key. */
export function portSpanField({ first, last }: Span): Field {
  return first === last ? Number(first) : { first: Number(first), last: Number(last) };
}

/** Spans in order, those that touch or overlap made one. */
export function union(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((one, other) => (one.first < other.first ? -1 : 1))) {
    const before = merged.at(-1);
    if (before !== undefined && span.first <= before.last + 1n) {
      merged[merged.length - 1] = { first: before.first, last: max(before.last, span.last) };
    } else merged.push(span);
  }
  return merged;
}

/** The spans that are in one of these and in none of those, in order and apart, family by family. */
export function separateSpans<T extends Span & { readonly family: 4 | 6 }>(
  these: readonly T[],
  those: readonly T[],
): readonly (Span & { readonly family: 4 | 6 })[] {
  return ([4, 6] as const).flatMap((family) => {
    const of = (spans: readonly T[]) => union(spans.filter((span) => span.family === family));
    const taken = of(those);
    return of(these).flatMap((span) => {
      const rest: Span[] = [];
      let { first } = span;
      for (const { first: from, last: to } of taken) {
        if (to < first || from > span.last) continue;
        if (from > first) rest.push({ first, last: from - 1n });
        first = to + 1n;
      }
      if (first <= span.last) rest.push({ first, last: span.last });
      return rest.map((one) => ({ ...one, family }));
    });
  });
}

export function spanOf({ first, last }: Prefix): Span {
  return { first, last };
}

function portSpan({ first, last }: PortRange): Span {
  return { first: BigInt(first), last: BigInt(last) };
}

function meet(one: Block, other: Block): boolean {
  if (one.family !== other.family || one.protocol !== other.protocol) return false;
  return !Sides.some((side) => apart(one[side], other[side]));
}

function apart(one: Span, other: Span): boolean {
  return one.last < other.first || other.last < one.first;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

const Sides = ['destination', 'source', 'port'] as const;
/** ICMP echo has none; every such block is alike in it. */
const AnyPort: Span = { first: 0n, last: 0n };
