import { formatTime } from '../../../rules/time.ts';
import type { ZoneModel } from '../../model/zone-model.ts';
import type { Report } from '../report.ts';
import { claimsSection } from '../sections/claims-section.ts';
import { flowsSection } from '../sections/flow-sections.ts';
import { liveSection } from '../sections/live-section.ts';
import { mappingsSection } from '../sections/mappings-section.ts';
import {
  drawingSection,
  headFacts,
  readingSection,
  summaryBlocks,
  summarySection,
} from '../sections/overview.ts';
import { registersSection } from '../sections/registers-section.ts';
import { requirementsSection } from '../sections/requirement-sections.ts';
import { characteristicsSection, consequencesSection, levelsSection } from '../sections/zone-sections.ts';
import { fact, type ReportDocument } from './block.ts';

/** The whole report. */
export function reportDocument(model: ZoneModel, report: Report): ReportDocument {
  return {
    title: `${report.site}: zones, conduits and what may pass`,
    subtitle: 'Report on the zone model, its enforcement and its evidence',
    facts: headFacts(model, report),
    sections: [
      summarySection(report.summary),
      drawingSection(),
      flowsSection(model, report),
      characteristicsSection(report),
      levelsSection(report),
      requirementsSection(report),
      liveSection(report),
      registersSection(model, report),
      consequencesSection(report),
      claimsSection(model, report),
      mappingsSection(model, report),
      readingSection(),
    ],
    footer: footerOf(report),
  };
}

/** The page for management by itself. */
export function summaryDocument(report: Report): ReportDocument {
  return {
    title: `${report.site}: summary`,
    subtitle: report.systemUnderConsideration,
    facts: [fact('As of', `${formatTime(report.at)}, policy version ${report.policyVersion}`)],
    sections: [{ id: 'summary', title: '', blocks: summaryBlocks(report.summary) }],
    footer: footerOf(report),
  };
}

function footerOf({ site, policyVersion, modelDigest, at }: Report): string {
  return `${site}, policy version ${policyVersion}, model ${modelDigest.slice(0, 12)}, ${formatTime(at)}`;
}
