import type { EndpointRef, Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';

/** Who takes one of them away believes that the door is shut. */
export const duplicateFlow: Check = {
  code: 'C-221',
  severity: 'info',
  clause: '62443-3-3 SR 7.7',
  title: 'No two flows of a conduit say the same, or could be one.',
  run: (model) =>
    [
      ...groups(model, (flow) => [
        endsKey(flow.sources),
        endsKey(flow.destinations),
        serviceKey(flow),
        termsKey(flow),
      ]),
    ].flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : others.map(({ id, at }) => ({
            at,
            about: id,
            message: `${id} permits exactly what ${first.id} (line ${first.at.line}) permits.`,
            hint: 'Keep one of them.',
          })),
    ),
};

export const mergeableFlow: Check = {
  code: 'C-233',
  severity: 'info',
  clause: '62443-3-3 SR 7.7',
  title: 'Flows that differ in one list are one flow.',
  run: (model) => {
    const bySources = groups(model, (flow) => [
      endsKey(flow.destinations),
      serviceKey(flow),
      termsKey(flow),
      flow.ticket,
    ]);
    const byDestinations = groups(model, (flow) => [
      endsKey(flow.sources),
      serviceKey(flow),
      termsKey(flow),
      flow.ticket,
    ]);
    const said = new Set<Flow>();
    return [
      ...bySources.map((list) => ({ list, key: 'src', of: ({ sources }: Flow) => sources })),
      ...byDestinations.map((list) => ({ list, key: 'dst', of: ({ destinations }: Flow) => destinations })),
    ].flatMap(({ list, key, of }) => {
      const [first, ...others] = list;
      if (first === undefined) return [];
      return others
        .filter((flow) => endsKey(of(flow)) !== endsKey(of(first)) && !said.has(flow))
        .map((flow) => {
          said.add(flow);
          return {
            at: flow.at,
            about: flow.id,
            message: `${flow.id} differs from ${first.id} (line ${first.at.line}) in \`${key}\` alone.`,
            hint: `Make them one flow with a list in \`${key}\`, unless they are to be counted apart.`,
          };
        });
    });
  },
};

function groups(
  { flows }: ZoneModel,
  keysOf: (flow: Flow) => readonly string[],
): readonly (readonly Flow[])[] {
  const all = Map.groupBy(flows, (flow) => [flow.conduit.id, ...keysOf(flow)].join('|'));
  return [...all.values()].filter(({ length }) => length > 1);
}

function endsKey(ends: readonly EndpointRef[]): string {
  return ends.map(nameOf).sort().join(' ');
}

function serviceKey({ protocol, ports, profile }: Flow): string {
  return `${protocol} ${ports.map(({ first, last }) => `${first}-${last}`).join(' ')} ${profile?.name ?? ''}`;
}

/** On what terms it is open; flows on different terms are two flows. */
function termsKey({ requiresSession, audit, limits, essential }: Flow): string {
  return JSON.stringify([requiresSession, audit?.until, audit?.malformed, limits, essential]);
}
