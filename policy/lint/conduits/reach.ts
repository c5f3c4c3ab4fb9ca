import type { Asset, EndpointRef, Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';

/** Who takes the host in the middle goes on from there: an allowed way in two steps. */
export const reachInTwoSteps: Check = {
  code: 'C-219',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2',
  title: 'No host passes what business sends on into control.',
  run: (model) => {
    const entries = stepsByHost(model, model.flows.filter(isEntry), ({ destinations }) => destinations);
    const problems = new Map<Asset, Problem>();
    for (const [host, onwards] of stepsByHost(
      model,
      model.flows.filter(isOnward),
      ({ sources }) => sources,
    )) {
      const [entry] = entries.get(host) ?? [];
      const [onward] = onwards;
      if (entry === undefined || onward === undefined) continue;
      problems.set(host, {
        at: onward.at,
        about: onward.id,
        message: `${host.name} is reached from ${entry.conduit.from.id} by ${entry.id} and reaches ${onward.conduit.to.id} by ${onward.id}: two steps with no break of protocol.`,
        hint: 'Let control push to the host, inspect one of the two, or say `requires: session`.',
      });
    }
    return [...problems.values()];
  },
};

function isEntry(flow: Flow): boolean {
  const { from, to } = flow.conduit;
  return isOutside(from.kind) && !isOutside(to.kind) && isPlain(flow);
}

function isOnward(flow: Flow): boolean {
  const { from, to } = flow.conduit;
  return !isOutside(from.kind) && (to.kind === 'control' || to.kind === 'safety') && isPlain(flow);
}

function isOutside(kind: string): boolean {
  return kind === 'enterprise' || kind === 'external';
}

/** What is inspected, brokered, or only an echo is no way to go on. */
function isPlain({ profile, requiresSession, protocol, conduit }: Flow): boolean {
  return profile === undefined && !requiresSession && protocol !== 'icmp-echo' && !conduit.oneWay;
}

function stepsByHost(
  { assets }: ZoneModel,
  flows: readonly Flow[],
  endsOf: (flow: Flow) => readonly EndpointRef[],
): ReadonlyMap<Asset, readonly Flow[]> {
  const members = Map.groupBy(assets, ({ zone }) => zone);
  const found = new Map<Asset, Flow[]>();
  for (const flow of flows)
    for (const end of endsOf(flow))
      for (const asset of end.kind === 'asset' ? [end.asset] : (members.get(end.zone) ?? [])) {
        const known = found.get(asset);
        if (known === undefined) found.set(asset, [flow]);
        else known.push(flow);
      }
  return found;
}
