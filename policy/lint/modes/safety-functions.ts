import type { EndpointRef, Flow } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';

/** A safety function must not wait for a gateway that looks into it, nor end when a permission does. */
export const safetyDependsOnGateway: Check = {
  code: 'E-504',
  severity: 'error',
  clause: '62443-3-3 §4.2',
  title: 'No traffic between safety assets is inspected or ends.',
  run: ({ flows }) =>
    flows.flatMap((flow) => {
      const because = obstaclesOf(flow);
      if (because === undefined || !flow.sources.some(isSafety) || !flow.destinations.some(isSafety))
        return [];
      return [
        {
          at: flow.at,
          about: flow.id,
          message: `${flow.id} joins parts of a safety function, and ${because}.`,
          hint: 'Keep a safety function within its own zone, or let it pass plain and at all times.',
        },
      ];
    }),
};

/** Where things can go badly wrong something must keep going. */
export const nothingEssential: Check = {
  code: 'E-510',
  severity: 'warning',
  clause: '62443-3-3 §4.2',
  title: 'A site with a zone of SL-T 3 or above says what is essential.',
  run: ({ essentialFlows, zones, metadata }) => {
    const zone = zones.find(({ kind, slT }) => (kind === 'control' || kind === 'safety') && slT.level >= 3);
    if (zone === undefined || essentialFlows.length > 0) return [];
    return [
      {
        at: zone.at,
        about: metadata.site,
        message: `No flow is essential, though ${zone.id} has SL-T ${zone.slT.level}.`,
        hint: 'Name in `essential_flows` what the process cannot be run without.',
      },
    ];
  },
};

/** Nothing notices that the plant has lost what it cannot do without but a test. */
export const essentialNotTested: Check = {
  code: 'E-511',
  severity: 'warning',
  clause: '62443-3-3 SR 3.3',
  title: 'Every essential flow has a test that it passes.',
  run: ({ essentialFlows, tests }) => {
    const tested = new Set(
      tests.flatMap(({ by, expect }) => (by === undefined || expect === 'deny' ? [] : [by])),
    );
    return essentialFlows
      .filter(({ flow }) => !tested.has(flow))
      .map(({ flow, at }) => ({
        at,
        about: flow.id,
        message: `No test says that the essential flow ${flow.id} passes.`,
        hint: `Add a test with \`expect: allow\` and \`by: ${flow.id}\`.`,
      }));
  },
};

function isSafety(end: EndpointRef): boolean {
  return end.kind === 'asset' && end.asset.sif;
}

function obstaclesOf({ profile, conduit, requiresSession, audit }: Flow): string | undefined {
  if (profile !== undefined) return 'is inspected';
  if (conduit.temporary !== undefined) return 'its conduit is temporary';
  if (conduit.schedule !== undefined) return 'its conduit keeps hours';
  if (requiresSession) return 'opens only with a session';
  return audit === undefined ? undefined : 'stands in audit';
}
