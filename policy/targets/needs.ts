import type { FlowRule, Policy } from '../../rules/policy.ts';
import type { Target } from './target.ts';

/** Something of the policy that a target cannot hold to. */
export interface Inexpressible {
  /** Id of the flow, or of the conduit where the conduit itself asks for it. */
  readonly flow: string;
  /** Line in the model. */
  readonly line: number;
  readonly sentence: string;
}

/** What a flow asks for beyond addresses, protocol and ports. */
type Need = 'inspection' | 'session' | 'schedule' | 'period' | 'one-way' | 'limits';

/** What each target can do of it. Everything else is refused; nothing is approximated. */
const Abilities: Readonly<Record<Target, readonly Need[]>> = {
  // Its time match counts in UTC, and our text gives established connections no short cut past it.
  iptables: ['period', 'one-way', 'limits'],
  'cisco-asa': [],
  fortinet: [],
  panos: [],
};

/** Longest zone name each can take as interface or zone. */
const LongestZone: Readonly<Record<Target, number>> = {
  iptables: Number.POSITIVE_INFINITY,
  'cisco-asa': 48,
  fortinet: 35,
  panos: 31,
};

/** Everything of a policy that a target cannot express; flows in the order of the policy. */
export function inexpressible(policy: Policy, target: Target): readonly Inexpressible[] {
  const zones = new Map(policy.conduits.map((conduit) => [conduit.id, [conduit.from, conduit.to]]));
  return [
    ...policy.conduits
      .filter(({ undeclaredUntil }) => undeclaredUntil !== 0)
      .map(({ id, source }) => ({
        flow: id,
        line: source.line,
        sentence: `${id} lets pass on trial what no flow declares, which ${target} would not report.`,
      })),
    ...policy.flows.flatMap((flow) => [
      ...needsOf(flow)
        .filter((need) => !Abilities[target].includes(need))
        .map((need) => ({
          flow: flow.id,
          line: flow.source.line,
          sentence: `${flow.id} ${Sentences[need](target)}`,
        })),
      ...(zones.get(flow.conduit) ?? [])
        .filter((zone) => zone.length > LongestZone[target])
        .map((zone) => ({
          flow: flow.id,
          line: flow.source.line,
          sentence: `${flow.id} is of zone ${zone}, a longer name than ${target} takes (${LongestZone[target]}).`,
        })),
      ...tooFast(flow, target),
    ]),
  ];
}

function needsOf({ profile, gate, oneWay, limits }: FlowRule): readonly Need[] {
  return [
    ...(profile === '' ? [] : ['inspection' as const]),
    ...(gate?.session === true ? ['session' as const] : []),
    ...(gate?.schedule === undefined ? [] : ['schedule' as const]),
    ...(gate !== undefined && (gate.opensAt !== 0 || gate.closesAt !== 0) ? ['period' as const] : []),
    ...(oneWay ? ['one-way' as const] : []),
    ...(limits === undefined ? [] : ['limits' as const]),
  ];
}

/** The hashlimit match of iptables counts at most 10 000 in a second on every kernel that has it. */
function tooFast({ id, limits, source }: FlowRule, target: Target): readonly Inexpressible[] {
  if (target !== 'iptables' || limits === undefined) return [];
  const { packetsPerSecond, newPerSecond, newPerSecondPerSource } = limits;
  const fastest = Math.max(packetsPerSecond, newPerSecond, newPerSecondPerSource);
  if (fastest <= MostPerSecond) return [];
  const sentence = `${id} is limited to ${fastest} per second, and iptables limits to ${MostPerSecond} at most.`;
  return [{ flow: id, line: source.line, sentence }];
}

const Sentences: Readonly<Record<Need, (target: Target) => string>> = {
  inspection: (target) =>
    `is inspected by its Modbus profile, and ${target} would let everything pass on its port.`,
  session: (target) => `opens only while a session is granted, which ${target} does not know of.`,
  schedule: (target) =>
    `has hours in a named time zone, and ${target} goes by a zone of its own that the model does not know.`,
  period: (target) =>
    `opens or ends at a moment, and ${target} goes by a time zone of its own and lets connections outlive the end.`,
  'one-way': (target) => `is one-way, and ${target} lets replies pass with the connection.`,
  limits: (target) => `has limits that ${target} cannot hold per flow and source.`,
};

const MostPerSecond = 10_000;
