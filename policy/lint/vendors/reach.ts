import type { VendorAccess, VendorTarget } from '../../model/access.ts';
import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';

/** The highest SL-T of what a vendor can reach. */
export function highestTarget({ entry, opens, targets }: VendorAccess): number {
  return Math.max(
    entry.zone.slT.level,
    ...opens.map(({ flow }) => flow.conduit.to.slT.level),
    ...targets.map(({ asset }) => asset.zone.slT.level),
  );
}

/** The jump host is where a session can be seen, and ended. */
export const entryOutsideDmz: Check = {
  code: 'V-402',
  severity: 'error',
  clause: '62443-3-3 SR 1.13',
  title: 'Vendors come in through the DMZ.',
  run: ({ vendors }) =>
    vendors
      .filter(({ external, entry }) => external && entry.zone.kind !== 'dmz')
      .map(({ id, entry }) => ({
        at: entry.at,
        about: id,
        message: `${id} comes in at ${entry.zone.id}, a zone of kind ${entry.zone.kind}.`,
        hint: 'Let it come in at a jump host in a zone of kind dmz.',
      })),
};

export const entryWithoutHost: Check = {
  code: 'V-402',
  severity: 'warning',
  clause: '62443-3-3 SR 1.13',
  title: 'Vendors come in at one named host.',
  run: ({ vendors }) =>
    vendors
      .filter(({ external, entry }) => external && entry.asset === undefined)
      .map(({ id, entry }) => ({
        at: entry.at,
        about: id,
        message: `${id} may come in at any host of ${entry.zone.id}.`,
        hint: 'Add `asset:` with the jump host.',
      })),
};

/** Past the carrier of the gateway nothing is recorded and nothing inspected. */
export const notRecorded: Check = {
  code: 'V-410',
  severity: 'warning',
  clause: '62443-3-3 SR 2.8',
  title: 'What vendors do is recorded.',
  run: ({ vendors }) =>
    vendors.flatMap((vendor) => [
      ...(vendor.record.includes('session')
        ? []
        : [
            {
              at: vendor.at,
              about: vendor.id,
              message: `Nothing records the sessions of ${vendor.id}.`,
              hint: 'Add `record: [session, bytes, modbus]`.',
            },
          ]),
      ...vendor.opens.map(({ flow, at }) => ({
        at,
        about: vendor.id,
        message: `What ${vendor.id} does on ${flow.id} the gateway cannot record: the flow leads past it from ${flow.sources.map(nameOf).join(' and ')}.`,
        hint: 'Use `targets:`, which end on the gateway, or waive this where the host itself records.',
      })),
    ]),
};

/** A target without a profile where Modbus is spoken is the whole controller. */
export const targetNotInspected: Check = {
  code: 'V-413',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'Modbus targets of vendors have a profile.',
  run: ({ vendors, flows }) => {
    const inspected = flows.filter(({ profile }) => profile !== undefined);
    // Where the plant itself speaks Modbus to it, whatever the port.
    const speaks = ({ asset, port }: VendorTarget): boolean =>
      port === ModbusPort ||
      inspected.some(
        ({ destinations, ports }) =>
          destinations.some((end) => end.kind === 'asset' && end.asset === asset) &&
          ports.some(({ first, last }) => first <= port && port <= last),
      );
    return vendors.flatMap((vendor) =>
      vendor.targets
        .filter((target) => target.profile === undefined && speaks(target))
        .map(({ asset, port, at }) => ({
          at,
          about: vendor.id,
          message: `${vendor.id} may say anything to ${asset.name} on port ${port}.`,
          hint: 'Add `modbus:` with the profile of what may be said.',
        })),
    );
  },
};

/** Access to nothing is a door with a name on it. */
export const reachesNothing: Check = {
  code: 'V-415',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'Vendor access leads somewhere.',
  run: ({ vendors }) =>
    vendors
      .filter(({ opens, targets }) => opens.length === 0 && targets.length === 0)
      .map(({ id, at }) => ({
        at,
        about: id,
        message: `${id} may come in, and reaches nothing.`,
        hint: 'Add its `targets:`, or remove the entry.',
      })),
};

const ModbusPort = 502;
