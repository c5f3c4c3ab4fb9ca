import type { ZoneModel } from '../../model/zone-model.ts';
import { cell, heading, paragraph, type Section, table } from '../document/block.ts';
import { mappedItem } from '../regulation-tags.ts';
import type { Report } from '../report.ts';

/** What the model maps to in regulations. */
export function mappingsSection(model: ZoneModel, { mappings }: Report): Section {
  const { regulations } = model.metadata;
  return {
    id: 'mappings',
    title: 'Mapping to regulations',
    blocks: [
      paragraph(
        'What the model and the gateways map to. An entry supports an item; nothing here says that an item is fulfilled.',
      ),
      ...mappings.flatMap(({ regulation, note, rows }, index) => [
        heading(`mapping-${index + 1}`, regulation),
        paragraph(note, 'faint'),
        table(
          [
            ['Item', 2.2],
            ['About', 2.6],
            ['Supported by', 5],
          ],
          rows.map(({ item, about, supports }) => [cell(item, 'strong'), cell(about), cell(supports)]),
          '',
        ),
      ]),
      heading('regulations', 'Regulations the model names'),
      table(
        [
          ['Tag', 2],
          ['In this report', 4],
        ],
        regulations.map((tag) => {
          const item = mappedItem(tag);
          return [
            cell(tag, 'strong'),
            item === undefined
              ? cell('recorded as a tag; no table here maps it', 'faint')
              : cell(`mapped above: ${item}`),
          ];
        }),
        'The model names none.',
      ),
    ],
  };
}
