import { parsePrefix } from '../../../rules/address.ts';
import type { Chain, Field, VerdictMap } from '../../../rules/nft/ruleset.ts';
import { is, rule, vmap } from '../../../rules/nft/statements.ts';
import type { BoxInterface } from '../../../rules/policy.ts';
import { addressSpanField, spanOf } from './block.ts';
import { type Family, families } from './keys.ts';
import { chain, rangeMap } from './part.ts';
import type { Plan, ZonePair } from './plan.ts';
import { refused } from './refuse.ts';

/**
 * From the two devices a packet goes between to the chain of its zone pair. Where zones share a wire, the
 * addresses decide in a second look-up. Replies are looked up the other way round.
 */
export function dispatchOf(plan: Plan): { maps: readonly VerdictMap[]; chains: readonly Chain[] } {
  const wires = wiresOf(plan);
  const shared = wires.filter((wire) => !isPlain(wire));
  return {
    maps: [
      {
        name: 'dispatch',
        type: ['ifname', 'ifname'],
        flags: [],
        counted: false,
        elements: wires.map((wire) => ({
          key: [wire.from, wire.to],
          comment: '',
          verdict: { kind: 'goto', chain: isPlain(wire) ? pairChain(wire.ways[0]?.pair) : wireName(wire) },
        })),
      },
      ...shared.flatMap((wire) => families(plan.ipv6).flatMap((family) => wireMap(wire, family) ?? [])),
    ],
    chains: shared.map((wire) => wireChain(wire, families(plan.ipv6))),
  };
}

/** The chain of a zone pair. Zone names hold no slash, so no two pairs share a chain. */
export function pairChain(pair: Pick<ZonePair, 'from' | 'to'> | undefined): string {
  return `pair/${pair?.from}/${pair?.to}`;
}

/** Two devices and the zone pairs between them. */
interface Wire {
  readonly from: string;
  readonly to: string;
  readonly ways: { readonly pair: ZonePair; readonly source: BoxInterface; readonly target: BoxInterface }[];
}

function wiresOf(plan: Plan): readonly Wire[] {
  const { interfaces } = plan.policy;
  const wires = new Map<string, Wire>();
  for (const pair of plan.pairs) {
    for (const source of interfaces.filter((leg) => leg.zone === pair.from)) {
      for (const target of interfaces.filter((leg) => leg.zone === pair.to)) {
        const name = `${source.device}/${target.device}`;
        const wire = wires.get(name) ?? { from: source.device, to: target.device, ways: [] };
        wires.set(name, wire);
        wire.ways.push({ pair, source, target });
      }
    }
  }
  return [...wires.values()];
}

function isPlain({ ways }: Wire): boolean {
  return (
    ways.length === 1 &&
    ways.every(({ source, target }) => source.sources.length + target.sources.length === 0)
  );
}

function wireMap(wire: Wire, family: Family): VerdictMap | undefined {
  const elements = wire.ways.flatMap(({ pair, source, target }) =>
    rangesOf(source, family).flatMap((from) =>
      rangesOf(target, family).map((to) => ({
        key: [from, to],
        comment: '',
        verdict: { kind: 'goto', chain: pairChain(pair) } as const,
      })),
    ),
  );
  if (elements.length === 0) return undefined;
  return rangeMap(wireName(wire, family), [family.address, family.address], elements);
}

function wireChain(wire: Wire, known: readonly Family[]): Chain {
  const rules = known
    .filter((family) => wireMap(wire, family) !== undefined)
    .flatMap((family) => [
      rule(is('ct direction', 'original'), vmap([family.saddr, family.daddr], wireName(wire, family))),
      rule(is('ct direction', 'reply'), vmap([family.daddr, family.saddr], wireName(wire, family))),
    ]);
  return chain(wireName(wire), ...rules, ...refused('no-conduit', '', 'refuse'));
}

function wireName({ from, to }: Wire, family?: Family): string {
  return `wire${family?.suffix ?? ''}/${from}/${to}`;
}

function rangesOf(leg: BoxInterface, family: Family): readonly Field[] {
  if (leg.sources.length === 0) return [family.all];
  return leg.sources.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix?.family === family.number ? [addressSpanField(family.number, spanOf(prefix))] : [];
  });
}
