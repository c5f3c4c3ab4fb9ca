import type { FlowRule } from '../../rules/policy.ts';
import type { Reason } from '../../rules/reason.ts';

/** Which gated flows are open, as the engine told last. Times are milliseconds since the Unix epoch. */
export interface Gates {
  /** Replaces the whole state: a gated flow that is not named is shut. */
  readonly set: (open: readonly { readonly flow: string; readonly until: number }[]) => void;
  /** Why a flow may not be used at this time, or undefined when it may. */
  readonly shut: (flow: FlowRule, now: number) => Reason | undefined;
  /** The next moment after `now` at which a flow shuts by itself; undefined when none will. */
  readonly nextEnd: (now: number) => number | undefined;
}

/**
 * All gates shut. An end time is kept here and not by the engine alone, so that a permission ends on time
 * with the engine dead (62443-3-3 SR 2.1).
 */
export function createGates(): Gates {
  let ends = new Map<string, number>();
  return {
    set: (open) => {
      ends = new Map(open.map(({ flow, until }) => [flow, until]));
    },
    shut: (flow, now) => {
      const { gate } = flow;
      if (gate === undefined) return undefined;
      if (gate.closesAt !== 0 && now >= gate.closesAt) return 'expired';
      const end = ends.get(flow.id);
      if (end !== undefined) return now < end ? undefined : 'expired';
      return gate.session ? 'no-session' : 'outside-schedule';
    },
    nextEnd: (now) => {
      const coming = [...ends.values()].filter((end) => end > now);
      return coming.length === 0 ? undefined : Math.min(...coming);
    },
  };
}
