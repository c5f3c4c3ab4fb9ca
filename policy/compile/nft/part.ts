import type { Chain, MarkMap, NftSet, Rule, Ruleset, VerdictMap } from '../../../rules/nft/ruleset.ts';

/** What one group of chains brings into the table. */
export type Part = Omit<Ruleset, 'counters'>;

export function join(parts: readonly Part[]): Part {
  return {
    sets: parts.flatMap(({ sets }) => sets),
    maps: parts.flatMap(({ maps }) => maps),
    chains: parts.flatMap(({ chains }) => chains),
  };
}

/** A chain that rules jump to. */
export function chain(name: string, ...rules: readonly Rule[]): Chain {
  return { name, hook: undefined, rules };
}

export function baseChain(name: string, hook: NonNullable<Chain['hook']>, rules: readonly Rule[]): Chain {
  return { name, hook, rules };
}

/** A set that ranges may stand in, see {@link flagsFor}; `counted` where each element shall count its packets. */
export function rangeSet(
  name: string,
  type: NftSet['type'],
  elements: NftSet['elements'],
  counted = false,
): NftSet {
  return { name, type, flags: flagsFor(elements), counted, elements };
}

export function rangeMap(
  name: string,
  type: VerdictMap['type'],
  elements: VerdictMap['elements'],
  counted = false,
): VerdictMap {
  return { name, type, flags: flagsFor(elements), counted, elements };
}

/** Which flow a packet belongs to; ranges may stand in it. */
export function flowMap(name: string, type: MarkMap['type'], elements: MarkMap['elements']): MarkMap {
  return { name, type, flags: ['interval'], counted: false, data: 'mark', elements };
}

/** Elements the engine adds and that end by themselves. */
export function timedSet(name: string, type: NftSet['type']): NftSet {
  const flags: NftSet['flags'] = type.length > 1 ? ['interval', 'timeout'] : ['timeout'];
  return { name, type, flags, counted: false, elements: [] };
}

/**
 * Without a range the kernel keeps a set as a hash. Among ranges each look-up reads as many bits as there are
 * elements, for every half byte of the key, and it is made for every packet. An empty set is one that the engine fills.
 */
function flagsFor(elements: NftSet['elements']): NftSet['flags'] {
  const isExact = elements.every(({ key }) => key.every((field) => typeof field !== 'object'));
  return elements.length > 0 && isExact ? [] : ['interval'];
}
