import type { FlowRule } from '../policy.ts';
import type { Reason } from '../reason.ts';

/** Which gated flows are open, as the engine told last. Times are milliseconds since the Unix epoch. */
export interface Gates {
  /** Replaces the whole state: a gated flow that is not named is shut. An end of 0 is none. */
  readonly set: (
    open: readonly { readonly flow: string; readonly until: number }[],
    tellsTime: boolean,
  ) => void;
  /** Whether the clock can be trusted with the end of a permission, as the engine told last. */
  readonly tellsTime: () => boolean;
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
  let tellsTime = false;
  return {
    set: (open, trusted) => {
      ends = new Map(open.map(({ flow, until }) => [flow, until === 0 ? Number.POSITIVE_INFINITY : until]));
      tellsTime = trusted;
    },
    tellsTime: () => tellsTime,
    shut: (flow, now) => {
      const { gate } = flow;
      if (gate === undefined) return undefined;
      if (gate.closesAt !== 0 && now >= gate.closesAt) return 'expired';
      const end = ends.get(flow.id);
      if (end !== undefined) return now < end ? undefined : 'expired';
      return gate.session ? 'no-session' : 'outside-schedule';
    },
    nextEnd: (now) => {
      const next = Math.min(...[...ends.values()].filter((end) => end > now));
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
  };
}
