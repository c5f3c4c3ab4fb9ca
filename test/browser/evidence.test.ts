import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildVerifierPage } from '../../gateway/evidence/verify/build-page.ts';
import { formatConsistency } from '../../gateway/evidence/verify/consistency-text.ts';
import { formatSessionFile } from '../../gateway/evidence/verify/session-file.ts';
import { formatKey } from '../../rules/evidence/note.ts';
import { beginning, makePasskey, session } from '../gateway/evidence/verify/sessions.ts';
import { smallLog } from '../gateway/evidence/verify/small-log.ts';
import { openBrowser } from './chromium.ts';

const passkey = makePasskey();
const chunks = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
const log = smallLog([
  ...beginning(passkey),
  ...session({ grant: 'G-AAAA', at: 10_000, passkey }),
  ...session({ grant: 'G-BBBB', at: 100_000, passkey, chunks }),
]);
const pieces = chunks.map((bytes, index) => ({ channel: 'G-BBBB/1', index, bytes }));
const text = formatSessionFile(log.sessionFile('G-BBBB', pieces));
const folder = mkdtempSync(join(tmpdir(), 'penstock-verifier-'));

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

test('opened from a file it verifies the session in it, asks nobody for anything and has nothing to complain of', async () => {
  const { page, asked, said, address } = await open(buildVerifierPage(text));
  await page.getByText('Proved: grant G-BBBB').waitFor();
  // The key came with the file and no witness is named: proved as far as that goes.
  expect(await grade(page)).toBe('look');
  expect(await page.locator('#key-warning').innerText()).toMatch(/came with the file/);
  await page.getByLabel('Witnesses you believe').fill(formatKey(log.witness.key));
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('needs no trust in the box').waitFor();
  expect(await grade(page)).toBe('good');
  expect(await page.locator('#records tr').count()).toBe(13);
  expect(await page.locator('#records').innerText()).toContain(
    'WRITE holding register 140 (40141) "Cl2 dose": 20 → 25',
  );
  expect(await page.locator('#proved').innerText()).toContain('2 of 2 recorded pieces');
  expect({ asked, said }).toEqual({ asked: [address], said: [] });
  await screenshot(page, 'good');
  await page.close();
});

test('a flipped byte turns it red, wherever it is', async () => {
  const { page } = await open(buildVerifierPage());
  const places = [
    '"payload": "',
    '"proof": "c2sp.org/tlog-proof@v1\\nindex 12\\n',
    '"bytes": "',
    'gw-1/0a1b2c3d ',
    `\\n${log.stored.length}\\n`,
  ];
  for (const place of places) {
    const at = text.indexOf(place) + place.length;
    expect(at, place).toBeGreaterThan(place.length);
    const letter = text[at + 8] === 'A' ? 'B' : 'A';
    await give(page, `${text.slice(0, at + 8)}${letter}${text.slice(at + 9)}`);
    await page.locator('html[data-grade="bad"]').waitFor();
    expect(await page.locator('h1').innerText(), place).toMatch(/^Not proved|no session evidence/);
    await give(page, text);
    await page.getByText('Proved: grant G-BBBB').waitFor();
  }
  await give(page, text.replace('"grant": "G-BBBB"', '"grant": "G-AAAA"'));
  await page.getByText('Not proved: The file holds no request of grant G-AAAA.').waitFor();
  await screenshot(page, 'bad');
  await give(page, 'not even JSON');
  await page.getByText('This is no session evidence').waitFor();
  await page.close();
});

test('two checkpoints are compared, and one that was replaced is told', async () => {
  const { page } = await open(buildVerifierPage());
  const size = log.stored.length;
  const proof = log.tree.consistency(9, size) ?? [];
  const consistency = formatConsistency({ old: 9, proof, checkpoint: log.checkpoint() });
  await page.getByLabel('Public key of the log').fill(formatKey(log.log.key));
  await page.getByLabel('The checkpoint you kept').fill(log.checkpoint(9));
  await page.getByLabel('Consistency text').fill(consistency);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText(`Nothing vanished: the 9 records`).waitFor();
  await page.getByLabel('The checkpoint you kept').fill(log.checkpoint(8));
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText('something vanished or was changed').waitFor();
  await page.close();
});

test('on a phone nothing is wider than the page', async () => {
  const { page } = await open(buildVerifierPage(text), { width: 375, height: 800 });
  await page.getByText('Proved: grant G-BBBB').waitFor();
  const wide = await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
  expect(wide).toBe(false);
  await screenshot(page, 'phone');
  await page.close();
});

async function open(html: string, viewport = { width: 1200, height: 1000 }) {
  const file = join(folder, 'verify.html');
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport, offline: true });
  const asked: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  return { page, asked, said, address };
}

async function give(page: Page, content: string): Promise<void> {
  const buffer = Buffer.from(content);
  await page.locator('#file').setInputFiles({ name: 'x.evidence', mimeType: 'application/json', buffer });
}

function grade(page: Page): Promise<string | null> {
  return page.locator('html').getAttribute('data-grade');
}

/** Kept where somebody wants to look at them: `PENSTOCK_SCREENSHOTS=DIR`. */
async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env['PENSTOCK_SCREENSHOTS'];
  if (directory !== undefined)
    await page.screenshot({ path: join(directory, `evidence-${name}.png`), fullPage: true });
}
