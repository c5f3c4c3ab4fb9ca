import type { Check } from '../check.ts';

export const islandMissing: Check = {
  code: 'E-502',
  severity: 'error',
  clause: '62443-3-3 SR 5.2 RE2',
  title: 'A site with a zone of SL-T 3 or above has an island mode.',
  run: ({ zones, modes, metadata }) => {
    const zone = zones.find(({ slT }) => slT.level >= 3);
    if (zone === undefined || modes.some(({ name }) => name === 'island')) return [];
    return [
      {
        at: zone.slT.at,
        about: zone.id,
        message: `Zone ${zone.id} of ${metadata.site} has SL-T ${zone.slT.level}, but there is no island mode.`,
        hint: 'Add `modes: {island: {keep: […]}}` with what must go on when the site is cut off.',
      },
    ];
  },
};

/** A replaced profile on a flow that is cut or not inspected would be a promise nothing keeps. */
export const modeProfileUnused: Check = {
  code: 'E-507',
  severity: 'error',
  clause: '62443-3-3 SR 5.2 RE2',
  title: 'A mode replaces profiles only on inspected flows it keeps.',
  run: ({ modes }) =>
    modes.flatMap(({ name, keep, profiles }) => {
      const kept = new Set(keep);
      return profiles
        .filter(({ flow }) => flow.profile === undefined || !kept.has(flow))
        .map(({ flow, at }) => ({
          at,
          about: name,
          message: `Mode ${name} gives ${flow.id} a Modbus profile, but ${kept.has(flow) ? 'the flow is not inspected' : 'does not keep the flow'}.`,
          hint: 'Correct the flow, or remove the line.',
        }));
    }),
};
