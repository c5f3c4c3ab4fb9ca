import type { Check } from '../check.ts';

/** Safety instrumented functions stand apart from basic control. */
export const sifOutsideSafety: Check = {
  code: 'Z-103',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.3',
  title: 'Assets of a safety instrumented function stand in a safety zone.',
  run: ({ assets }) =>
    assets
      .filter(({ sif, zone }) => sif && zone.kind !== 'safety')
      .map(({ name, zone, at }) => ({
        at,
        about: name,
        message: `${name} is part of a safety instrumented function, but zone ${zone.id} is of kind ${zone.kind}.`,
        hint: 'Move it to a zone of kind safety.',
      })),
};
