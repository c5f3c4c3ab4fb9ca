import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { report } from '../../gateway/cli/report.ts';
import { command } from '../gateway/cli/command.ts';
import { openBrowser } from './chromium.ts';

const site = fileURLToPath(new URL('../golden/report/site.zones.yaml', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'penstock-report-'));

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  await command(() => report(site, { out, at: '2026-11-21T12:00:00Z' }));
});
afterAll(() => browser.close());

test.for(['report.html', 'summary.html'])(
  '%s opens from a file without a network, a script or a complaint',
  async (name) => {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, offline: true });
    const asked: string[] = [];
    const said: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    const address = pathToFileURL(join(out, name)).href;
    await page.goto(address);
    expect({ asked, said }).toEqual({ asked: [address], said: [] });
    expect(await page.locator('script').count()).toBe(0);
    await page.close();
  },
);

test('no table and no drawing is wider than the page, and every entry of the contents leads somewhere', async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(pathToFileURL(join(out, 'report.html')).href);
  const wide = await page
    .locator('table, figure, svg')
    .evaluateAll((all) =>
      all.filter((one) => one.getBoundingClientRect().right > 1400).map((one) => one.outerHTML.slice(0, 80)),
    );
  expect(wide).toEqual([]);
  const links = await page
    .locator('nav a')
    .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
  expect(links.length).toBeGreaterThan(8);
  for (const link of links) expect(await page.locator(link).count(), link).toBe(1);
  await page.close();
});

test('in the drawing no word leaves its place, whatever font the reader has', async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(pathToFileURL(join(out, 'report.html')).href);
  await page.addStyleTag({ content: 'figure svg { font-family: monospace !important }' });
  const off = await page.locator('figure svg text').evaluateAll((all) =>
    all.flatMap((one) => {
      const wanted = Number(one.getAttribute('textLength'));
      const width = (one as unknown as { getComputedTextLength(): number }).getComputedTextLength();
      return Math.abs(width - wanted) > 1.5 ? [`${one.textContent}: ${width} for ${wanted}`] : [];
    }),
  );
  expect(off).toEqual([]);
  await page.close();
});
