import {
  type Block,
  type Cell,
  cell,
  heading,
  list,
  paragraph,
  type Section,
  type Tone,
  table,
} from '../document/block.ts';
import type { Report, ZoneEntry } from '../report.ts';
import type { Assessment, AssessmentStatus } from '../requirements/assess.ts';
import { SystemRequirements } from '../requirements/catalogue.ts';

/** All 51 system requirements for every zone: an overview, then what there is for each zone. */
export function requirementsSection({ zones }: Report): Section {
  return {
    id: 'requirements',
    title: 'System requirements',
    blocks: [
      paragraph(
        'The 51 system requirements of IEC 62443-3-3 at the SL-T of each zone (by foundational requirement where it is a vector). M met, P partly, – not assessed, blank: not selected at this SL-T.',
      ),
      ...chunks(zones, ZonesAcross).map(overview),
      ...zones.flatMap(zoneBlocks),
      heading('catalogue', 'From which level requirements are selected'),
      paragraph(
        'Names are paraphrased, levels are taken from public secondary texts. Where those disagree, check the licensed text.',
      ),
      catalogueTable(),
    ],
  };
}

/** As many zones as fit beside each other. */
const ZonesAcross = 10;

function overview(zones: readonly ZoneEntry[]): Block {
  return table(
    [['SR', 0.5], ['Requirement', 3.6], ...zones.map(({ id }): [string, number] => [id, 1])],
    SystemRequirements.map(({ sr, name, disputed }, index) => [
      cell(sr, 'strong'),
      cell(disputed === '' ? name : `${name} (⚠ sources differ)`),
      ...zones.map(({ requirements }) => letterCell(requirements[index])),
    ]),
    'The model has no zone.',
  );
}

function letterCell(assessment: Assessment | undefined): Cell {
  if (assessment === undefined) return cell('');
  const { status } = assessment;
  return cell(Letters[status], Tones[status]);
}

const Letters: Readonly<Record<AssessmentStatus, string>> = {
  met: 'M',
  partly: 'P',
  'not assessed': '–',
  'not selected': '',
};
const Tones: Readonly<Record<AssessmentStatus, Tone>> = {
  met: 'good',
  partly: 'plain',
  'not assessed': 'faint',
  'not selected': 'faint',
};

function zoneBlocks({ id, requirements, levels }: ZoneEntry): readonly Block[] {
  const spoken = requirements.filter(({ status }) => status === 'met' || status === 'partly');
  const named = (status: AssessmentStatus) => {
    const all = requirements.filter((one) => one.status === status).map(({ sr }) => sr);
    return `${all.length === 0 ? 'none' : `SR ${all.join(', ')}`}.`;
  };
  return [
    heading(`requirements-${id}`, `Zone ${id}, SL-T ${levels.target}`),
    table(
      [
        ['SR', 0.9],
        ['Status', 0.7],
        ['Enforced or evidenced by', 3.4],
        ['Live check, with value and time', 2.6],
        ['Open', 2.6],
      ],
      spoken.map(({ sr, status, enhancements, by, live, open }) => [
        cell([`SR ${sr}`, ...(enhancements.length === 0 ? [] : [`RE ${enhancements.join(', ')}`])], 'strong'),
        cell(status, Tones[status]),
        cell(by),
        cell(live.length === 0 ? 'none' : live, live.length === 0 ? 'faint' : 'plain'),
        cell(open),
      ]),
      'Nothing in the model or at the gateways speaks to a requirement of this zone.',
    ),
    list([`Not assessed: ${named('not assessed')}`, `Not selected at this SL-T: ${named('not selected')}`]),
  ];
}

function catalogueTable(): Block {
  return table(
    [
      ['SR', 0.5],
      ['FR', 0.5],
      ['Requirement', 3.4],
      ['From SL', 0.6],
      ['Enhancements, with the SL that selects them', 4],
      ['Sources differ', 2.4],
    ],
    SystemRequirements.map(({ sr, fr, name, from, enhancements, disputed }) => [
      cell(sr, 'strong'),
      cell(fr),
      cell(name),
      cell(String(from)),
      cell(enhancements.map((one) => `RE ${one.number} ${one.name}: SL ${one.from}`)),
      cell(disputed === '' ? '' : `⚠ ${disputed}; check the licensed text`, 'warning'),
    ]),
    '',
  );
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
