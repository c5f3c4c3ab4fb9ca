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

/** A set that ranges may stand in; `counted` where each element shall count its packets. */
export function rangeSet(
  name: string,
  type: NftSet['type'],
  elements: NftSet['elements'],
  counted = false,
): NftSet {
  return { name, type, flags: ['interval'], counted, elements };
}

export function rangeMap(
  name: string,
  type: VerdictMap['type'],
  elements: VerdictMap['elements'],
  counted = false,
): VerdictMap {
  return { name, type, flags: ['interval'], counted, elements };
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
