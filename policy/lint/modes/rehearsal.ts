import type { Check } from '../check.ts';
import { joinFew } from '../endpoint.ts';

/** A mode nobody tried is found out in the incident. */
export const modeNotTested: Check = {
  code: 'E-503',
  severity: 'warning',
  clause: '62443-3-3 SR 3.3',
  title: 'Every mode has a test.',
  run: ({ modes, tests }) => {
    const tested = new Set(tests.map(({ given }) => given.mode));
    return modes
      .filter(({ keepsAll, name }) => !keepsAll && !tested.has(name))
      .map(({ name, at }) => ({
        at,
        about: name,
        message: `No test says what passes in mode ${name}.`,
        hint: `Add one that must pass and one that must not, with \`given: {mode: ${name}}\`.`,
      }));
  },
};

/** What is reopened first is decided in quiet, not in the incident. */
export const noRecoveryOrder: Check = {
  code: 'E-505',
  severity: 'warning',
  clause: '62443-3-3 SR 7.4',
  title: 'Every mode says in which order things come back.',
  run: ({ modes, flows }) =>
    modes
      .filter(
        ({ keepsAll, keep, recover }) => !keepsAll && recover.length === 0 && keep.length < flows.length,
      )
      .map(({ name, at }) => ({
        at,
        about: name,
        message: `Mode ${name} does not say in which order what it cuts comes back.`,
        hint: 'Add `recover:` with the conduits in their order.',
      })),
};

/** What stands in no order is forgotten, or opened at once. */
export const recoveryIncomplete: Check = {
  code: 'E-508',
  severity: 'info',
  clause: '62443-3-3 SR 7.4',
  title: 'The order of recovery names everything that was cut.',
  run: ({ modes, flows }) =>
    modes.flatMap(({ name, keepsAll, keep, recover, at }) => {
      if (keepsAll || recover.length === 0) return [];
      const named = new Set([...keep, ...recover]);
      const missing = flows.filter((flow) => !named.has(flow)).map(({ id }) => id);
      if (missing.length === 0) return [];
      return [
        {
          at,
          about: name,
          message: `Mode ${name} cuts ${joinFew(missing)}, which its \`recover\` does not name.`,
          hint: 'Add them where they belong in the order.',
        },
      ];
    }),
};

/** Whoever hesitates whether he may has lost the minutes that mattered. */
export const modeWithoutAuthority: Check = {
  code: 'E-509',
  severity: 'warning',
  clause: '62443-2-1 incident response',
  title: 'Every mode says what it is for and who decides on it.',
  run: ({ modes }) =>
    modes
      .filter(({ keepsAll, purpose, authority }) => !keepsAll && (purpose === '' || authority === ''))
      .map(({ name, purpose, authority, at }) => ({
        at,
        about: name,
        message: `Mode ${name} does not say ${purpose === '' ? 'what it is for' : ''}${purpose === '' && authority === '' ? ', nor ' : ''}${authority === '' ? 'who may decide on it' : ''}.`,
        hint: 'Add `purpose:` and `authority:`.',
      })),
};
