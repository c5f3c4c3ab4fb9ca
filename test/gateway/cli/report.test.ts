import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import { expect, test } from 'vitest';
import { isCurtailed, printable } from '../../../gateway/cli/report/pdf-text.ts';
import { report } from '../../../gateway/cli/report.ts';
import { textWidth } from '../../../policy/report/text-width.ts';
import { largeSite } from '../../policy/report/large-site.ts';
import { Watched } from '../../policy/report/reported.ts';
import { command } from './command.ts';

const site = fileURLToPath(new URL('../../golden/report/site.zones.yaml', import.meta.url));
const at = '2026-11-21T12:00:00Z';

function directory(): string {
  return mkdtempSync(join(tmpdir(), 'penstock-report-'));
}

const Files = [
  'authorised-flows.csv',
  'drawing.svg',
  'report.html',
  'report.json',
  'report.pdf',
  'summary.html',
  'summary.pdf',
];

test('a report is written as files, and the same input gives the same bytes', async () => {
  const [one, other] = [join(directory(), 'new'), directory()];
  const said = await command(() => report(site, { out: one, at }));
  expect(said).toMatchObject({ status: 0, err: '' });
  expect(said.out.split('\n')).toHaveLength(Files.length);
  await command(() => report(site, { out: other, at }));
  expect(readdirSync(one).sort()).toEqual(Files);
  for (const file of Files)
    expect(readFileSync(join(one, file)).equals(readFileSync(join(other, file))), file).toBe(true);
});

test('the printed report of fifty zones is written, and its summary is one page', async () => {
  const [folder, out] = [directory(), directory()];
  // Even with every conduit temporary, each of which is worth a line.
  const temporary =
    '    temporary: {opened: 2026-11-01, expires: 2026-12-01T00:00:00Z, approver: works}\n    flows:';
  const text = largeSite()
    .replaceAll(/\n {4}temporary: .*/g, '')
    .replaceAll('    flows:', temporary);
  writeFileSync(join(folder, 'large.zones.yaml'), text);
  await command(() => report(join(folder, 'large.zones.yaml'), { out, at }));
  expect(pagesOf(join(out, 'report.pdf'))).toBeGreaterThan(50);
  expect(pagesOf(join(out, 'summary.pdf'))).toBe(1);
});

test('what a gateway observed is in the report', async () => {
  const out = directory();
  writeFileSync(join(out, 'observed'), JSON.stringify(Watched));
  await command(() => report(site, { out, at, observed: [join(out, 'observed')] }));
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  expect(page).toContain('10.4.0.99');
  expect(page).toContain('90 days, of which 2 h unwatched');
});

test('a file that is no status is refused by name, and nothing is written', async () => {
  const out = directory();
  const said = await command(() => report(site, { out: join(out, 'new'), at, status: [site] }));
  expect(said).toMatchObject({ status: 2, out: '' });
  expect(said.err).toContain('is not the status of a gateway');
  expect(readdirSync(out)).toEqual([]);
});

test('a model that does not read gives its findings and no report', async () => {
  const out = directory();
  writeFileSync(join(out, 'bad.yaml'), 'kind: ZoneModel\n');
  const said = await command(() => report(join(out, 'bad.yaml'), { out: join(out, 'new'), at }));
  expect(said.status).toBe(1);
  expect(said.err).toContain('bad.yaml');
  expect(readdirSync(out)).toEqual(['bad.yaml']);
});

test('a model with an error is reported with it, and the error is said', async () => {
  const out = directory();
  const text = readFileSync(site, 'utf8').replace(
    'bo@maker.example, mfa: required',
    'bo@maker.example, mfa: off',
  );
  writeFileSync(join(out, 'site.yaml'), text);
  const said = await command(() => report(join(out, 'site.yaml'), { out: join(out, 'new'), at }));
  expect(said.status).toBe(1);
  expect(said.err).toMatch(/^\S+site\.yaml:\d+:\d+ V-404 [^\n]*$/);
  expect(readFileSync(join(out, 'new', 'report.html'), 'utf8')).toContain('V-404');
});

test('as JSON the report goes to standard output as well', async () => {
  const said = await command(() => report(site, { out: directory(), at, json: true }));
  expect(JSON.parse(said.out)).toMatchObject({ site: 'mill-creek', policyVersion: 3 });
});

test('words are as wide as they were planned with', () => {
  const pdf = new PDFDocument();
  const all = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
  for (const bold of [false, true]) {
    pdf.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(10);
    for (const one of all) expect(textWidth(one, 10, bold), one).toBeCloseTo(pdf.widthOfString(one), 2);
  }
});

test('what the fonts of PDF have not is replaced', () => {
  expect(printable('Söhne → 漢 ≤ 5 €\u0007')).toBe('Söhne -> ? <= 5 €');
  expect([isCurtailed('Söhne → ?'), isCurtailed('漢')]).toEqual([false, true]);
});

function pagesOf(file: string): number {
  return readFileSync(file, 'latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
}
