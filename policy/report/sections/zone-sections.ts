import { ConsequenceDimensions } from '../../model/characteristics.ts';
import type { Characteristic } from '../characteristics.ts';
import { type Block, cell, heading, paragraph, type Section, table } from '../document/block.ts';
import { achievedText, gapText } from '../levels.ts';
import type { Report } from '../report.ts';
import { FoundationalNames } from '../requirements/catalogue.ts';
import { stated } from '../words.ts';

/** 62443-3-2 ZCR 6.4 a to n, for every zone and every conduit. */
export function characteristicsSection({ zones, conduits }: Report): Section {
  return {
    id: 'characteristics',
    title: 'Characteristics of zones and conduits',
    blocks: [
      paragraph(
        'The fourteen characteristics of 62443-3-2 ZCR 6.4. Nine are derived from the model (a, b, c, e, f, h, i, j, k); d, g, l, m and n are texts of the site.',
      ),
      ...zones.flatMap(({ id, characteristics }) =>
        characteristicBlocks(`zone-${id}`, `Zone ${id}`, characteristics),
      ),
      ...conduits.flatMap(({ id, characteristics }) =>
        characteristicBlocks(`conduit-${id}`, `Conduit ${id}`, characteristics),
      ),
    ],
  };
}

function characteristicBlocks(id: string, title: string, all: readonly Characteristic[]): readonly Block[] {
  return [
    heading(id, title),
    table(
      [
        ['ZCR 6.4', 0.5],
        ['Characteristic', 1.6],
        ['Value', 6],
        ['Source', 0.8],
      ],
      all.map(({ letter, name, lines, source }) => [
        cell(letter, 'strong'),
        cell(name),
        cell(lines, source === 'missing' ? 'warning' : 'plain'),
        cell(source === 'missing' ? '' : source, 'faint'),
      ]),
      '',
    ),
  ];
}

/** SL-T, SL-C and what there is towards SL-A. */
export function levelsSection({ zones }: Report): Section {
  return {
    id: 'levels',
    title: 'Security levels',
    blocks: [
      paragraph(
        'SL-T per zone, the lowest SL-C its assets state, and the gap between them; then the evidence towards SL-A, which is never claimed. By foundational requirement where the SL-T is a vector.',
      ),
      table(
        [
          ['Zone', 1.2],
          ['Requirement', 1.6],
          ['SL-T', 0.5],
          ['SL-C, lowest stated', 1],
          ['Gap, SL-T over SL-C', 2],
          ['SL-A', 3],
        ],
        zones.flatMap(({ id, levels }) => {
          const rows = levels.hasVector ? levels.rows : levels.rows.slice(0, 1);
          return rows.map((row, index) => {
            const supported = levels.hasVector
              ? row
              : {
                  selected: levels.rows.reduce((sum, { selected }) => sum + selected, 0),
                  supported: levels.rows.flatMap((one) => one.supported),
                };
            return [
              cell(index === 0 ? id : '', 'strong'),
              cell(levels.hasVector ? `${row.fr}, ${FoundationalNames[row.fr]}` : 'all'),
              cell(String(row.target)),
              cell(
                row.capability === undefined ? 'not stated' : String(row.capability),
                row.capability === undefined ? 'faint' : 'plain',
              ),
              cell(gapText(row, levels), row.below.length > 0 ? 'warning' : 'plain'),
              cell(achievedText(supported), supported.supported.length === 0 ? 'faint' : 'plain'),
            ];
          });
        }),
        'The model has no zone.',
      ),
    ],
  };
}

/** What the worst case costs, and how conduits are watched. */
export function consequencesSection({ zones, conduits }: Report): Section {
  return {
    id: 'consequences',
    title: 'Consequences and monitoring',
    blocks: [
      table(
        [['Zone', 1.5], ...ConsequenceDimensions.map((dimension): [string, number] => [dimension, 1])],
        zones.map(({ id, consequences }) => [
          cell(id, 'strong'),
          ...ConsequenceDimensions.map((dimension) => {
            const grade = consequences[dimension];
            return grade === undefined
              ? cell('not stated', 'faint')
              : cell(grade, grade === 'critical' || grade === 'high' ? 'strong' : 'plain');
          }),
        ]),
        'The model has no zone.',
      ),
      table(
        [
          ['Conduit', 0.8],
          ['Purpose', 3],
          ['SL-T', 0.5],
          ['Monitoring approach', 3],
        ],
        conduits.map(({ id, purpose, slT, monitoring }) => [
          cell(id, 'strong'),
          cell(stated(purpose)),
          cell(String(slT)),
          cell(stated(monitoring), monitoring === '' ? 'warning' : 'plain'),
        ]),
        'The model has no conduit.',
      ),
    ],
  };
}
