import { admit } from '../../../rules/admission/admit.ts';
import { createFlowTable, type FlowTable, type Permit } from '../../../rules/admission/flow-table.ts';
import { createGates, type Gates } from '../../../rules/admission/gates.ts';
import { openGates } from '../../../rules/admission/open-gates.ts';
import { matchingFlows, type Way, whyNoFlow } from '../../../rules/flow-match.ts';
import type { FlowRule, Policy } from '../../../rules/policy.ts';
import type { Reason } from '../../../rules/reason.ts';
import { isOpen } from '../../../rules/schedule.ts';

/** Which flow a way takes at a moment, or why none; `flow` is then the one that came closest, if any. */
export type Route =
  /** `permit` is there where the flow is inspected. */
  | { readonly ok: true; readonly flow: FlowRule; readonly permit: Permit | undefined }
  | { readonly ok: false; readonly reason: Reason; readonly flow: FlowRule | undefined };

/** Finds routes as the gateway does: its own table of inspected flows, and its own gates, set by the clock. */
export interface RouteFinder {
  find(way: Way, at: number): Route;
}

/** @param session whether flows that need a granted session are open */
export function createRouteFinder(policy: Policy, session: boolean): RouteFinder {
  const table: FlowTable = createFlowTable(policy);
  const gates: Gates = createGates();
  let gatesAt = Number.NaN;

  function setGates(at: number): void {
    if (at === gatesAt) return;
    gatesAt = at;
    gates.set(
      [...openGates(policy, { now: at, synchronised: true, newestEvidence: 0 }), ...granted(at)],
      true,
    );
  }

  function granted(at: number): readonly { readonly flow: string; readonly until: number }[] {
    if (!session) return [];
    return policy.flows.flatMap(({ id, gate }) =>
      gate?.session === true && isOpen({ ...gate, session: false }, at) ? [{ flow: id, until: 0 }] : [],
    );
  }

  function find(way: Way, at: number): Route {
    setGates(at);
    if (way.protocol === 'tcp') {
      // As in the gateway: what is inspected never falls back to a flow that is not.
      const admission = admit(table, way, gates, at);
      if (admission.ok) return { ok: true, flow: admission.permit.flow, permit: admission.permit };
      if (admission.permit !== undefined) {
        return { ok: false, reason: admission.reason, flow: admission.permit.flow };
      }
    }
    const flows = matchingFlows(policy, way);
    const [closest] = flows;
    if (closest === undefined) return { ok: false, reason: whyNoFlow(policy, way), flow: undefined };
    const open = flows.find((flow) => gates.shut(flow, at) === undefined);
    if (open !== undefined) return { ok: true, flow: open, permit: undefined };
    return { ok: false, reason: gates.shut(closest, at) ?? 'no-flow', flow: closest };
  }

  return { find };
}
