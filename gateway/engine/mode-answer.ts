import { modeTerms } from '../../rules/admission/mode.ts';
import { cutFlows } from '../../rules/admission/recovery.ts';
import type { Policy } from '../../rules/policy.ts';
import type { ModeBody, ModeSummary, SwitchedBody, SwitchTimes } from '../ipc/mode-body.ts';
import { EverythingElse } from './mode-keeper.ts';
import type { ModeReport } from './mode-report.ts';
import { type ModeOutcome, stateOf } from './mode-switch.ts';

/** The mode for the status. */
export function summariseMode(
  { kept, steps, recovery }: ModeReport,
  policy: Policy | undefined,
): ModeSummary {
  const state = stateOf(kept);
  const { mode: name, since, by, why } = kept;
  return {
    name,
    since,
    by,
    why,
    cutFlows: policy === undefined ? 0 : cutFlows(policy, state).length,
    otherProfiles: profilesOf(policy, state).length,
    ...(recovery === undefined
      ? {}
      : {
          recovery: {
            done: recovery.done,
            steps: steps.length,
            next: steps[recovery.done]?.conduit || EverythingElse,
            ...(recovery.nextAt === undefined ? {} : { nextAt: recovery.nextAt }),
            held: recovery.held,
          },
        }),
  };
}

/** The mode for somebody who asks about nothing else. */
export function describeMode(report: ModeReport, policy: Policy | undefined): ModeBody {
  const state = stateOf(report.kept);
  const byConduit = new Map<string, string[]>();
  for (const { conduit, id } of policy === undefined ? [] : cutFlows(policy, state)) {
    byConduit.set(conduit, [...(byConduit.get(conduit) ?? []), id]);
  }
  const { steps } = report;
  const done = report.recovery?.done ?? 0;
  return {
    ...summariseMode(report, policy),
    cut: [...byConduit].map(([conduit, flows]) => ({ conduit, flows })),
    profiles: profilesOf(policy, state),
    order: steps.map(({ conduit, flows }, index) => ({
      what: conduit || EverythingElse,
      flows: flows.length,
      done: index < done,
    })),
    modes: policy?.modes.map(({ name }) => name) ?? [],
  };
}

/** What a switch has done, for the person who asked for it. */
export function describeSwitch(
  { times, troubles }: ModeOutcome,
  report: ModeReport,
  policy: Policy | undefined,
): SwitchedBody {
  return { mode: describeMode(report, policy), ...describeTimes(times), troubles: [...troubles] };
}

export function describeTimes({ kernel, inspectors, record }: ModeOutcome['times']): SwitchTimes {
  return {
    ...(kernel === undefined ? {} : { kernelMs: kernel }),
    ...(inspectors === undefined ? {} : { inspectorsMs: inspectors }),
    ...(record === undefined ? {} : { recordMs: record }),
  };
}

function profilesOf(policy: Policy | undefined, state: ReturnType<typeof stateOf>) {
  const terms = policy === undefined ? undefined : modeTerms(policy.modes, state);
  if (policy === undefined || terms === undefined) return [];
  return policy.flows.flatMap(({ id }) => {
    const profile = terms.cuts(id) ? undefined : terms.profileOf(id);
    return profile === undefined ? [] : [{ flow: id, profile }];
  });
}
