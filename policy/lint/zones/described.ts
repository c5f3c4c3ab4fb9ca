import type { Check } from '../check.ts';

/** Why two devices stand on different sides of a line is forgotten first. */
export const boundaryUnexplained: Check = {
  code: 'Z-126',
  severity: 'info',
  clause: '62443-3-2 ZCR 6.4 c',
  title: 'Every zone says why its boundary runs where it does.',
  run: ({ zones }) =>
    zones
      .filter(({ boundary }) => boundary === '')
      .map(({ id, at }) => ({
        at,
        about: id,
        message: `Nothing says why the boundary of ${id} runs where it does.`,
        hint: 'Add `boundary:` with one sentence.',
      })),
};

export const consequencesUnknown: Check = {
  code: 'Z-129',
  severity: 'info',
  clause: '62443-3-2 ZCR 5.3',
  title: 'A zone of SL-T 3 or above says what the worst case costs.',
  run: ({ zones }) =>
    zones
      .filter(({ slT, consequences }) => slT.level >= 3 && Object.keys(consequences).length === 0)
      .map(({ id, slT, at }) => ({
        at,
        about: id,
        message: `SL-T of ${id} is ${slT.level}, but nothing says what the worst case costs.`,
        hint: 'Add `consequences: {safety: …, environmental: …, financial: …, reputational: …}`.',
      })),
};
