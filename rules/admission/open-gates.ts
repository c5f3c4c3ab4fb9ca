import type { OpenFlow } from '../nft/gates.ts';
import { undeclaredTraffic } from '../nft/undeclared.ts';
import type { FlowRule, Policy } from '../policy.ts';
import { isOpen, nextChange } from '../schedule.ts';
import { vendorTargets } from './vendor-targets.ts';

/** What the box knows of the time. */
export interface TimeKnowledge {
  readonly now: number;
  /** Whether the kernel holds the wall clock to be synchronised. */
  readonly synchronised: boolean;
  /** Time of the newest record in the evidence log: a clock before it is wrong. */
  readonly newestEvidence: number;
}

/**
 * The gated flows and vendors' targets that are open now, and the conduits on which undeclared traffic passes. A
 * clock that nobody disciplines, or that lies before the newest evidence, opens nothing: a permission with an end
 * must not live on because a box booted in the past.
 * @param granted flows and targets that granted sessions open, each with the end of the grant; of several grants of
 * one the latest end counts, and a grant holds nothing open beyond its window or the end of the contract
 */
export function openGates(
  policy: Policy,
  time: TimeKnowledge,
  granted: readonly OpenFlow[] = [],
): readonly OpenFlow[] {
  if (!canTellTime(time)) return [];
  const grants = latestEnds(granted);
  const flows = gatedFlows(policy).flatMap(({ id, gate }) => {
    if (gate === undefined || !isOpen({ ...gate, session: false }, time.now)) return [];
    const end = nextChange({ ...gate, session: false }, time.now) ?? 0;
    const grant = gate.session ? grants.get(id) : 0;
    if (grant === undefined || (grant !== 0 && grant <= time.now)) return [];
    return [{ flow: id, until: earlier(grant, end) }];
  });
  const conduits = undeclaredTraffic(policy).filter(({ until }) => until > time.now);
  return [...flows, ...conduits.map(({ conduit, until }) => ({ flow: conduit, until }))];
}

/**
 * When the set of open gates changes next without anybody doing anything; undefined when it never will. A gate that
 * waits for a session changes nothing by itself while nobody holds a grant of it.
 */
export function nextGateChange(
  policy: Policy,
  now: number,
  granted: readonly OpenFlow[] = [],
): number | undefined {
  const grants = latestEnds(granted);
  const changes = gatedFlows(policy).flatMap(({ id, gate }) => {
    if (gate === undefined || (gate.session && !grants.has(id))) return [];
    return nextChange({ ...gate, session: false }, now) ?? [];
  });
  const ends = [...grants.values(), ...undeclaredTraffic(policy).map(({ until }) => until)];
  const next = [...changes, ...ends.filter((end) => end > now)].reduce(
    (one, other) => Math.min(one, other),
    Number.POSITIVE_INFINITY,
  );
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}

/** Whether a permission with an end can be judged at all. */
export function canTellTime(time: TimeKnowledge): boolean {
  return time.synchronised && time.now >= time.newestEvidence;
}

function gatedFlows(policy: Policy): readonly FlowRule[] {
  return [...policy.flows.filter((flow) => flow.gate !== undefined), ...vendorTargets(policy)];
}

/** By id; 0 is no end. */
function latestEnds(granted: readonly OpenFlow[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { flow, until } of granted) {
    const known = ends.get(flow);
    ends.set(flow, known === 0 || until === 0 ? 0 : Math.max(known ?? 0, until));
  }
  return ends;
}

/** The earlier of two ends, of which 0 is none. */
function earlier(one: number, other: number): number {
  if (one === 0 || other === 0) return one + other;
  return Math.min(one, other);
}
