import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderHtml } from '../../../policy/report/document/html.ts';
import { reportDocument, summaryDocument } from '../../../policy/report/document/report-document.ts';
import { buildReport } from '../../../policy/report/report.ts';
import { SystemRequirements } from '../../../policy/report/requirements/catalogue.ts';
import { documentText, facts, siteText, Watched } from './reported.ts';

const texts = ['site', 'waterworks', 'flat-network'].map((name) => {
  const text =
    name === 'site'
      ? siteText()
      : readFileSync(new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url), 'utf8');
  const { model, facts: known } = facts(text, name === 'site' ? { observations: [Watched] } : {});
  const report = buildReport(model, known);
  return {
    name,
    text: documentText(reportDocument(model, report)) + documentText(summaryDocument(report)),
    html: renderHtml(reportDocument(model, report), ''),
  };
});

test.for(texts)('the report of $name claims no conformity', ({ text, html }) => {
  for (const said of [text, html]) {
    expect(said).not.toMatch(/compl[iy](?:an|ed|es)/i);
    expect(said).not.toMatch(
      /\b(?:certified|satisf(?:y|ies|ied)|guarantee[sd]?|approved by the standard)\b/i,
    );
    expect(said).not.toMatch(/\bmeets\b/i);
  }
});

test.for(texts)('the report of $name never claims an SL-A', ({ text }) => {
  for (const line of text.split('\n').filter((one) => one.includes('SL-A'))) {
    expect(line).not.toMatch(/SL-A\W*(?:is\W*)?\d/);
  }
});

test('SR 1.13 is access via untrusted networks, and SR 2.6 ends remote sessions', () => {
  const name = (sr: string) => SystemRequirements.find((one) => one.sr === sr)?.name;
  expect(name('1.13')).toMatch(/untrusted networks/);
  expect(name('2.6')).toMatch(/remote sessions are terminated/i);
});

test.for(texts)(
  'in the report of $name zones and conduits come from 62443-3-2, requirements from 62443-3-3',
  ({ text }) => {
    expect(text).toContain('IEC 62443-3-2 (ZCR)');
    for (const [, part] of text.matchAll(/62443-(3-\d) ZCR/g)) expect(part).toBe('3-2');
    for (const [, part] of text.matchAll(/62443-(\d-\d) SR/g)) expect(part).toBe('3-3');
  },
);

test.for(texts)('in the report of $name NIS2 names no standard', ({ text }) => {
  const mapping = text.slice(text.indexOf('## NIS2'), text.indexOf('## NERC'));
  expect(mapping).toContain('The directive names no standard');
  expect(mapping).not.toMatch(/62443/);
});

test.for(texts)('in the report of $name SP 800-82r3 is of September 2023', ({ text }) => {
  const years = [...text.matchAll(/800-82\S*,? (?:\w+ )?(\d{4})/g)].map(([, year]) => year);
  expect(years.length).toBeGreaterThan(0);
  expect(new Set(years)).toEqual(new Set(['2023']));
});

test.for(texts)('the report of $name prints no share of one standard in another', ({ text }) => {
  expect(text).not.toMatch(/\d+ ?%/);
});
