import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grant, openGrant } from '../gateway/front/people.ts';
import { hasChromium } from './chromium.ts';
import { type PageBench, pageBench, sharedBrowser } from './page-bench.ts';

describe.skipIf(!hasChromium)('a vendor', () => {
  let bench: PageBench;
  afterAll(async () => (await sharedBrowser()).close());
  beforeEach(async () => {
    bench = await pageBench();
  });
  afterEach(async () => {
    expect(bench.complaints).toEqual([]);
    await bench.close();
  });

  test('sees what they may ask for, and nothing of the plant or of others', async () => {
    bench.engine.desk.grants = [openGrant({ id: 'G-THEIRS01', person: 'other', fullName: 'Olga Other' })];
    const page = await bench.open('pavel');
    await page.getByRole('heading', { level: 1, name: 'Nothing is open for you' }).waitFor();
    const offer = page.getByRole('article', { name: 'Access of PumpCo Service AB' });
    expect(await offer.innerText()).toContain('plc-dosing port 502');
    expect(await offer.innerText()).toMatch(
      /At most 4 h; Mon–Fri 07:00–16:00 Europe\/Stockholm; approved by shift-lead/,
    );
    expect(await page.locator('.plant, #refusals').count()).toBe(0);
    expect(await page.content()).not.toMatch(/Olga|idmz|hmi-1/);
  });

  test('asks to be let in by keyboard alone, and has the short code before them for the call', async () => {
    const page = await bench.open('pavel');
    await page.getByRole('button', { name: 'Ask to be let in…' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Ask to be let in' });
    await dialog.getByLabel('Why').focus();
    await page.keyboard.type('Valve 2 sticks');
    await page.keyboard.press('Tab');
    await page.keyboard.type('WO-1');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('30');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const mine = page.getByRole('article', { name: 'Session to plc-dosing' });
    await mine.getByText('7F3K-92QD').waitFor();
    await mine.getByText('Waits for shift-lead.').waitFor();
    expect(bench.engine.desk.grants[0]).toMatchObject({
      person: 'pavel',
      reason: 'Valve 2 sticks',
      ticket: 'WO-1',
      length: 1_800_000,
      carrier: 'ssh',
      targets: [{ id: 'pumpco/plc-dosing.502' }],
    });
  });

  test('is told why nothing can be asked for now', async () => {
    const { call } = bench.engine;
    Object.assign(bench.engine, {
      call: async (...asked: Parameters<typeof call>) => {
        const answer = await call(...asked);
        if (asked[0] !== 'offer' || !answer.ok) return answer;
        const [first] = answer.body as { obstacles: string[] }[];
        return { ok: true, body: [{ ...first, obstacles: ['Outside the agreed hours.'] }] };
      },
    });
    const page = await bench.open('pavel');
    await page.getByText('Outside the agreed hours.').waitFor();
    expect(await page.getByRole('button', { name: 'Ask to be let in…' }).count()).toBe(0);
  });

  test('gets key and certificate in one file, once, and lines to copy', async () => {
    bench.engine.desk.grants = [openGrant()];
    const page = await bench.open('pavel', '', { acceptDownloads: true });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('heading', { level: 1, name: /^You are let in: (50:00|49:\d\d) left$/ }).waitFor();
    await page.getByRole('button', { name: 'How to connect…' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save it and show how' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('G-OPEN0001.pem');
    expect(readFileSync(await download.path(), 'utf8')).toMatch(
      /^-----BEGIN CERTIFICATE-----\nMIIBfake\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n[\s\S]*MIIBauth/,
    );
    const lines = page.locator('.connect details[open]');
    expect(await lines.locator('pre').innerText()).toMatch(/^penstock connect --credentials G-OPEN0001\.pem/);
    await lines.getByRole('button', { name: 'Copy' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^penstock connect/);
    expect(await page.content()).not.toContain('MIGHfake');
  });

  test('asks for more time, and leaves when done', async () => {
    bench.engine.desk.grants = [openGrant()];
    const page = await bench.open('pavel');
    await page.getByRole('button', { name: 'Ask for more time…' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('the valve needs a second run');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('EXTD-0001').waitFor();
    await page.getByRole('button', { name: 'I am done: end now' }).click();
    await page.getByRole('button', { name: 'End it now' }).click();
    await page.getByRole('heading', { level: 1, name: 'Nothing is open for you' }).waitFor();
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('button', { name: 'Receipt of G-OPEN0001' }).waitFor();
  });

  test('withdraws a request that nobody has answered', async () => {
    bench.engine.desk.grants = [grant()];
    const page = await bench.open('pavel');
    await page.getByRole('button', { name: 'Withdraw the request' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('heading', { level: 1, name: 'Nothing is open for you' }).waitFor();
  });

  test('does not get at the operator’s parts by their address', async () => {
    const page = await bench.open('pavel', '#accounts');
    await page.getByText('What you may ask for').waitFor();
    for (const path of ['status', 'conduits', 'refusals']) {
      expect(await page.evaluate(`fetch('/api/${path}').then(({ status }) => status)`)).toBe(403);
    }
  });
});
