import type { OpenFlow } from '../nft/gates.ts';
import { undeclaredTraffic } from '../nft/undeclared.ts';
import type { FlowRule, Policy } from '../policy.ts';
import { isOpen, nextChange } from '../schedule.ts';

/** What the box knows of the time. */
export interface TimeKnowledge {
  readonly now: number;
  /** Whether the kernel holds the wall clock to be synchronised. */
  readonly synchronised: boolean;
  /** Time of the newest record in the evidence log: a clock before it is wrong. */
  readonly newestEvidence: number;
}

/**
 * The gated flows that are open now, and the conduits on which undeclared traffic passes. A clock that nobody disciplines, or that lies before the newest
 * evidence, opens nothing: a permission with an end must not live on because a box booted in the past.
 * Flows that need a granted session stay shut as long as nothing can grant one.
 */
export function openGates(policy: Policy, time: TimeKnowledge): readonly OpenFlow[] {
  if (!canTellTime(time)) return [];
  const flows = gatedFlows(policy).flatMap(({ id, gate }) =>
    gate !== undefined && !gate.session && isOpen(gate, time.now)
      ? [{ flow: id, until: nextChange(gate, time.now) ?? 0 }]
      : [],
  );
  const conduits = undeclaredTraffic(policy).filter(({ until }) => until > time.now);
  return [...flows, ...conduits.map(({ conduit, until }) => ({ flow: conduit, until }))];
}

/** When the set of open gates changes next; undefined when no gate of the policy ever will. */
export function nextGateChange(policy: Policy, now: number): number | undefined {
  const changes = gatedFlows(policy).flatMap(({ gate }) =>
    gate === undefined ? [] : (nextChange(gate, now) ?? []),
  );
  const ends = undeclaredTraffic(policy).flatMap(({ until }) => (until > now ? [until] : []));
  const next = [...changes, ...ends].reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}

/** Whether a permission with an end can be judged at all. */
export function canTellTime(time: TimeKnowledge): boolean {
  return time.synchronised && time.now >= time.newestEvidence;
}

function gatedFlows(policy: Policy): readonly FlowRule[] {
  return policy.flows.filter((flow) => flow.gate !== undefined);
}
