import type { Reason } from '../reason.ts';
import type { FlowTable, ModeView, Permit, Tuple } from './flow-table.ts';
import type { Gates } from './gates.ts';

/** Whether a client may be led on to a server, under which flow, or why not. */
export type Admission =
  /** `permit` has the profile that the mode gives the flow. */
  | { readonly ok: true; readonly permit: Permit }
  /** `permit` is of the flow that came closest, if any. */
  | { readonly ok: false; readonly reason: Reason; readonly permit: Permit | undefined };

/** Under which circumstances it is asked. */
export interface Circumstances {
  readonly gates: Gates;
  readonly mode: ModeView;
  /** Wall time, milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Asks policy, mode and gates about a new connection. */
export function admit(policy: FlowTable, tuple: Tuple | undefined, circumstances: Circumstances): Admission {
  const answers = (tuple === undefined ? [] : policy.find(tuple)).map((permit) =>
    judge(permit, circumstances),
  );
  const [first] = answers;
  return answers.find(({ ok }) => ok) ?? first ?? { ok: false, reason: 'no-flow', permit: undefined };
}

/** Asks about a granted session's channel to a target of its vendor: before it is dialled, and ever after. */
export function admitTarget(policy: FlowTable, target: string, circumstances: Circumstances): Admission {
  const permit = policy.target(target);
  return permit === undefined
    ? { ok: false, reason: 'policy-changed', permit }
    : judge(permit, circumstances);
}

/**
 * Asks whether a connection that was let in under a flow may stay under it; another flow that would also
 * permit it does not keep it, because its record and its counts name this one.
 */
export function readmit(
  policy: FlowTable,
  tuple: Tuple | undefined,
  flowId: string,
  circumstances: Circumstances,
): Admission {
  const permits = tuple === undefined ? [] : policy.find(tuple);
  const permit = permits.find(({ flow }) => flow.id === flowId);
  return permit === undefined
    ? { ok: false, reason: 'policy-changed', permit }
    : judge(permit, circumstances);
}

/** What a mode cuts is cut whatever its gate says: a person decided that, and ends it. */
function judge(permit: Permit, { gates, mode, now }: Circumstances): Admission {
  const left = mode(permit);
  if (left === undefined) return { ok: false, reason: 'mode-cut', permit };
  const reason = gates.shut(left.flow, now);
  return reason === undefined ? { ok: true, permit: left } : { ok: false, reason, permit: left };
}
