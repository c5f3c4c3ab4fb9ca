import type { NonIpPath } from '../../model/characteristics.ts';
import type { Check } from '../check.ts';

/** A path nothing bounds is one that is merely known. */
export const pathWithoutControls: Check = {
  code: 'R-716',
  severity: 'warning',
  clause: '62443-3-3 SR 2.3',
  title: 'Every path without IP is kept in bounds by something.',
  run: ({ nonIpPaths }) =>
    nonIpPaths
      .filter(({ controls }) => controls === '')
      .map((path) => ({
        at: path.at,
        about: path.id,
        message: `Nothing keeps ${path.id}, ${Names[path.kind]} into ${path.to.id}, in bounds.`,
        hint: 'Add `controls:` with what does, or close the path.',
      })),
};

/** The sticks and laptops of others are how most separate networks were reached. */
export const pathIntoSafety: Check = {
  code: 'R-717',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.3',
  title: 'No path without IP leads from outside into a safety zone.',
  run: ({ nonIpPaths }) =>
    nonIpPaths
      .filter(({ from, to }) => from === undefined && to.kind === 'safety')
      .map((path) => ({
        at: path.at,
        about: path.id,
        message: `${path.id}, ${Names[path.kind]}, leads from outside into the safety zone ${path.to.id}.`,
        hint: 'Lead it through a station that checks what comes in, as a zone of its own.',
      })),
};

const Names: Readonly<Record<NonIpPath['kind'], string>> = {
  usb: 'USB media',
  wireless: 'a radio',
  laptop: 'a laptop',
  serial: 'a serial line',
  other: 'a path without IP',
};
