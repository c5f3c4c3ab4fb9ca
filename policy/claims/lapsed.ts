import type { PolicyTest } from '../model/claims.ts';
import type { Asset, EndpointRef, Flow, ZoneModel } from '../model/zone-model.ts';

/**
 * Whether a test is about a temporary conduit that has ended: its flows are in no policy any more, and what it says
 * of them can be asked of nobody. A model must not turn wrong by itself as days pass.
 * @param now wall time, milliseconds
 */
export function hasLapsed({ flows }: ZoneModel, test: PolicyTest, now: number): boolean {
  const { by, because, expect } = test;
  if (by !== undefined) return hasEnded(by, now);
  if (expect === 'deny' && because !== 'expired' && because !== 'outside-schedule') return false;
  return flows.some((flow) => hasEnded(flow, now) && isAbout(test, flow));
}

function hasEnded({ conduit: { temporary } }: Flow, now: number): boolean {
  return temporary !== undefined && temporary.expires <= now;
}

/** Whether what a test sends would go by a flow, its gate left aside. */
export function isAbout({ from, to, protocol, port }: PolicyTest, flow: Flow): boolean {
  return (
    flow.protocol === protocol &&
    (protocol === 'icmp-echo' || flow.ports.some(({ first, last }) => first <= port && port <= last)) &&
    flow.sources.some((end) => covers(end, from)) &&
    flow.destinations.some((end) => covers(end, to))
  );
}

function covers(end: EndpointRef, asset: Asset): boolean {
  return end.kind === 'asset' ? end.asset === asset : end.zone === asset.zone;
}
