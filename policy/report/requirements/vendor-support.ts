import type { VendorAccess } from '../../model/access.ts';
import { counted, spanText, stated } from '../words.ts';
import type { SupportTable } from './support.ts';
import type { ZoneView } from './zone-view.ts';

/** What the model lays down for people who come in from outside, and the gateway holds their sessions to. */
export const vendorSupport: SupportTable = {
  '1.1': ({ vendors }) => {
    const people = vendors.flatMap((vendor) => vendor.people);
    const several = people.filter(({ mfa }) => mfa === 'required');
    return {
      by:
        people.length === 0
          ? []
          : [
              `${counted(people.length, 'person', 'people')} of vendors named one by one, ${several.length} with several factors`,
            ],
      open: ['users of the zone’s own devices', ...vendors.flatMap(pinholes)],
    };
  },
  '1.13': (view) => ({
    by: [...outsideFlows(view), ...view.vendors.map(approvalText)],
    covers: view.vendors.every(({ approval }) => approval !== undefined) ? [1] : [],
    live: view.live('deny-by-default'),
    open: [
      ...view.bypasses,
      ...(view.vendors.length === 0 ? ['ways in that are not in the model'] : view.vendors.flatMap(pinholes)),
    ],
  }),
  '2.6': ({ vendors }) => ({
    by: vendors
      .filter(({ limits }) => limits.idle > 0 || limits.maxDuration > 0)
      .map(
        ({ id, limits }) =>
          `${id}: ends ${[limits.idle > 0 ? `after ${spanText(limits.idle)} idle` : '', limits.maxDuration > 0 ? `after ${spanText(limits.maxDuration)}` : ''].filter((text) => text !== '').join(' or ')}`,
      ),
    open: vendors.length === 0 ? [] : [OwnSessions],
  }),
  '2.7': ({ vendors }) => ({
    by: vendors
      .filter(({ limits }) => limits.concurrent > 0)
      .map(({ id, limits }) => `${id}: ${counted(limits.concurrent, 'session')} at a time`),
    open: vendors.length === 0 ? [] : [OwnSessions],
  }),
};

function outsideFlows({ gateways, flowsIn, zone }: ZoneView): readonly string[] {
  if (gateways.length === 0 || zone.kind === 'external') return [];
  const outside = flowsIn.filter(({ conduit }) => conduit.from.kind === 'external');
  return outside.length === 0
    ? ['no flow leads into the zone from an external one']
    : [`from external zones only ${outside.map(({ id }) => id).join(', ')}`];
}

function approvalText({ id, approval }: VendorAccess): string {
  if (approval === undefined) return `${id} comes in without an approval being stated`;
  const second = approval.second === '' ? '' : ` and ${approval.second}`;
  return `${id} needs the approval of ${stated(approval.role)}${second}`;
}

/** A flow that a session opens is open to everybody at its sources: who it is, the gateway does not see. */
function pinholes({ id, opens }: VendorAccess): readonly string[] {
  return opens.map(({ flow }) => {
    const hosts = flow.sources
      .map((end) => (end.kind === 'asset' ? end.asset.name : end.zone.id))
      .join(' and ');
    return `a session of ${id} opens ${flow.id} to everybody at ${hosts}`;
  });
}

const OwnSessions = 'sessions on the zone’s own devices';
