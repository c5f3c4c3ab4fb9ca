import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from '../../../gateway/cli/report/layout.ts';
import { escapeText } from '../../../policy/report/document/escape.ts';
import { renderHtml } from '../../../policy/report/document/html.ts';
import { reportDocument, summaryDocument } from '../../../policy/report/document/report-document.ts';
import { draw } from '../../../policy/report/drawing/draw.ts';
import { planDrawing } from '../../../policy/report/drawing/plan-drawing.ts';
import { renderSvg } from '../../../policy/report/drawing/svg.ts';
import { buildReport } from '../../../policy/report/report.ts';
import { facts, siteText } from './reported.ts';

/** Prose of the site that people may write anything into. */
const Prose = [
  'Pumping station, two pumps and their supervision',
  'reports only',
  'Meeting point',
  'no stop before spring',
  'value limits on C-3/F-1',
  'Pump & Söhne <GmbH>',
  'cabinet P1',
  'cut off from the office',
  'scanned at the gate',
  'every refusal is an alarm',
  'the office stays out',
  'taken along on rounds',
];

const hostile = fc.oneof(
  fc.constantFrom(
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</svg><script>alert(1)</script>',
    ']]><!-- -->',
    '\u202egnp.exe',
    '&lt;script&gt;&#60;',
    '</style><style>*{display:none}',
    'javascript:alert(1)',
    'a'.repeat(300),
    '漢字 Ünïcödé 🏭',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
);

test('whatever the prose of a model holds, the page is well-formed and runs nothing', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, fc.subarray(Prose, { minLength: 1 }), async (poison, places) => {
      const text = places.reduce(
        (all, one) => all.replaceAll(`"${one}"`, JSON.stringify(poison)),
        siteText(),
      );
      let known: ReturnType<typeof facts>;
      try {
        known = facts(text);
      } catch {
        // The reader refuses it, and no report is written.
        return;
      }
      const { model } = known;
      const report = buildReport(model, known.facts);
      const plan = planDrawing(model);
      const svg = renderSvg(draw(plan, await layOut(plan)), report.site);
      const pages = [renderHtml(reportDocument(model, report), svg), renderHtml(summaryDocument(report), '')];
      for (const page of [...pages, svg]) {
        expect(problemOf(page)).toBe('');
        expect(page).not.toMatch(/<(?:script|img|iframe|link|object|embed|form|base)\b/i);
        expect(page).not.toMatch(/\son\w+\s*=\s*["'][^"']*["'][^<]*>/i);
        expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      }
    }),
    { numRuns: 40 },
  );
});

test('escaped text holds no markup and no control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const escaped = escapeText(text);
      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(escaped).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      expect(escaped.isWellFormed()).toBe(true);
    }),
  );
});

test('the page fetches nothing', () => {
  const { model, facts: known } = facts(siteText());
  const page = renderHtml(reportDocument(model, buildReport(model, known)), '');
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).not.toMatch(/\b(?:src|href)="(?!#)/);
  expect(page).not.toMatch(/url\(|@import/);
});

/** The first tag that does not fit, or empty. */
function problemOf(page: string): string {
  const open: string[] = [];
  for (const [tag, slash, name = '', self] of page.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*?(\/?)>/g,
  )) {
    if (self === '/' || ['meta', 'col', 'link', 'br'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return tag;
  }
  const stray = page
    .replace(/<\/?[a-zA-Z!](?:[^<>"']|"[^"<]*"|'[^'<]*')*>/g, '')
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .match(/</);
  return stray === null ? (open[0] ?? '') : `stray ${stray[0]}`;
}
