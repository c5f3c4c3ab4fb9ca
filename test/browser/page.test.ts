import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grant, openGrant } from '../gateway/front/people.ts';
import {
  connection,
  type FakeEngine,
  flow,
  gone,
  noon,
  refusal,
  status,
} from '../gateway/front/snapshots.ts';
import { hasChromium } from './chromium.ts';
import { InjectScript } from './in-page.ts';
import { type PageBench, pageBench, sharedBrowser } from './page-bench.ts';

describe.skipIf(!hasChromium)('the page of somebody of the plant', () => {
  let bench: PageBench;
  let engine: FakeEngine;
  let complaints: string[];
  afterAll(async () => (await sharedBrowser()).close());

  beforeEach(async () => {
    bench = await pageBench();
    ({ engine, complaints } = bench);
  });
  afterEach(() => bench.close());

  /** As a viewer, who sees all and may do nothing. */
  const open = (hash = ''): Promise<Page> => bench.open('vera', hash);

  test('says in one line what is enforced, where and since when', async () => {
    const page = await open();
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
    const page = await open();
    await page.getByRole('heading', { level: 1, name: 'Mode island: 7 flows cut' }).waitFor();
    expect(await page.textContent('#subline')).toMatch(/by ada \(as root\): drill\. It is left under Modes/);
    expect(await page.getAttribute('html', 'data-grade')).toBe('look');
    const recovery = { done: 1, steps: 4, next: 'C-02', held: '' };
    engine.snapshots.status = status({ mode: { ...island, cutFlows: 5, recovery } });
    await page
      .getByRole('heading', { level: 1, name: 'Leaving mode island, step 1 of 4: still 5 flows cut' })
      .waitFor();
    expect(await page.textContent('#subline')).toMatch(/C-02 is opened next, by a person’s word/);
  });

  test('tells a refusal in the words of the plant', async () => {
    const page = await open();
    const item = page.locator('#refusal-list li');
    await item.filter({ hasText: 'hmi-1' }).waitFor();
    expect(await item.locator('span').innerText()).toBe(
      'hmi-1 tried to WRITE holding register 100 = 350 on unit 1 at plc-dosing: ' +
        'the function code is not permitted on this flow\nC-05/F-02, waterworks.zones.yaml:123',
    );
  });

  test('shows a refusal that happens while it is open', async () => {
    const page = await open();
    await page.getByText('WRITE holding register 100').waitFor();
    engine.snapshots.refusals.unshift(refusal({ text: 'WRITE coil 7 = on on unit 1', count: 12 }));
    const latest = page.locator('#refusal-list li').first();
    await latest.filter({ hasText: 'WRITE coil 7 = on' }).waitFor();
    expect(await latest.innerText()).toContain('×12');
  });

  test('names who is connected to what', async () => {
    const page = await open('#plant');
    await page.getByRole('row', { name: /scada-1 → plc-dosing/ }).waitFor();
    expect(await page.textContent('#connections-title')).toBe('Connected now 4 connections');
  });

  test('shows each flow of a conduit with its state', async () => {
    const page = await open('#plant');
    const maintenance = page.getByRole('article', { name: 'Conduit C-06, PLC maintenance window' });
    await maintenance.waitFor();
    expect(await maintenance.locator('.pill').innerText()).toBe('shut');
    const supervision = page.getByRole('article', { name: /C-05/ });
    expect(await supervision.locator('.pill').allInnerTexts()).toEqual(['in use', 'in use']);
    expect(await page.locator('.conduit').getByRole('img', { name: 'one way to' }).count()).toBe(1);
  });

  test('says that it has no news when the engine goes, and recovers when it comes back', async () => {
    const page = await open();
    await page.getByRole('heading', { name: 'Enforcing policy version 42' }).waitFor();
    engine.problem = gone;
    await page.getByRole('heading', { name: /^No news for \d+ s$/ }).waitFor({ timeout: 15_000 });
    expect(await page.textContent('#subline')).toContain('The engine cannot be reached.');
    expect(await page.getAttribute('#main', 'class')).toContain('stale');
    expect(await page.textContent('#announcement')).toContain('No news from the gateway.');
    engine.problem = undefined;
    await page.getByRole('heading', { name: 'Enforcing policy version 42' }).waitFor();
    expect(await page.getAttribute('#main', 'class')).toBe('');
  });

  test('says so when even its own server is gone', async () => {
    const page = await open();
    await page.getByRole('heading', { name: 'Enforcing policy version 42' }).waitFor();
    bench.app.server.closeAllConnections();
    await bench.app.close();
    await page.getByRole('heading', { name: /^No news for/ }).waitFor({ timeout: 15_000 });
    expect(await page.textContent('#subline')).toContain('page server does not answer');
  });

  test('shows alarms and a refused bundle, and counts the alarms in the headline', async () => {
    engine.snapshots.status = status({
      alarms: [{ code: 'NO_SPARE', sentence: 'No spare inspecting process stands by.' }],
      lastRejection: { at: 1_791_288_000_000, code: 'BUNDLE_VERSION', message: 'Version 41 is older.' },
    });
    const page = await open();
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
    const page = await open();
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
    const page = await open();
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
    const page = await open();
    await page.locator('#refusal-list').getByText('<script>alert(1)</script>').first().waitFor();
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.innerText('#place')).toContain('<img src=x');
    expect(complaints).toEqual([]);
  });

  test('a script that somebody managed to put in would not run', async () => {
    const page = await open();
    const ran = await page.evaluate(InjectScript);
    expect(ran).toBe(false);
  });

  test('draws the zones of the policy and the conduits between them, each line with its state in words', async () => {
    const page = await open();
    const drawing = page.getByRole('group', { name: 'The plant as zones and conduits' });
    await drawing.waitFor();
    expect(await drawing.locator('.zone-box').count()).toBe(5);
    expect(await drawing.locator('.line').count()).toBe(engine.snapshots.conduits.length);
    const busy = drawing.getByRole('link', { name: /^Conduit C-05.*supervisory to process, in use/ });
    const shut = drawing.getByRole('link', { name: /^Conduit C-06.*, shut/ });
    expect([await busy.getAttribute('data-state'), await shut.getAttribute('data-state')]).toEqual([
      'busy',
      'shut',
    ]);
    await busy.press('Enter');
    await page.getByRole('heading', { name: 'Conduits', level: 2 }).waitFor();
    expect(await page.evaluate('location.hash')).toBe('#plant/C-05');
  });

  test('the same zones and conduits are always drawn alike, in layers from the outside in', async () => {
    const page = await open();
    const layers = await page.evaluate(Layers);
    expect(layers).toEqual(['enterprise', 'idmz', 'supervisory', 'process', 'safety', 'lost'].join());
  });

  test('offers a viewer nothing to press but what is their own', async () => {
    engine.desk.grants = [openGrant(), grant()];
    const page = await open();
    await page.getByRole('article', { name: /Session of Pavel/ }).waitFor();
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['Lock', 'Sign out']);
    expect(await page.getByRole('link', { name: 'Accounts' }).count()).toBe(0);
  });
});

/** The layers of a small plant, the zones of each joined; `lost` has no conduit and stands at the edge by itself. */
const Layers = `import('/plant/layout.ts').then(({ layoutZones }) => {
  const zone = (name, kind) => ({ name, kind });
  const { placed } = layoutZones(
    [zone('safety', 'safety'), zone('process', 'control'), zone('lost', 'control'), zone('supervisory', 'control'),
      zone('idmz', 'dmz'), zone('enterprise', 'enterprise')],
    [{ from: 'process', to: 'safety' }, { from: 'supervisory', to: 'process' }, { from: 'process', to: 'supervisory' },
      { from: 'supervisory', to: 'idmz' }, { from: 'enterprise', to: 'idmz' }],
  );
  const rank = (one) => (one.zone === 'lost' ? 99 : one.layer);
  return placed.toSorted((one, other) => rank(one) - rank(other)).map((one) => one.zone).join();
})`;
