import type { ModbusProfile } from '../../rules/modbus/profile.ts';
import {
  limitTexts,
  permissionCells,
  permissionLimits,
  refusalText,
} from '../../rules/modbus/text/permission-text.ts';
import type { Permission, Profile, ZoneModel } from '../model/zone-model.ts';
import type { Fact } from './facts.ts';
import { factOf } from './facts-zones.ts';
import { setText } from './words.ts';

/** What holds a Modbus profile in bounds beyond which requests it permits: pace, steps, interlocks, aliases. */
export function profileFacts({ profiles }: ZoneModel): readonly Fact[] {
  return profiles.filter(({ preset }) => preset === undefined).flatMap(factsOfProfile);
}

function factsOfProfile(profile: Profile): readonly Fact[] {
  const { name, permissions, at } = profile;
  return [
    ...boundsOf(profile, at),
    ...permissions
      .filter((permission) => permission.id.startsWith(`${name}/`))
      .flatMap((one) => guardsOf(one, name)),
  ];
}

/** What holds for a profile as a whole. */
export function boundsOf(
  { name, limits, aliases, refusal }: Omit<ModbusProfile, 'permissions'>,
  at: Fact['at'],
): readonly Fact[] {
  const fact = factOf(`profile ${name}`, at);
  const coils = aliases.map(
    ({ coil, register, bit }) => `coil ${coil} is bit ${bit} of register ${register}`,
  );
  return [
    { ...fact('limits', 'limits', limitTexts(limits).join(', ')), effect: 'guard' },
    { ...fact('permissions', 'aliases', setText(coils)), effect: 'guard' },
    fact('permissions', 'a refusal', refusalText(refusal)),
  ];
}

/** By what it is about and not by its place, which moves as soon as a line comes in above it. */
function guardsOf(permission: Permission, profile: string): readonly Fact[] {
  const [, functions = '', units = '', places = '', name = ''] = permissionCells(permission);
  const named = name === '' ? '' : ` "${name}"`;
  // What may be asked and written is access, and told as such.
  const guards = permissionLimits({
    ...permission,
    values: [],
    maxQuantity: 0,
    maxBytes: 0,
    subFunctions: [],
    mei: [],
    readAddresses: [],
    functions: [],
  });
  const what = `${functions} ${places}, ${units}${named}`.replace(/\s+/g, ' ').trim();
  const fact = factOf(`profile ${profile}`, permission.at);
  return [{ ...fact('permissions', what, guards.join('; ')), effect: 'guard' }];
}
