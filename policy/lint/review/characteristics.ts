import type { Characteristics } from '../../model/characteristics.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { joinFew, joinWords } from '../endpoint.ts';

/** What the report cannot work out by itself, somebody must write once. */
export const zonesNotDescribed: Check = {
  code: 'R-706',
  severity: 'warning',
  clause: '62443-3-2 ZCR 6.4 d, g, l, m, n',
  title: 'Every zone has the texts of ZCR 6.4 that nothing can be derived for.',
  run: ({ zones, metadata }: ZoneModel) => describe('zone', metadata, zones),
};

export const conduitsNotDescribed: Check = {
  code: 'R-711',
  severity: 'warning',
  clause: '62443-3-2 ZCR 6.4 d, g, l, m, n',
  title: 'Every conduit has the texts of ZCR 6.4 that nothing can be derived for.',
  run: ({ conduits, metadata }: ZoneModel) => describe('conduit', metadata, conduits),
};

const Keys: readonly (readonly [string, (texts: Characteristics) => string])[] = [
  ['physical_boundary', ({ physicalBoundary }) => physicalBoundary],
  ['physical_access', ({ physicalAccess }) => physicalAccess],
  ['requirements', ({ requirements }) => requirements],
  ['policies', ({ policies }) => policies],
  ['assumptions', ({ assumptions }) => assumptions],
];

/** One finding for the site: forty times the same would be read by nobody. */
function describe(
  what: 'zone' | 'conduit',
  { at, site }: ZoneModel['metadata'],
  all: readonly { readonly id: string; readonly characteristics: Characteristics }[],
): readonly Problem[] {
  const lacking = all.filter(({ characteristics }) => Keys.some(([, read]) => read(characteristics) === ''));
  if (lacking.length === 0) return [];
  const keys = Keys.filter(([, read]) => lacking.some(({ characteristics }) => read(characteristics) === ''));
  const names = lacking.map(({ id }) => id);
  return [
    {
      at,
      about: site,
      message: `The report will have gaps for the ${what}${names.length === 1 ? '' : 's'} ${joinFew(names)}.`,
      hint: `Add ${joinWords(keys.map(([key]) => `\`${key}\``))} to \`characteristics:\` of each.`,
    },
  ];
}
