import type { Conduit, Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';
import { writingFunction } from '../modbus/terms.ts';
import { isHistorian } from '../zones/asset-types.ts';

/** Business and control meet in the DMZ and nowhere else. */
export const pastTheDmz: Check = {
  code: 'C-201',
  severity: 'error',
  clause: '62443-3-3 SR 5.1 RE2',
  title: 'Nothing leads from business past the DMZ into control.',
  run: (model) =>
    crossings(model)
      .filter(({ flows }) => !flows.every(onlyReads))
      .map(({ conduit }) => ({
        at: conduit.at,
        about: conduit.id,
        message: `${conduit.id} joins ${conduit.from.id} and ${conduit.to.id} without a DMZ between them.`,
        hint: 'Let the data stand in a DMZ, written by one side and read by the other.',
      })),
};

/** The gateway ends each connection and lets only reads through; still there is no third place. */
export const readsPastTheDmz: Check = {
  code: 'C-201',
  severity: 'warning',
  clause: '62443-3-3 SR 5.1 RE2',
  title: 'Not even inspected reads lead from business past the DMZ into control.',
  run: (model) =>
    crossings(model)
      .filter(({ flows }) => flows.length > 0 && flows.every(onlyReads))
      .map(({ conduit }) => ({
        at: conduit.at,
        about: conduit.id,
        message: `${conduit.id} lets ${conduit.from.id} read in ${conduit.to.id} without a DMZ between them; every request is inspected and none writes.`,
        hint: 'Let the data stand in a DMZ, or waive this with the reason why not yet.',
      })),
};

/** The named case: reports that ask the historian of the plant itself. */
export const historianFromBusiness: Check = {
  code: 'C-202',
  severity: 'error',
  clause: '62443-3-3 SR 5.1 RE2',
  title: 'Business asks a replica, never the historian of the plant.',
  run: ({ flows }) =>
    flows
      .filter(({ conduit: { from, to } }) => from.kind === 'enterprise' && to.kind === 'control')
      .flatMap((flow) =>
        flow.destinations.flatMap((end) =>
          end.kind === 'asset' && isHistorian(end.asset.type)
            ? [
                {
                  at: end.at,
                  about: flow.id,
                  message: `${flow.id} lets ${flow.sources.map(nameOf).join(' and ')} ask the historian ${end.asset.name} in ${end.asset.zone.id}.`,
                  hint: 'Keep a replica in the DMZ that the historian pushes to.',
                },
              ]
            : [],
        ),
      ),
};

/** Who reaches a safety system is somebody with a name. */
export const unnamedIntoSafety: Check = {
  code: 'C-203',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.3',
  title: 'Flows into a safety zone name both ends.',
  run: ({ flows }) =>
    flows
      .filter(({ conduit }) => conduit.to.kind === 'safety')
      .flatMap((flow) =>
        [...flow.sources, ...flow.destinations]
          .filter(({ kind }) => kind === 'zone')
          .map((end) => ({
            at: end.at,
            about: flow.id,
            message: `${flow.id} leads into the safety zone ${flow.conduit.to.id} and names the whole of ${nameOf(end)}.`,
            hint: 'Name the assets.',
          })),
      ),
};

/** What control may send to the world, malware in it may send as well. */
export const controlToInternet: Check = {
  code: 'C-216',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'Nothing leads from control to the outside.',
  run: ({ conduits }) =>
    conduits
      .filter(({ from, to }) => (from.kind === 'control' || from.kind === 'safety') && to.kind === 'external')
      .map(({ id, from, to, at }) => ({
        at,
        about: id,
        message: `${id} leads from ${from.id} to ${to.id}, which is outside the site.`,
        hint: 'Lead it through a relay in the DMZ.',
      })),
};

/** Whoever takes the lower zone opens connections in the higher one. */
export const upwards: Check = {
  code: 'C-209',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2',
  title: 'Connections are opened from the higher target to the lower.',
  run: ({ flows }, { now }) =>
    flows
      .filter(
        ({ conduit: { from, to, temporary }, profile, requiresSession, protocol }) =>
          from.slT.level < to.slT.level &&
          (temporary === undefined || temporary.expires > now) &&
          to.kind !== 'dmz' &&
          profile === undefined &&
          !requiresSession &&
          protocol !== 'icmp-echo',
      )
      .map(({ id, conduit: { from, to }, at }) => ({
        at,
        about: id,
        message: `${id} is opened from ${from.id}, SL-T ${from.slT.level}, into ${to.id}, SL-T ${to.slT.level}, and is not inspected.`,
        hint: 'Let the higher side open it, inspect it, or say `requires: session`.',
      })),
};

function crossings({ conduits, flows }: ZoneModel): readonly { conduit: Conduit; flows: readonly Flow[] }[] {
  const byConduit = Map.groupBy(flows, ({ conduit }) => conduit);
  return conduits
    .filter(
      ({ from, to }) =>
        (from.kind === 'enterprise' || from.kind === 'external') &&
        (to.kind === 'control' || to.kind === 'safety'),
    )
    .map((conduit) => ({ conduit, flows: byConduit.get(conduit) ?? [] }));
}

function onlyReads({ profile, protocol }: Flow): boolean {
  if (protocol === 'icmp-echo') return true;
  return profile?.permissions.every((permission) => writingFunction(permission) === undefined) ?? false;
}
