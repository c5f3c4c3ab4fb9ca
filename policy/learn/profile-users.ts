import type { EndpointRef, Profile, ZoneModel } from '../model/zone-model.ts';

/** Who may say what a profile permits. */
export interface ProfileUsers {
  /** `scada-1 → plc-dosing`, for each two of them. */
  readonly names: readonly string[];
  /** Whether these are one client and one server: of a zone nobody knows how many may come. */
  readonly areTwo: boolean;
}

/** Everybody who may say what a profile permits, by itself or by one that extends it, in any mode. */
export function profileUsers(model: ZoneModel, profile: Profile): ProfileUsers {
  const names = new Set<string>();
  let hasZone = false;
  const uses = (one: Profile | undefined): boolean =>
    one !== undefined && isOrExtends(model, one, profile.name);
  for (const { id, profile: own, sources, destinations } of model.flows) {
    const inModes = model.modes.flatMap(({ profiles }) => profiles.filter(({ flow }) => flow.id === id));
    if (![own, ...inModes.map((mode) => mode.profile)].some(uses)) continue;
    hasZone ||= [...sources, ...destinations].some(({ kind }) => kind === 'zone');
    for (const source of sources) {
      for (const destination of destinations) names.add(`${nameOf(source)} → ${nameOf(destination)}`);
    }
  }
  for (const { id, targets } of model.vendors) {
    for (const target of targets) if (uses(target.profile)) names.add(`vendor ${id} → ${target.asset.name}`);
  }
  return { names: [...names], areTwo: names.size === 1 && !hasZone };
}

/** Why nothing may be added to a profile; undefined where it is one client's and one server's alone. */
export function whyNotProfile(profile: Profile, { names, areTwo }: ProfileUsers): string | undefined {
  if (profile.preset !== undefined)
    return `The flow has the preset ${profile.preset}, which no line of the model lists: give it a profile of its own first.`;
  if (areTwo) return undefined;
  const others =
    names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return `The profile ${profile.name} is for ${others}: what is added to it they may all say. Give the flow a profile of its own first.`;
}

function isOrExtends(model: ZoneModel, profile: Profile, name: string): boolean {
  if (profile.name === name) return true;
  const base = model.profiles.find((one) => one.name === profile.extends && one !== profile);
  return base !== undefined && isOrExtends(model, base, name);
}

function nameOf(end: EndpointRef): string {
  return end.kind === 'asset' ? end.asset.name : `each of zone ${end.zone.id}`;
}
