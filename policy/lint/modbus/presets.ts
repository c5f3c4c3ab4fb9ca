import type { Place } from '../../finding.ts';
import type { Flow, Profile, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';
import { writingFunction } from './terms.ts';

/** A preset on a flow has no addresses: as a permission it can be given some. */
export const writingPreset: Check = {
  code: 'M-322',
  severity: 'warning',
  clause: '62443-3-3 SR 2.1',
  title: 'No flow may write everywhere in a device.',
  run: (model) =>
    named(model)
      .filter(({ profile }) => profile.permissions.some((one) => writingFunction(one) !== undefined))
      .map(({ flow, profile, at }) => ({
        at,
        about: flow.id,
        message: `${flow.id} may write every address of ${flow.destinations.map(nameOf).join(' and ')}: \`${profile.preset}\` limits functions, not addresses or values.`,
        hint: `Make a profile with \`{fc: ${profile.preset}, units: …, address: …}\`.`,
      })),
};

interface Named {
  readonly flow: Flow;
  readonly profile: Profile;
  readonly at: Place;
}

/** Where presets stand: on flows, and where a mode puts them. */
function named({ flows, modes }: ZoneModel): readonly Named[] {
  return [
    ...flows.flatMap((flow) =>
      flow.profile === undefined ? [] : [{ flow, profile: flow.profile, at: flow.at }],
    ),
    ...modes.flatMap(({ profiles }) => profiles),
  ].filter(({ profile }) => profile.preset !== undefined);
}
