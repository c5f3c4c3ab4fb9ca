import type { Mode } from '../../model/access.ts';
import type { Invariant } from '../../model/claims.ts';
import type { Conduit, Flow, Permission, Profile, ZoneModel } from '../../model/zone-model.ts';

/** What is changed in a model; undefined in place of something takes it out. */
export interface Change {
  readonly flow?: (flow: Flow) => Flow | undefined;
  readonly conduit?: (conduit: Conduit) => Conduit;
  readonly permission?: (permission: Permission) => Permission | undefined;
  readonly profile?: (profile: Profile) => Profile;
  readonly mode?: (mode: Mode) => Mode;
}

/** The model with a change in every place that speaks of what is changed; everything else is shared with it. */
export function rewrite(model: ZoneModel, change: Change): ZoneModel {
  const conduits = changed(model.conduits, change.conduit);
  const profiles = changed(model.profiles, (profile) => rewriteProfile(profile, change));
  const profileOf = (profile: Profile) => profiles.get(profile) ?? rewriteProfile(profile, change);
  const flows = new Map(
    model.flows.map((flow) => {
      const conduit = conduits.get(flow.conduit) ?? flow.conduit;
      const profile = flow.profile && profileOf(flow.profile);
      const isSame = conduit === flow.conduit && profile === flow.profile;
      const moved = isSame ? flow : { ...flow, conduit, profile };
      return [flow, change.flow === undefined ? moved : change.flow(moved)] as const;
    }),
  );
  // A flow that is gone is gone from wherever it was named.
  const kept = (list: readonly Flow[]) => list.flatMap((flow) => flows.get(flow) ?? []);
  const vendors = new Map(
    model.vendors.map((vendor) => [
      vendor,
      {
        ...vendor,
        opens: vendor.opens.flatMap((ref) => kept([ref.flow]).map((flow) => ({ ...ref, flow }))),
        targets: vendor.targets.map((target) => ({
          ...target,
          profile: target.profile && profileOf(target.profile),
        })),
      },
    ]),
  );
  const modes = model.modes.map((mode) => ({
    ...mode,
    keep: kept(mode.keep),
    recover: kept(mode.recover),
    profiles: mode.profiles.flatMap((each) =>
      kept([each.flow]).map((flow) => ({ ...each, flow, profile: profileOf(each.profile) })),
    ),
  }));
  return {
    ...model,
    conduits: [...conduits.values()],
    profiles: [...profiles.values()],
    flows: kept(model.flows),
    essentialFlows: model.essentialFlows.flatMap((ref) => kept([ref.flow]).map((flow) => ({ ...ref, flow }))),
    vendors: [...vendors.values()],
    modes: change.mode === undefined ? modes : modes.map(change.mode),
    tests: model.tests.map((test) => ({ ...test, by: test.by && flows.get(test.by) })),
    invariants: model.invariants.map((invariant): Invariant => {
      if (invariant.kind !== 'only') return invariant;
      const named = invariant.vendors.flatMap((vendor) => vendors.get(vendor) ?? []);
      return { ...invariant, allow: kept(invariant.allow), vendors: named };
    }),
  };
}

function rewriteProfile(profile: Profile, change: Change): Profile {
  const { permission } = change;
  const rewritten =
    permission === undefined
      ? profile
      : { ...profile, permissions: profile.permissions.flatMap((each) => permission(each) ?? []) };
  return change.profile === undefined ? rewritten : change.profile(rewritten);
}

/** Each as it was, and as it is now. */
function changed<T>(all: readonly T[], change: ((one: T) => T) | undefined): ReadonlyMap<T, T> {
  return new Map(all.map((one) => [one, change === undefined ? one : change(one)]));
}
