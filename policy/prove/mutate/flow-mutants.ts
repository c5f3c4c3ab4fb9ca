import type { Conduit, EndpointRef, Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Mutant } from './mutant.ts';

/** Flows and conduits, each rule of theirs dropped or widened in turn. */
export function flowMutants({ flows, conduits }: ZoneModel, now: number): readonly Mutant[] {
  return [...flows.flatMap((flow) => mutantsOf(flow, now)), ...conduits.flatMap(conduitMutants)];
}

function mutantsOf(flow: Flow, now: number): readonly Mutant[] {
  const { at, id, sources, destinations, ports, protocol, profile, audit } = flow;
  const of = (what: string, change: (flow: Flow) => Flow | undefined): Mutant => ({
    at,
    about: id,
    what: `${id} ${what}`,
    // Flows are rewritten with their conduit and profile, so they are known by their id.
    change: { flow: (each) => (each.id === id ? change(each) : each) },
  });
  return [
    of('dropped', () => undefined),
    ...endMutants(sources).map(({ what, ends }) =>
      of(`${what[0]} source ${what[1]}`, (each) => ({ ...each, sources: ends })),
    ),
    // An inspected flow cannot lead to a whole zone.
    ...endMutants(destinations, profile !== undefined).map(({ what, ends }) =>
      of(`${what[0]} destination ${what[1]}`, (each) => ({ ...each, destinations: ends })),
    ),
    ...(protocol === 'icmp-echo'
      ? []
      : [
          of('with one port more', (each) => ({ ...each, ports: [...each.ports, nextPort(each)] })),
          ...(ports.some(({ first, last }) => first === 1 && last === LastPort)
            ? []
            : [of('with every port', (each) => ({ ...each, ports: [{ first: 1, last: LastPort }] }))]),
        ]),
    ...(profile === undefined
      ? []
      : [of('without inspection', (each) => ({ ...each, profile: undefined, audit: undefined }))]),
    ...(profile === undefined || audit !== undefined
      ? []
      : [
          of('in an audit stage', (each) => ({
            ...each,
            audit: { at, until: now + Year, malformed: false, undeclared: false },
          })),
        ]),
    ...(flow.requiresSession
      ? [of('without needing a session', (each) => ({ ...each, requiresSession: false }))]
      : []),
  ];
}

/** Each end left out where there are several, and each asset widened to its zone. */
function endMutants(
  ends: readonly EndpointRef[],
  isFixed = false,
): readonly { readonly what: readonly [string, string]; readonly ends: readonly EndpointRef[] }[] {
  const fewer = ends.length < 2 ? [] : ends;
  const wider = isFixed ? [] : ends;
  return [
    ...fewer.map((end) => ({
      what: ['without its', nameOf(end)] as const,
      ends: ends.filter((each) => each !== end),
    })),
    ...wider.flatMap((end) =>
      end.kind === 'zone'
        ? []
        : [
            {
              what: ['with all of its zone for its', nameOf(end)] as const,
              ends: [
                ...ends.filter((each) => each !== end),
                { kind: 'zone', zone: end.asset.zone, at: end.at } as const,
              ],
            },
          ],
    ),
  ];
}

function conduitMutants(conduit: Conduit): readonly Mutant[] {
  const { at, id, oneWay, schedule, temporary, audit } = conduit;
  const of = (what: string, rest: Partial<Conduit>): Mutant => ({
    at,
    about: id,
    what: `${id} ${what}`,
    change: { conduit: (each) => (each === conduit ? { ...each, ...rest } : each) },
  });
  return [
    ...(oneWay ? [of('without being one-way', { oneWay: false })] : []),
    ...(schedule === undefined ? [] : [of('without its schedule', { schedule: undefined })]),
    ...(temporary === undefined ? [] : [of('without its end', { temporary: undefined })]),
    ...(audit?.undeclared === true ? [of('without its audit stage', { audit: undefined })] : []),
  ];
}

function nextPort({ ports }: Flow): { readonly first: number; readonly last: number } {
  const last = Math.max(...ports.map((range) => range.last));
  const port = last < LastPort ? last + 1 : Math.min(...ports.map((range) => range.first)) - 1;
  return { first: Math.max(1, port), last: Math.max(1, port) };
}

function nameOf(end: EndpointRef): string {
  return end.kind === 'asset' ? end.asset.name : end.zone.id;
}

const LastPort = 65_535;
const Year = 365 * 24 * 3_600_000;
