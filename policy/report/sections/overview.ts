import { formatTime } from '../../../rules/time.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import { type Block, type FactRow, fact, heading, list, paragraph, type Section } from '../document/block.ts';
import { reviewDue } from '../registers.ts';
import type { Report } from '../report.ts';
import type { Summary } from '../summary.ts';
import { maybeDate, stated } from '../words.ts';

/** What the report is about and rests on, under its title. */
export function headFacts({ metadata }: ZoneModel, report: Report): readonly FactRow[] {
  const { approvedBy, riskAssessment, reviewed, owner } = metadata;
  const due = reviewDue(metadata);
  return [
    fact('System under consideration', stated(report.systemUnderConsideration)),
    fact('Accountable', stated(owner)),
    fact('Model', `${report.file}, policy version ${report.policyVersion}, SHA-256 ${report.modelDigest}`),
    fact('As of', formatTime(report.at)),
    fact(
      'Approved',
      approvedBy === undefined
        ? 'not stated'
        : [approvedBy.name, approvedBy.date === undefined ? '' : maybeDate(approvedBy.date), approvedBy.ref]
            .filter((text) => text !== '')
            .join(', '),
      approvedBy === undefined ? 'warning' : 'plain',
    ),
    fact(
      'Risk assessment',
      riskAssessment === undefined
        ? 'not stated'
        : [
            riskAssessment.ref,
            riskAssessment.method,
            `tolerable risk ${stated(riskAssessment.tolerable)}`,
            maybeDate(riskAssessment.date),
          ]
            .filter((text) => text !== '')
            .join(', '),
      riskAssessment === undefined ? 'warning' : 'plain',
    ),
    fact(
      'Reviewed',
      `${maybeDate(reviewed)}, next by ${maybeDate(due)}`,
      due !== undefined && due <= report.at ? 'warning' : 'plain',
    ),
  ];
}

/** The page for management, as a section. */
export function summarySection(summary: Summary): Section {
  return { id: 'summary', title: 'Summary', blocks: summaryBlocks(summary) };
}

export function summaryBlocks({ figures, sections }: Summary): readonly Block[] {
  return [
    { kind: 'figures', figures },
    ...sections.flatMap(({ title, sentences }, index) => [
      heading(`summary-${index + 1}`, title),
      list(sentences),
    ]),
  ];
}

export function drawingSection(): Section {
  return {
    id: 'drawing',
    title: 'Zones and conduits',
    blocks: [
      paragraph(
        'The zone and conduit drawing (62443-3-2 ZCR 6.3), derived from the model. A conduit points from the zone that opens connections to the zone that takes them.',
      ),
      { kind: 'drawing', caption: 'Zones, conduits, gateways and paths without IP. Also as drawing.svg.' },
    ],
  };
}

/** How to read the report: what its words mean and what it never says. */
export function readingSection(): Section {
  return {
    id: 'reading',
    title: 'How to read this report',
    blocks: [
      list([
        'It is derived from the zone model, from what that compiles to, and, where they were at hand, from what running gateways said. Nothing in it was typed in by hand.',
        'It is evidence for an assessor. It supports requirements and maps to regulations; conformity is for an assessor to find.',
        'SL-T is what the model asks for, SL-C what assets are rated for. SL-A is never claimed: it is supported by evidence, or not assessed.',
        'The process of zones and conduits is that of IEC 62443-3-2 (ZCR); system requirements (SR) are those of IEC 62443-3-3. Both are paraphrased; the licensed texts decide.',
        '“met” is said of a requirement only where the boundary alone can carry all that the SL-T selects, no known way goes past it, and a live check says so with its value and time. “partly” means there is some enforcement or evidence. “not assessed” means this report knows nothing of it.',
      ]),
    ],
  };
}
