import { isHost } from '../../../rules/address.ts';
import type { Severity } from '../../finding.ts';
import type { EndpointRef, Flow } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { knownPrefix, nameOf, prefixesOf } from '../endpoint.ts';

/** Every port is a service nobody has thought of. */
export const everyPort: Check = {
  code: 'C-204',
  severity: 'error',
  clause: '62443-3-3 SR 7.7',
  title: 'No flow opens every port.',
  run: ({ flows }) => flows.filter((flow) => portCount(flow) >= AllPorts).map(describePorts),
};

export const manyPorts: Check = {
  code: 'C-204',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'No flow opens a thousand ports.',
  run: ({ flows }) =>
    flows.filter((flow) => portCount(flow) >= ManyPorts && portCount(flow) < AllPorts).map(describePorts),
};

/** In a wide range there is always one host more than somebody thought of. */
export const wideIntoHigh: Check = widthCheck(
  'error',
  'Into SL-T 3 or above no end of a flow is wider than sixteen addresses.',
  (level) => level >= 3,
);

export const wideIntoLow: Check = widthCheck(
  'warning',
  'No end of a flow is wider than sixteen addresses.',
  (level) => level < 3,
);

/** Two zones joined by whole zones at both ends are nearly one zone. */
export const zoneToZone: Check = {
  code: 'C-232',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'No flow leads from a whole zone to a whole zone.',
  run: ({ flows }) =>
    flows
      .filter((flow) =>
        [flow.sources, flow.destinations].every((ends) => ends.some(({ kind }) => kind === 'zone')),
      )
      .map(({ id, conduit: { from, to }, at }) => ({
        at,
        about: id,
        message: `${id} leads from everything in ${from.id} to everything in ${to.id}.`,
        hint: 'Name the assets at one end at least.',
      })),
};

const ManyPorts = 1000;
/** Somebody who leaves out the well-known ports means all the same. */
const AllPorts = 64_000;
const WidestIpv4 = 28;
const WidestIpv6 = 124;

function widthCheck(severity: Severity, title: string, concerns: (level: number) => boolean): Check {
  return {
    code: 'C-204',
    severity,
    clause: '62443-3-3 SR 5.2 RE1',
    title,
    run: ({ flows }) =>
      flows
        .filter(({ conduit }) => concerns(conduit.to.slT.level))
        .flatMap((flow) => [...flow.sources, ...flow.destinations].flatMap((end) => wideEnd(flow, end))),
  };
}

function wideEnd(flow: Flow, end: EndpointRef): readonly Problem[] {
  if (end.kind === 'asset') return [];
  const wide = prefixesOf(end).find(isWide);
  if (wide === undefined) return [];
  return [
    {
      at: end.at,
      about: flow.id,
      message: `${flow.id} into ${flow.conduit.to.id}, SL-T ${flow.conduit.to.slT.level}, names all of ${nameOf(end)}, ${wide}.`,
      hint: 'Name the assets.',
    },
  ];
}

function isWide(text: string): boolean {
  const prefix = knownPrefix(text);
  if (isHost(prefix)) return false;
  return prefix.length < (prefix.family === 4 ? WidestIpv4 : WidestIpv6);
}

function portCount({ ports }: Flow): number {
  return ports.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function describePorts(flow: Flow): Problem {
  return {
    at: flow.at,
    about: flow.id,
    message: `${flow.id} opens ${portCount(flow)} ${flow.protocol} ports into ${flow.conduit.to.id}.`,
    hint: 'Name the ports of the service; most can be set to one.',
  };
}
