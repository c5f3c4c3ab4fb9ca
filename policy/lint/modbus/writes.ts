import type { Flow, Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';
import { isLimited } from './guard-limits.ts';
import { profileNameOf, writesRegisters, writingFunction } from './terms.ts';

/** Nothing outside may change what a safety system does. */
export const writeIntoSafety: Check = {
  code: 'M-302',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.3',
  title: 'No profile into a safety zone permits a write.',
  run: ({ flows }) =>
    flows
      .filter(({ conduit }) => conduit.to.kind === 'safety')
      .flatMap((flow) =>
        writesOf(flow).map((permission) => ({
          at: permission.at,
          about: flow.id,
          message: `Function code ${writingFunction(permission)} writes, and ${flow.id} leads into the safety zone ${flow.conduit.to.id}.`,
          hint: 'Give the flow a profile that only reads.',
        })),
      ),
};

/** A setpoint that may be anything is no protection where a wrong one does harm. */
export const writeWithoutLimit: Check = {
  code: 'M-304',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Register writes to critical assets have value limits.',
  run: (model) => {
    const targets = criticalTargets(model);
    return [...targets].map(([permission, asset]) => ({
      at: permission.at,
      about: profileNameOf(permission),
      message: `Function code ${permission.functions.find(writesRegisters) ?? 0} may write any value to ${asset}, which is critical.`,
      hint: 'Add `value:` with min and max, or the allowed values.',
    }));
  },
};

/** Whoever takes a writer's IP address must not take its permissions with it. */
export const writerWithoutMac: Check = {
  code: 'M-317',
  severity: 'warning',
  clause: '62443-3-3 SR 1.2',
  title: 'Whoever may write is known by address and MAC address.',
  run: ({ flows }) =>
    flows
      .filter((flow) => writesOf(flow).length > 0)
      .flatMap(({ id, sources }) =>
        sources
          .filter((end) => end.kind === 'zone' || end.asset.mac === '')
          .map((end) => ({
            at: end.at,
            about: id,
            message: `${nameOf(end)} may write on ${id} and is known by its IP address alone.`,
            hint:
              end.kind === 'zone'
                ? 'Name the assets that write, each with its `mac:`.'
                : 'Give the asset its `mac:`, as seen on the wire of the box.',
          })),
      ),
};

/** Each unlimited permission once, however many flows use it, with the first critical asset it reaches. */
function criticalTargets({ flows }: ZoneModel): ReadonlyMap<Permission, string> {
  const found = new Map<Permission, string>();
  for (const flow of flows) {
    const asset = criticalAsset(flow);
    if (asset === undefined) continue;
    // What a preset leaves open is said of the flow that names it.
    if (flow.profile?.preset !== undefined) continue;
    for (const permission of flow.profile?.permissions ?? [])
      if (
        !permission.values.some(isLimited) &&
        permission.functions.some(writesRegisters) &&
        !found.has(permission)
      )
        found.set(permission, asset);
  }
  return found;
}

function criticalAsset({ destinations }: Flow): string | undefined {
  for (const end of destinations)
    if (end.kind === 'asset' && end.asset.criticality === 'critical') return end.asset.name;
  return undefined;
}

function writesOf({ profile }: Flow): readonly Permission[] {
  return (profile?.permissions ?? []).filter((permission) => writingFunction(permission) !== undefined);
}
