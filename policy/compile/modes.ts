import type { FlowRule, ModeRule } from '../../rules/policy.ts';
import type { ZoneModel } from '../model/zone-model.ts';

/** The modes, with the flows of this box only. */
export function compileModes(model: ZoneModel, flows: readonly FlowRule[]): readonly ModeRule[] {
  const here = new Set(flows.map(({ id }) => id));
  return model.modes.map(({ name, keepsAll, keep, recover, profiles }) => ({
    name,
    keep: keepsAll ? [] : keep.map(({ id }) => id).filter((id) => here.has(id)),
    keepsAll,
    recover: recover.map(({ id }) => id).filter((id) => here.has(id)),
    profiles: profiles
      .filter(({ flow }) => here.has(flow.id))
      .map(({ flow, profile }) => ({ flow: flow.id, profile: profile.name })),
  }));
}
