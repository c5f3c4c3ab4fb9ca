import type { Asset, EndpointRef, Flow, Zone, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { zoneOf } from '../endpoint.ts';

/** A way back beside a one-way conduit makes it a way both ways. */
export const againstOneWay: Check = {
  code: 'C-208',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'Nothing runs against a one-way conduit between the same hosts.',
  run: (model) =>
    opposed(
      model,
      (one, other) => one.conduit.oneWay && other.protocol === 'udp' && !other.conduit.oneWay,
    ).map(({ one, other }) => ({
      at: other.at,
      about: other.id,
      message: `${other.id} sends against ${one.id}, which is one-way, between the same hosts.`,
      hint: 'Remove it, or `one_way` if an answer is needed.',
    })),
};

/** Each direction is one more way in. */
export const bothDirections: Check = {
  code: 'C-211',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'One side opens the connections of a service.',
  run: (model) =>
    opposed(
      model,
      (one, other) => one.protocol === 'tcp' && samePorts(one, other) && one.at.line < other.at.line,
    ).map(({ one, other }) => ({
      at: other.at,
      about: other.id,
      message: `${other.id} opens what ${one.id} (line ${one.at.line}) opens the other way round.`,
      hint: 'Keep the direction in which the connection is opened; answers need no flow.',
    })),
};

interface Opposed {
  readonly one: Flow;
  readonly other: Flow;
}

/** Flows between the same ends in opposite directions, each pair in each order that `matters`. */
function opposed({ flows }: ZoneModel, matters: (one: Flow, other: Flow) => boolean): readonly Opposed[] {
  const from = flowsBySource(flows);
  return flows.flatMap((one) => {
    const others = new Set(one.destinations.flatMap((end) => from(end)));
    return [...others]
      .filter((other) => other.protocol === one.protocol && matters(one, other))
      .filter((other) => meet(one.sources, other.destinations))
      .map((other) => ({ one, other }));
  });
}

/** Gives the flows that an end, or something in it, sends. */
function flowsBySource(flows: readonly Flow[]): (end: EndpointRef) => readonly Flow[] {
  const named = new Map<Asset | Zone, Flow[]>();
  const within = new Map<Zone, Flow[]>();
  for (const flow of flows)
    for (const end of flow.sources) {
      addTo(named, end.kind === 'asset' ? end.asset : end.zone, flow);
      addTo(within, zoneOf(end), flow);
    }
  return (end) =>
    end.kind === 'asset'
      ? [...(named.get(end.asset) ?? []), ...(named.get(end.asset.zone) ?? [])]
      : (within.get(end.zone) ?? []);
}

function addTo<K>(lists: Map<K, Flow[]>, key: K, flow: Flow): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [flow]);
  else list.push(flow);
}

function samePorts(one: Flow, other: Flow): boolean {
  return one.ports.some((a) => other.ports.some((b) => a.first <= b.last && b.first <= a.last));
}

/** Whether both lists have an end in common; a zone is every asset in it. */
function meet(ones: readonly EndpointRef[], others: readonly EndpointRef[]): boolean {
  return ones.some((one) =>
    others.some((other) =>
      one.kind === 'asset' && other.kind === 'asset'
        ? one.asset === other.asset
        : zoneOf(one) === zoneOf(other),
    ),
  );
}
