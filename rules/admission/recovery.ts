import type { FlowRule, Policy } from '../policy.ts';
import { type ModeState, modeTerms } from './mode.ts';

/** What passes again together when a mode is left. */
export interface RecoveryStep {
  /** Id of the conduit, or empty for everything that no order names. */
  readonly conduit: string;
  /** Ids of flows that the mode cuts or holds to another profile. */
  readonly flows: readonly string[];
}

/**
 * In which order a mode is left, from its beginning (62443-3-3 SR 7.4): the flows it says, those of one conduit that
 * stand together in one step, and in the last step all others. Empty when the mode changes nothing.
 */
export function recoverySteps(policy: Policy, mode: string): readonly RecoveryStep[] {
  const changed = changedFlows(policy, mode);
  const order = policy.modes.find(({ name }) => name === mode)?.recover ?? [];
  const steps: { conduit: string; flows: string[] }[] = [];
  for (const id of order) {
    const flow = changed.get(id);
    if (flow === undefined) continue;
    changed.delete(id);
    const last = steps.at(-1);
    if (last?.conduit === flow.conduit) last.flows.push(id);
    else steps.push({ conduit: flow.conduit, flows: [id] });
  }
  if (changed.size > 0) steps.push({ conduit: '', flows: [...changed.keys()] });
  return steps;
}

/** The first of these steps that is not done, counted from 0; their number when all are. */
export function nextStep(steps: readonly RecoveryStep[], reopened: readonly string[]): number {
  const again = new Set(reopened);
  const index = steps.findIndex(({ flows }) => flows.some((flow) => !again.has(flow)));
  return index < 0 ? steps.length : index;
}

/** The flows that do not pass. In a mode the policy does not have these are all. */
export function cutFlows(policy: Policy, state: ModeState): readonly FlowRule[] {
  const terms = modeTerms(policy.modes, state);
  return terms === undefined ? policy.flows : policy.flows.filter(({ id }) => terms.cuts(id));
}

function changedFlows(policy: Policy, mode: string): Map<string, FlowRule> {
  const terms = modeTerms(policy.modes, { mode, reopened: [] });
  const changed = policy.flows.filter(
    ({ id }) => terms === undefined || terms.cuts(id) || terms.profileOf(id) !== undefined,
  );
  return new Map(changed.map((flow) => [flow.id, flow]));
}
