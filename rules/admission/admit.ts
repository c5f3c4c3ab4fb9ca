import type { Reason } from '../reason.ts';
import type { FlowTable, Permit, Tuple } from './flow-table.ts';
import type { Gates } from './gates.ts';

/** Whether a client may be led on to a server, under which flow, or why not. */
export type Admission =
  | { readonly ok: true; readonly permit: Permit }
  /** `permit` is of the flow that came closest, if any. */
  | { readonly ok: false; readonly reason: Reason; readonly permit: Permit | undefined };

/** Asks policy and gates about a new connection. `now` is wall time. */
export function admit(policy: FlowTable, tuple: Tuple | undefined, gates: Gates, now: number): Admission {
  const permits = tuple === undefined ? [] : policy.find(tuple);
  const [first] = permits;
  if (first === undefined) return { ok: false, reason: 'no-flow', permit: undefined };
  const permit = permits.find(({ flow }) => gates.shut(flow, now) === undefined);
  if (permit !== undefined) return { ok: true, permit };
  return { ok: false, reason: gates.shut(first.flow, now) ?? 'no-flow', permit: first };
}

/**
 * Asks whether a connection that was let in under a flow may stay under it; another flow that would also
 * permit it does not keep it, because its record and its counts name this one.
 */
export function readmit(
  policy: FlowTable,
  tuple: Tuple | undefined,
  flowId: string,
  gates: Gates,
  now: number,
): Admission {
  const permits = tuple === undefined ? [] : policy.find(tuple);
  const permit = permits.find(({ flow }) => flow.id === flowId);
  if (permit === undefined) return { ok: false, reason: 'policy-changed', permit };
  const reason = gates.shut(permit.flow, now);
  return reason === undefined ? { ok: true, permit } : { ok: false, reason, permit };
}
