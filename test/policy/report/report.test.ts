import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flowsCsv } from '../../../policy/report/csv.ts';
import { reportDocument, summaryDocument } from '../../../policy/report/document/report-document.ts';
import { buildReport } from '../../../policy/report/report.ts';
import { documentText, facts, goodStatus, mistake, siteText, Watched } from './reported.ts';

const golden = '../../golden/report';

function siteReport() {
  const plain = facts(siteText());
  const digest = plain.facts.compiled[0]?.digest ?? '';
  const { model, facts: known } = facts(siteText(), {
    observations: [Watched],
    statuses: [goodStatus(digest)],
  });
  return { model, report: buildReport(model, known), digest };
}

test('the report of the small site is what it was', async () => {
  const { model, report, digest } = siteReport();
  // The digest of a policy changes with every release of the compiler.
  const steady = (text: string) => text.replaceAll(digest.slice(0, 12), '(policy)');
  await expect(steady(documentText(reportDocument(model, report)))).toMatchFileSnapshot(
    `${golden}/report.txt`,
  );
  await expect(steady(documentText(summaryDocument(report)))).toMatchFileSnapshot(`${golden}/summary.txt`);
  await expect(steady(`${JSON.stringify(report, null, 2)}\n`)).toMatchFileSnapshot(`${golden}/report.json`);
  await expect(flowsCsv(report.flows)).toMatchFileSnapshot(`${golden}/authorised-flows.csv`);
});

test('the same model and facts give the same report', () => {
  expect(siteReport().report).toEqual(siteReport().report);
});

test.for(['waterworks', 'flat-network'])(
  'every zone and conduit of %s has its fourteen characteristics, nine of them derived',
  (name) => {
    const text = readFileSync(
      new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url),
      'utf8',
    );
    const { model, facts: known } = facts(text);
    const { zones, conduits } = buildReport(model, known);
    expect(zones.length + conduits.length).toBe(model.zones.length + model.conduits.length);
    for (const { characteristics } of [...zones, ...conduits]) {
      expect(characteristics.map(({ letter }) => letter).join('')).toBe('abcdefghijklmn');
      const derived = characteristics
        .filter(({ source }) => source === 'derived')
        .map(({ letter }) => letter);
      expect(derived.join('')).toBe('abcefhijk');
      for (const { lines } of characteristics) expect(lines.join('')).not.toBe('');
    }
  },
);

test('every flow is on the list of authorised flows, with its line in the model', () => {
  const { model, report } = siteReport();
  expect(report.flows.map(({ id }) => id)).toEqual(model.flows.map(({ id }) => id));
  const lines = siteText().split('\n');
  for (const { id, place } of report.flows) {
    expect(lines[Number(place.split(':')[1]) - 1]).toContain(`${id.split('/')[1]}:`);
  }
});

test('a temporary flow past its end is listed as one that compiles to no rule', () => {
  const { model, facts: known } = facts(siteText(), { at: Date.parse('2026-12-02T00:00:00Z') });
  const flow = buildReport(model, known).flows.find(({ id }) => id === 'C-4/F-1');
  expect(flow?.notes).toContain('its end has passed: it compiles to no rule');
  expect(flow?.requirements).toEqual([]);
});

test('where even the undeclared passes for now, the report does not say that all else is dropped', () => {
  const text = siteText()
    .replace('    one_way: true\n', '    stage: {audit_until: 2026-12-24T00:00:00Z, undeclared: pass}\n')
    .replace('proto: udp, port: 514}', 'proto: tcp, port: 6514}');
  const { model, facts: known } = facts(text);
  const report = buildReport(model, known);
  expect(documentText(summaryDocument(report))).toContain('but on C-2, on trial');
  expect(documentText(reportDocument(model, report))).toContain('on C-2 what no flow declares passes too');
});

test('a model with an error is reported with it, and nothing is said to be compiled', () => {
  const { model, facts: known } = facts(siteText(), { findings: [mistake] });
  const report = buildReport(model, known);
  expect(report.findings.map(({ code }) => code)).toEqual(['V-404']);
  expect(report.tests).toBeUndefined();
  expect(documentText(summaryDocument(report))).toContain(
    '1 error in the model: no policy can be made from it',
  );
});

test('a field of the list that begins like a formula is no formula', () => {
  const [flow] = siteReport().report.flows;
  if (flow === undefined) throw new Error('no flow');
  const csv = flowsCsv([{ ...flow, owner: '=HYPERLINK("http://a.example")', ticket: '+1' }]);
  expect(csv).toContain(`"'=HYPERLINK(""http://a.example"")","'+1"`);
});
