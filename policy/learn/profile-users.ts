import type { EndpointRef, Profile, ZoneModel } from '../model/zone-model.ts';

/** Everybody who may say what a profile permits: `scada-1 → plc-dosing`, and who else it is for. */
export function profileUsers(model: ZoneModel, profile: Profile): readonly string[] {
  const users = new Set<string>();
  const uses = (one: Profile | undefined): boolean =>
    one !== undefined && isOrExtends(model, one, profile.name);
  for (const { id, profile: own, sources, destinations } of model.flows) {
    const inModes = model.modes.flatMap(({ profiles }) => profiles.filter(({ flow }) => flow.id === id));
    if (![own, ...inModes.map((mode) => mode.profile)].some(uses)) continue;
    for (const source of sources) {
      for (const destination of destinations) users.add(`${nameOf(source)} → ${nameOf(destination)}`);
    }
  }
  for (const { id, targets } of model.vendors) {
    for (const target of targets) if (uses(target.profile)) users.add(`vendor ${id} → ${target.asset.name}`);
  }
  return [...users];
}

/** Why nothing may be added to a profile; undefined where it is one client's and one server's alone. */
export function whyNotProfile(profile: Profile, users: readonly string[]): string | undefined {
  if (profile.preset !== undefined)
    return `The flow has the preset ${profile.preset}, which no line of the model lists: give it a profile of its own first.`;
  if (users.length === 1) return undefined;
  const others =
    users.length > 3 ? `${users.slice(0, 3).join(', ')} and ${users.length - 3} more` : users.join(', ');
  return `The profile ${profile.name} is for ${others}: what is added to it they may all say. Give the flow a profile of its own first.`;
}

function isOrExtends(model: ZoneModel, profile: Profile, name: string): boolean {
  if (profile.name === name) return true;
  const base = model.profiles.find((one) => one.name === profile.extends && one !== profile);
  return base !== undefined && isOrExtends(model, base, name);
}

/** A whole zone is never one client. */
function nameOf(end: EndpointRef): string {
  return end.kind === 'asset' ? end.asset.name : `each of zone ${end.zone.id}`;
}
