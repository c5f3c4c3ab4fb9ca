import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildServer } from '../../gateway/front/api.ts';
import {
  connection,
  type FakeEngine,
  fakeEngine,
  flow,
  gone,
  noon,
  refusal,
  status,
} from '../gateway/front/snapshots.ts';
import { hasChromium, openBrowser } from './chromium.ts';
import { Contrasts, InjectScript, Widths } from './in-page.ts';

describe.skipIf(!hasChromium)('the operator page', { timeout: 30_000 }, () => {
  let browser: Browser;
  let engine: FakeEngine;
  let app: FastifyInstance;
  let page: Page;
  let url: string;
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    engine = fakeEngine();
    app = await buildServer({ engine, tls: undefined, onDefect: (error) => complaints.push(error.message) });
    await app.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
    page = await browser.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    await app.close();
  });

  test('says in one line what is enforced, where and since when', async () => {
    await page.goto(url);
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy version 42' }).waitFor();
    expect(await page.textContent('#place')).toBe('riverside-wtp · cgw-01');
    expect(await page.textContent('#subline')).toMatch(/^In force since 2026-10-04 .* Kernel back end/);
    expect(complaints).toEqual([]);
  });

  test('says first that a mode cuts something, who decided it, and how far leaving it has come', async () => {
    const island = {
      ...engine.snapshots.status.mode,
      name: 'island',
      since: noon,
      by: 'ada (as root)',
      why: 'drill',
      cutFlows: 7,
    };
    engine.snapshots.status = status({ mode: island });
    await page.goto(url);
    await page.getByRole('heading', { level: 1, name: 'Mode island: 7 flows cut' }).waitFor();
    expect(await page.textContent('#subline')).toMatch(/by ada \(as root\): drill\. It is left with/);
    expect(await page.getAttribute('html', 'data-grade')).toBe('look');
    const recovery = { done: 1, steps: 4, next: 'C-02', held: '' };
    engine.snapshots.status = status({ mode: { ...island, cutFlows: 5, recovery } });
    await page
      .getByRole('heading', { level: 1, name: 'Leaving mode island, step 1 of 4: still 5 flows cut' })
      .waitFor();
    expect(await page.textContent('#subline')).toMatch(/C-02 is opened next, after/);
  });

  test('tells a refusal in the words of the plant', async () => {
    await page.goto(url);
    const item = page.locator('#refusal-list li');
    await item.filter({ hasText: 'hmi-1' }).waitFor();
    expect(await item.locator('span').innerText()).toBe(
      'hmi-1 tried to WRITE holding register 100 = 350 on unit 1 at plc-dosing: ' +
        'the function code is not permitted on this flow\nC-05/F-02, waterworks.zones.yaml:123',
    );
  });

  test('shows a refusal that happens while it is open', async () => {
    await page.goto(url);
    await page.getByText('WRITE holding register 100').waitFor();
    engine.snapshots.refusals.unshift(refusal({ text: 'WRITE coil 7 = on on unit 1', count: 12 }));
    const latest = page.locator('#refusal-list li').first();
    await latest.filter({ hasText: 'WRITE coil 7 = on' }).waitFor();
    expect(await latest.innerText()).toContain('×12');
  });

  test('names who is connected to what', async () => {
    await page.goto(url);
    await page.getByRole('row', { name: /scada-1 → plc-dosing/ }).waitFor();
    expect(await page.textContent('#connection-count')).toBe('4 connections');
  });

  test('shows each flow of a conduit with its state', async () => {
    await page.goto(url);
    const maintenance = page.getByRole('article', { name: 'Conduit C-06, PLC maintenance window' });
    await maintenance.waitFor();
    expect(await maintenance.locator('.pill').innerText()).toBe('shut');
    const supervision = page.getByRole('article', { name: /C-05/ });
    expect(await supervision.locator('.pill').allInnerTexts()).toEqual(['in use', 'in use']);
    expect(await page.getByRole('img', { name: 'one way to' }).count()).toBe(1);
  });

  test('says that it has no news when the engine goes, and recovers when it comes back', async () => {
    await page.goto(url);
    await page.getByRole('heading', { name: 'Enforcing policy version 42' }).waitFor();
    engine.problem = gone;
    await page.getByRole('heading', { name: /^No news for \d+ s$/ }).waitFor({ timeout: 15_000 });
    expect(await page.textContent('#subline')).toContain('The engine cannot be reached.');
    expect(await page.getAttribute('#body', 'class')).toContain('stale');
    expect(await page.textContent('#announcement')).toContain('No news from the gateway.');
    engine.problem = undefined;
    await page.getByRole('heading', { name: 'Enforcing policy version 42' }).waitFor();
    expect(await page.getAttribute('#body', 'class')).toBe('');
  });

  test('says so when even its own server is gone', async () => {
    await page.goto(url);
    await page.getByRole('heading', { name: 'Enforcing policy version 42' }).waitFor();
    app.server.closeAllConnections();
    await app.close();
    await page.getByRole('heading', { name: /^No news for/ }).waitFor({ timeout: 15_000 });
    expect(await page.textContent('#subline')).toContain('page server does not answer');
  });

  test('shows alarms and a refused bundle, and counts the alarms in the headline', async () => {
    engine.snapshots.status = status({
      alarms: [{ code: 'NO_SPARE', sentence: 'No spare inspecting process stands by.' }],
      lastRejection: { at: 1_791_288_000_000, code: 'BUNDLE_VERSION', message: 'Version 41 is older.' },
    });
    await page.goto(url);
    await page.getByRole('heading', { name: 'Enforcing policy version 42, 1 alarm' }).waitFor();
    expect(await page.locator('#alarm-list li').allInnerTexts()).toEqual([
      'No spare inspecting process stands by. NO_SPARE',
      expect.stringMatching(/^A bundle was refused at .*: Version 41 is older\. BUNDLE_VERSION$/),
    ]);
    expect(await page.getAttribute('html', 'data-grade')).toBe('look');
  });

  test('says that a policy waits to be confirmed, for how long, and what was taken back before', async () => {
    const shown = status();
    engine.snapshots.status = status({
      pending: { by: 'anna (as root)', until: shown.now + 95_000, toVersion: 41 },
      lastRollback: {
        at: shown.now - 60_000,
        version: 42,
        toVersion: 41,
        why: 'Nobody confirmed it in time.',
        by: '',
      },
    });
    await page.goto(url);
    await page.getByRole('heading', { name: 'Enforcing policy version 42, not confirmed' }).waitFor();
    expect(await page.textContent('#subline')).toMatch(
      /^Applied by anna \(as root\)\. In 1 min 35 s version 41 comes back unless “penstock confirm”/,
    );
    expect(await page.locator('#alarm-list li').allInnerTexts()).toEqual([
      expect.stringMatching(
        /^Policy version 42 was taken back at .*, version 41 came back: Nobody confirmed it/,
      ),
    ]);
  });

  test('says that everything is closed when no policy is in force', async () => {
    engine.snapshots.status = status({ policyVersion: 0 });
    engine.snapshots.conduits = [];
    await page.goto(url);
    await page.getByRole('heading', { name: 'No policy in force: everything stays closed' }).waitFor();
  });

  test('hostile text in names, refusals and alarms stays text', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>alert(1)</script>';
    engine.snapshots.status = status({ site: hostile, alarms: [{ code: hostile, sentence: hostile }] });
    engine.snapshots.connections = [connection({ clientAsset: hostile, serverAsset: hostile })];
    engine.snapshots.refusals = [refusal({ clientAsset: hostile, text: hostile, rule: hostile })];
    engine.snapshots.conduits = [
      {
        id: hostile,
        name: hostile,
        from: hostile,
        to: hostile,
        oneWay: false,
        flows: [flow(hostile, { sources: [hostile], profile: hostile })],
      },
    ];
    await page.goto(url);
    await page.locator('#refusal-list').getByText('<script>alert(1)</script>').first().waitFor();
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.innerText('#place')).toContain('<img src=x');
    expect(complaints).toEqual([]);
  });

  test('a script that somebody managed to put in would not run', async () => {
    await page.goto(url);
    const ran = await page.evaluate(InjectScript);
    expect(ran).toBe(false);
  });

  test.for([360, 768, 1280, 1920])('nothing is wider than a screen of %i pixels', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    engine.snapshots.connections.push(connection({ clientAsset: 'a-very-long-asset-name-'.repeat(4) }));
    await page.goto(url);
    await page.getByText('a-very-long-asset-name').first().waitFor();
    const { laidOut, shown } = await page.evaluate<{ laidOut: number; shown: number }>(Widths);
    expect(laidOut).toBe(shown);
  });

  test.for(['light', 'dark'] as const)('text stands out enough in the %s scheme', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(url);
    await page.getByText('WRITE holding register 100').waitFor();
    const contrasts = await page.evaluate<{ text: string; ratio: number }[]>(Contrasts);
    // WCAG 2.2 §1.4.3: 4.5 to 1 for text.
    expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    expect(contrasts.length).toBeGreaterThan(50);
  });

  test('every place that scrolls can be reached and read by keyboard', async () => {
    await page.goto(url);
    await page.getByText('WRITE holding register 100').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    const reached: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      await page.keyboard.press('Tab');
      reached.push(String(await page.evaluate(`document.activeElement.getAttribute('aria-labelledby')`)));
    }
    expect(reached).toEqual(expect.arrayContaining(['connections-title', 'refusals-title']));
  });
});
