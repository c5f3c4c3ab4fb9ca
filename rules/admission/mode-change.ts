import {
  DeviceIdentification,
  EncapsulatedTransport,
  functionCode,
} from '../modbus/message/function-code.ts';
import type { ModbusPermission, ModbusProfile } from '../modbus/profile.ts';
import type { Policy } from '../policy.ts';
import { type ModeState, type ModeTerms, modeTerms, NormalMode } from './mode.ts';
import { vendorTargets } from './vendor-targets.ts';

/**
 * Whether a change of mode lets something pass that did not. A profile in place of another opens something unless
 * it lets nothing be written: of two that write, nobody compares the values here.
 */
export function opensSomething(policy: Policy, from: ModeState, to: ModeState): boolean {
  const [before, after] = [modeTerms(policy.modes, from), modeTerms(policy.modes, to)];
  if (after === undefined) return false;
  const profiles = new Map(policy.profiles.map((profile) => [profile.name, profile]));
  return [...policy.flows, ...vendorTargets(policy)].some((flow) => {
    if (after.cuts(flow.id)) return false;
    if (before === undefined || before.cuts(flow.id)) return true;
    const [was, is] = [profileIn(before, flow), profileIn(after, flow)];
    return was !== is && !readsOnly(profiles.get(is));
  });
}

/** The mode that keeps the fewest flows: what a box takes that cannot know which one held. */
export function strictestMode(policy: Policy): string {
  const kept = policy.modes.filter(({ keepsAll }) => !keepsAll);
  return kept.toSorted((one, other) => one.keep.length - other.keep.length)[0]?.name ?? NormalMode;
}

function profileIn(terms: ModeTerms, flow: { readonly id: string; readonly profile: string }): string {
  return terms.profileOf(flow.id) ?? flow.profile;
}

function readsOnly(profile: ModbusProfile | undefined): boolean {
  return profile?.permissions.every(isRead) ?? false;
}

function isRead({ functions, mei }: ModbusPermission): boolean {
  return functions.every((code) =>
    code === EncapsulatedTransport
      ? mei.every((type) => type === DeviceIdentification)
      : functionCode(code)?.access === 'read',
  );
}
