import { formatDay } from '../../model/instant.ts';
import type { Asset, EndpointRef, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';

/** What cannot be mended must be kept from harm in another way. */
export const unpatchableUnprotected: Check = {
  code: 'R-708',
  severity: 'warning',
  clause: '62443-2-3',
  title: 'What cannot be patched has something in its place.',
  run: ({ assets }) =>
    assets
      .filter((asset) => isInUse(asset) && !asset.patchable && asset.compensating === '')
      .map(({ name, at }) => ({
        at,
        about: name,
        message: `${name} cannot be patched, and nothing compensates.`,
        hint: 'Add `compensating:` with what stands in, such as the rules of its conduit.',
      })),
};

/** Leftovers: the next device with that address has its permissions. */
export const decommissionedInUse: Check = {
  code: 'R-710',
  severity: 'info',
  clause: '62443-3-3 SR 7.7',
  title: 'Nothing refers to an asset that is taken out of use.',
  run: (model) =>
    referencesOf(model).flatMap(({ end, where, about }): readonly Problem[] =>
      end.kind === 'zone' || isInUse(end.asset)
        ? []
        : [
            {
              at: end.at,
              about,
              message: `${where} names ${end.asset.name}, which is taken out of use.`,
              hint: 'Take it out there, and remove the asset.',
            },
          ],
    ),
};

export const deferralOverdue: Check = {
  code: 'R-712',
  severity: 'warning',
  clause: '62443-2-3',
  title: 'Deferred patches are looked at again when that was due.',
  run: ({ assets }, { now }) =>
    assets.flatMap(({ name, deferral }) =>
      deferral === undefined || deferral.review > now
        ? []
        : [
            {
              at: deferral.at,
              about: name,
              message: `Whether ${name} can be patched was to be looked at again ${formatDay(deferral.review)}.`,
              hint: 'Patch it, or decide anew and set `review:`.',
            },
          ],
    ),
};

/** Somebody decided it, once; the register says who and why. */
export const unpatchableUnexplained: Check = {
  code: 'R-715',
  severity: 'info',
  clause: '62443-2-3',
  title: 'What is not patched stands in the register of deferrals.',
  run: ({ assets }) =>
    assets
      .filter((asset) => isInUse(asset) && !asset.patchable && asset.deferral === undefined)
      .map(({ name, at }) => ({
        at,
        about: name,
        message: `Nothing says who decided that ${name} is not patched, and until when.`,
        hint: 'Add `deferral: {reason: …, approver: …, since: …, review: …}`.',
      })),
};

interface Reference {
  readonly end: EndpointRef;
  readonly where: string;
  readonly about: string;
}

function referencesOf({ flows, gateways, vendors }: ZoneModel): readonly Reference[] {
  return [
    ...flows.flatMap(({ id, sources, destinations }) =>
      [...sources, ...destinations].map((end) => ({ end, where: id, about: id })),
    ),
    ...gateways.flatMap(({ name, services, egress }) =>
      [...services.flatMap(({ from }) => from), ...egress.flatMap(({ to }) => to)].map((end) => ({
        end,
        where: name,
        about: name,
      })),
    ),
    ...vendors.flatMap(({ id, entry, targets }) => [
      ...targets.map(({ asset, at }) => ({
        end: { kind: 'asset', asset, at } as const,
        where: id,
        about: id,
      })),
      ...(entry.asset === undefined
        ? []
        : [{ end: { kind: 'asset', asset: entry.asset, at: entry.at } as const, where: id, about: id }]),
    ]),
  ];
}

function isInUse({ decommissioned }: Asset): boolean {
  return decommissioned === undefined;
}
