import { modeTerms } from '../../rules/admission/mode.ts';
import { cutFlows, recoverySteps } from '../../rules/admission/recovery.ts';
import type { Policy } from '../../rules/policy.ts';
import type { ExerciseBody } from '../ipc/exercise-body.ts';
import { EverythingElse } from './mode-keeper.ts';

/** What a mode does under a policy: what it cuts, what goes on and how, and in which order it is left. */
export function planOf(policy: Policy, mode: string): NonNullable<ExerciseBody['plan']> {
  const state = { mode, reopened: [] };
  const cut = cutFlows(policy, state);
  const terms = modeTerms(policy.modes, state);
  const conduits = [...new Set(cut.map(({ conduit }) => conduit))];
  return {
    mode,
    cut: conduits.map((conduit) => ({
      conduit,
      flows: cut.filter((flow) => flow.conduit === conduit).length,
    })),
    kept: policy.flows.length - cut.length,
    profiles: policy.flows.flatMap(({ id }) => {
      const profile = cut.some((flow) => flow.id === id) ? undefined : terms?.profileOf(id);
      return profile === undefined ? [] : [{ flow: id, profile }];
    }),
    recovery: recoverySteps(policy, mode).map(({ conduit, flows }) => ({
      what: conduit || EverythingElse,
      flows: flows.length,
    })),
  };
}

/**
 * When an early warning and an incident notification are due by NIS2 Art. 23(4)(a) and (b): 24 and 72 hours after
 * somebody became aware of a significant incident. Whether one is significant is for people to say.
 */
export function reportingClock(from: number): ExerciseBody['clock'] {
  return { from, earlyWarning: from + 24 * Hour, notification: from + 72 * Hour };
}

/** Milliseconds. */
const Hour = 3_600_000;
