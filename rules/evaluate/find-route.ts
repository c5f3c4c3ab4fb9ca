import { contains, type Prefix, parseAddress, parsePrefix } from '../address.ts';
import { admit, admitTarget } from '../admission/admit.ts';
import { createFlowTable, type Permit } from '../admission/flow-table.ts';
import { createGates } from '../admission/gates.ts';
import { type ModeState, modeTerms } from '../admission/mode.ts';
import { openGates } from '../admission/open-gates.ts';
import { vendorTargets } from '../admission/vendor-targets.ts';
import { createFlowMatch, type Way } from '../flow-match.ts';
import type { OpenFlow } from '../nft/gates.ts';
import { usesIpv6 } from '../nft/modes.ts';
import type { FlowRule, Policy } from '../policy.ts';
import type { Reason } from '../reason.ts';

/** Which flow a way takes at a moment, or why none; `flow` is then the one that came closest, if any. */
export type Route =
  /** `permit` is there where the flow is inspected, with the profile of the mode. */
  | { readonly kind: 'flow'; readonly flow: FlowRule; readonly permit: Permit | undefined }
  /** No flow, but it passes until the audit stage of its conduit ends. */
  | { readonly kind: 'undeclared'; readonly until: number }
  | { readonly kind: 'none'; readonly reason: Reason; readonly flow: FlowRule | undefined };

/** When a way is asked about. */
export interface Moment {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly mode: ModeState;
  /** The gated flows that are open; every other one is shut. */
  readonly open: readonly OpenFlow[];
}

/**
 * The gated flows that are open at a time.
 * @param session id of the vendor of whom a session is granted, for all it may ask for; empty for none. One vendor's
 * opens nothing of another's (62443-3-3 SR 1.13)
 */
export function openAt(policy: Policy, at: number, session: string): readonly OpenFlow[] {
  const vendor = policy.vendors.find(({ id }) => id === session);
  const granted = [...(vendor?.opens ?? []), ...(vendor?.targets ?? []).map(({ id }) => id)];
  return openGates(
    policy,
    { now: at, synchronised: true, newestEvidence: 0 },
    granted.map((flow) => ({ flow, until: 0 })),
  );
}

/** Finds routes as the gateway does: by its own table of inspected flows and its own gates. */
export interface RouteFinder {
  find(way: Way, moment: Moment): Route;
  /**
   * The same for what a vendor does in a granted session, from where it comes in: one of its targets, to which the
   * box leads it on. `undefined` where the way is to none of them, and is taken as everybody's.
   */
  findInSession(way: Way, vendor: string, moment: Moment): Route | undefined;
  /** Whether the answer to a way can change as time passes, of itself; `session` as in {@link openAt}. */
  dependsOnTime(way: Way, session: string): boolean;
}

export function createRouteFinder(policy: Policy): RouteFinder {
  const table = createFlowTable(policy);
  const match = createFlowMatch(policy);
  const targets = createFlowMatch({ ...policy, flows: vendorTargets(policy) });
  const isInspected = inspectedServers(policy);
  const ipv6 = usesIpv6(policy);
  const safety = new Set(policy.zones.filter(({ kind }) => kind === 'safety').map(({ name }) => name));
  const gates = createGates();
  let gatesHold: readonly OpenFlow[] = [];

  function turn(open: readonly OpenFlow[]): void {
    if (open !== gatesHold) gates.set(open, true);
    gatesHold = open;
  }

  function findInSession(way: Way, vendor: string, { at, mode, open }: Moment): Route | undefined {
    const target = targets.matching(way).find(({ conduit }) => conduit === vendor);
    if (target === undefined) return undefined;
    turn(open);
    const admission = admitTarget(table, target.id, { gates, mode: table.inMode(mode), now: at });
    if (!admission.ok) return { kind: 'none', reason: admission.reason, flow: target };
    return { kind: 'flow', flow: target, permit: target.profile === '' ? undefined : admission.permit };
  }

  function find(way: Way, { at, mode, open }: Moment): Route {
    turn(open);
    if (way.protocol === 'tcp') {
      // As in the gateway: what is inspected never falls back to a flow that is not.
      const admission = admit(table, way, { gates, mode: table.inMode(mode), now: at });
      const { permit } = admission;
      if (admission.ok) return { kind: 'flow', flow: admission.permit.flow, permit: admission.permit };
      if (permit !== undefined) return { kind: 'none', reason: admission.reason, flow: permit.flow };
    }
    return findPlain(way, mode, at);
  }

  function findPlain(way: Way, mode: ModeState, at: number): Route {
    const terms = modeTerms(policy.modes, mode);
    const judged = match.matching(way).map((flow) => {
      const isCut = terms?.cuts(flow.id) !== false;
      return { flow, reason: isCut ? ('mode-cut' as const) : gates.shut(flow, at) };
    });
    const [closest] = judged;
    if (closest === undefined) return findUndeclared(way, mode, at);
    const open = judged.find(({ reason }) => reason === undefined);
    if (open !== undefined) return { kind: 'flow', flow: open.flow, permit: undefined };
    return { kind: 'none', reason: closest.reason ?? 'no-flow', flow: closest.flow };
  }

  /**
   * The audit stage of a conduit opens no way into a safety zone, and none around an inspection; and what nobody
   * declared is nothing that a mode could name among what it keeps.
   */
  function findUndeclared(way: Way, { mode }: ModeState, at: number): Route {
    if (way.client.includes(':') && !ipv6)
      return { kind: 'none', reason: 'ipv6-not-modelled', flow: undefined };
    const ends = match.conduits(way).map(({ to, undeclaredUntil }) => (safety.has(to) ? 0 : undeclaredUntil));
    const until = Math.max(0, ...ends);
    const passes = until > at && !isInspected(way.server);
    if (!passes) return { kind: 'none', reason: match.whyNone(way), flow: undefined };
    const isCut = policy.modes.find(({ name }) => name === mode)?.keepsAll === false;
    return isCut ? { kind: 'none', reason: 'mode-cut', flow: undefined } : { kind: 'undeclared', until };
  }

  function dependsOnTime(way: Way, session: string): boolean {
    const led = targets.matching(way).filter(({ conduit }) => conduit === session);
    const flows = led.length > 0 ? led : match.matching(way);
    if (flows.length > 0) return flows.some(isTimed);
    return match.conduits(way).some(({ undeclaredUntil }) => undeclaredUntil !== 0);
  }

  return { find, findInSession, dependsOnTime };
}

function isTimed({ gate, auditUntil }: FlowRule): boolean {
  if (auditUntil !== 0) return true;
  return gate !== undefined && (gate.opensAt !== 0 || gate.closesAt !== 0 || gate.schedule !== undefined);
}

/** Whether an inspected flow leads to an address, or to another one of the same asset. */
function inspectedServers({ flows, assets }: Policy): (address: string) => boolean {
  const ends = flows.filter(({ profile }) => profile !== '').flatMap(({ destinations }) => destinations);
  const names = new Set(ends.map(({ asset }) => asset));
  const prefixes: readonly Prefix[] = [
    ...ends.flatMap((end) => end.prefixes),
    ...assets.filter(({ name }) => names.has(name)).flatMap(({ addresses }) => addresses),
  ].flatMap((text) => parsePrefix(text) ?? []);
  return (address) => {
    const host = parseAddress(address);
    return host !== undefined && prefixes.some((prefix) => contains(prefix, host));
  };
}
