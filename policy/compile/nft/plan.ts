import { type ModePlan, planModes } from '../../../rules/nft/modes.ts';
import type { FlowRule } from '../../../rules/policy.ts';
import type { CompileReport } from '../findings.ts';
import type { PolicyParts } from '../nft-ruleset.ts';
import type { PairWays } from '../pair.ts';
import type { UndeclaredWay } from '../undeclared.ts';
import { type Block, blocksOf, separateBlocks } from './block.ts';
import { type BoxSets, boxSets } from './box-sets.ts';
import { IPv4, IPv6 } from './keys.ts';

/** The flows sorted by how the kernel treats them. */
export interface Plan {
  readonly policy: PolicyParts;
  readonly pairs: readonly ZonePair[];
  /** Inspected flows that are always open; those with a gate are diverted by the engine's elements. */
  readonly diverted: readonly FlowRule[];
  readonly hasInspected: boolean;
  readonly hasGatedInspected: boolean;
  readonly hasOneWay: boolean;
  readonly gated: readonly FlowRule[];
  readonly undeclared: readonly UndeclaredWay[];
  readonly modes: ModePlan;
  /** What the box says and hears itself, by address family. */
  readonly box: Readonly<Record<4 | 6, BoxSets>>;
  /** The other box of a pair; undefined for a box that stands alone. */
  readonly pair: PairWays | undefined;
  /** Whether IPv6 passes at all. */
  readonly ipv6: boolean;
}

/** One direction of a conduit, with what is permitted in it. */
export interface ZonePair {
  readonly from: string;
  readonly to: string;
  /** Flows the kernel forwards by itself, without overlap. */
  readonly ways: readonly Way[];
  readonly echoes: readonly Way[];
  readonly oneWays: readonly Way[];
}

/** A block of packets and the flow that permits it. */
export interface Way {
  readonly flow: FlowRule;
  readonly block: Block;
}

export function planFlows(
  policy: PolicyParts,
  undeclared: readonly UndeclaredWay[],
  pair: PairWays | undefined,
  report: CompileReport,
): Plan {
  const gated = policy.flows.filter(({ gate }) => gate !== undefined);
  const modes = planModes(policy);
  const inspected = policy.flows.filter(({ profile }) => profile !== '');
  return {
    policy,
    pairs: zonePairs(policy, modes, report),
    diverted: inspected.filter(({ gate }) => gate === undefined),
    hasInspected: inspected.length > 0,
    hasGatedInspected: inspected.some(({ gate }) => gate !== undefined),
    hasOneWay: policy.flows.some(({ oneWay }) => oneWay),
    gated,
    undeclared,
    modes,
    box: { 4: boxSets(policy, IPv4), 6: boxSets(policy, IPv6) },
    pair,
    ipv6: modes.ipv6,
  };
}

function zonePairs(policy: PolicyParts, modes: ModePlan, report: CompileReport): readonly ZonePair[] {
  const conduits = new Map(policy.conduits.map(({ id, from, to }) => [id, `${from}>${to}`]));
  const names = new Map(policy.conduits.map(({ from, to }) => [`${from}>${to}`, { from, to }]));
  const byPair = Map.groupBy(policy.flows, ({ conduit }) => conduits.get(conduit));
  return [...names].map(([name, { from, to }]) => {
    const flows = byPair.get(name) ?? [];
    const oneWay = flows.filter((flow) => flow.oneWay);
    const echo = flows.filter(({ protocol }) => protocol === 'icmp-echo');
    const rest = flows.filter((flow) => !flow.oneWay && flow.protocol !== 'icmp-echo');
    return {
      from,
      to,
      ways: separate(rest, modes, report),
      echoes: separate(echo, modes, report),
      oneWays: separate(oneWay, modes, report),
    };
  });
}

/**
 * Where a flow that is open longer already permits something, another has nothing to add; two flows that treat
 * the same packets differently are an error, since one of them would not mean what it says.
 */
function separate(flows: readonly FlowRule[], modes: ModePlan, report: CompileReport): readonly Way[] {
  const ranked = flows.map((flow) => ({ flow, rank: rankOf(flow, modes) }));
  const inOrder = ranked.sort((one, other) => one.rank - other.rank).map(({ flow }) => flow);
  const tagged = inOrder.flatMap((flow) => blocksOf(flow).map((block) => ({ tag: flow, block })));
  const ways = separateBlocks(tagged, (flow, other) => reportClash(flow, other, modes, report));
  return ways.map(({ tag, block }) => ({ flow: tag, block }));
}

/**
 * Inspected flows first, so that no plain one takes their place; then those
 * that are always open, that most modes keep, that have no limits.
 */
function rankOf(flow: FlowRule, modes: ModePlan): number {
  const cut = [...modes.modes.values()].filter((kept) => !keeps(kept, flow)).length;
  const count = modes.modes.size + 1;
  const limited = flow.limits === undefined ? 0 : 1;
  return (flow.profile === '' ? 2 : 0) + (flow.gate === undefined ? 0 : 1) + (cut + limited / 2) / count;
}

/** `other` comes before, and so decides on what both permit: it has to be open whenever `flow` is. */
function reportClash(flow: FlowRule, other: FlowRule, modes: ModePlan, report: CompileReport): void {
  const how = differenceOf(flow, other, modes);
  if (how === undefined) return;
  const message = `${flow.id} and ${other.id} permit some of the same packets and ${how}.`;
  report.add('K-814', flow.id, flow.source, message, 'Give each its own sources, destinations or ports.');
}

function differenceOf(flow: FlowRule, other: FlowRule, { modes }: ModePlan): string | undefined {
  if (flow.profile !== '' || other.profile !== '') return 'are not inspected alike';
  if (other.gate !== undefined && JSON.stringify(flow.gate) !== JSON.stringify(other.gate))
    return 'are open at different times';
  if (other.limits !== undefined && JSON.stringify(flow.limits) !== JSON.stringify(other.limits))
    return 'have different limits';
  const isCutAlone = [...modes.values()].some((kept) => keeps(kept, flow) && !keeps(kept, other));
  return isCutAlone ? 'are kept by different modes' : undefined;
}

function keeps(kept: ReadonlySet<FlowRule> | 'all', flow: FlowRule): boolean {
  return kept === 'all' || kept.has(flow);
}
