import type { EndpointRef, Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';

/** Who takes one of them away believes that the door is shut. */
export const duplicateFlow: Check = {
  code: 'C-221',
  severity: 'info',
  clause: '62443-3-3 SR 7.7',
  title: 'No two flows of a conduit say the same.',
  run: (model) =>
    sameFlows(model).flatMap(([first, ...others]) =>
      others.map(({ flow: { id, at } }) => ({
        at,
        about: id,
        message: `${id} permits exactly what ${first?.flow.id} (line ${first?.flow.at.line}) permits.`,
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
    const said = new Set<Flow>();
    return [
      ...groups(model, ({ destinations, terms }) => `${destinations}|${terms}`).map((list) => ({
        list,
        key: 'src' as const,
      })),
      ...groups(model, ({ sources, terms }) => `${sources}|${terms}`).map((list) => ({
        list,
        key: 'dst' as const,
      })),
    ].flatMap(({ list: [first, ...others], key }) =>
      others
        .filter((one) => one[Lists[key]] !== first?.[Lists[key]] && one.flow.ticket === first?.flow.ticket)
        .filter(({ flow }) => !said.has(flow))
        .map(({ flow }) => {
          said.add(flow);
          return {
            at: flow.at,
            about: flow.id,
            message: `${flow.id} differs from ${first?.flow.id} (line ${first?.flow.at.line}) in \`${key}\` alone.`,
            hint: `Make them one flow with a list in \`${key}\`, unless they are to be counted apart.`,
          };
        }),
    );
  },
};

/** The later ones of flows that say the same. */
export function duplicatesOf(model: ZoneModel): ReadonlySet<Flow> {
  return new Set(sameFlows(model).flatMap(([, ...others]) => others.map(({ flow }) => flow)));
}

function sameFlows(model: ZoneModel): readonly (readonly Said[])[] {
  return groups(model, ({ sources, destinations, terms }) => `${sources}|${destinations}|${terms}`);
}

const Lists = { src: 'sources', dst: 'destinations' } as const;

/** A flow in words that are equal where it says the same. */
interface Said {
  readonly flow: Flow;
  readonly sources: string;
  readonly destinations: string;
  readonly terms: string;
}

/** Flows of one conduit that say the same in some respect, where there are several. */
function groups({ flows }: ZoneModel, keyOf: (said: Said) => string): readonly (readonly Said[])[] {
  const all = Map.groupBy(flows.map(inWords), (said) => `${said.flow.conduit.id}|${keyOf(said)}`);
  return [...all.values()].filter(({ length }) => length > 1);
}

function inWords(flow: Flow): Said {
  const { sources, destinations, protocol, ports, profile, requiresSession, audit, limits, essential } = flow;
  const service = `${protocol} ${ports.map(({ first, last }) => `${first}-${last}`).join(' ')}`;
  const what = `${service} ${profile?.name ?? ''} ${requiresSession} ${essential} ${audit?.until} ${audit?.malformed}`;
  return {
    flow,
    sources: namesOf(sources),
    destinations: namesOf(destinations),
    terms: limits === undefined ? what : `${what} ${JSON.stringify(limits)}`,
  };
}

function namesOf(ends: readonly EndpointRef[]): string {
  const [only, second] = ends;
  if (only !== undefined && second === undefined) return nameOf(only);
  return ends.map(nameOf).sort().join(' ');
}
