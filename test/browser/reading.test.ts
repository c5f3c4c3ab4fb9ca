import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grant, openGrant, operations } from '../gateway/front/people.ts';
import { connection, noon, refusal, status } from '../gateway/front/snapshots.ts';
import { hasChromium } from './chromium.ts';
import { Contrasts, Widths } from './in-page.ts';
import { type PageBench, pageBench, sharedBrowser } from './page-bench.ts';

interface Part {
  readonly who: string;
  readonly hash: string;
  readonly shows: string;
}

/** Parts of the pages that have what all of them are made of, with somebody who sees them. */
const Parts: readonly Part[] = [
  { who: '', hash: '', shows: 'Authorised persons only' },
  { who: 'ada', hash: '', shows: 'WRITE holding 40141' },
  { who: 'erik', hash: '#modes', shows: 'Switch to island' },
  { who: 'root', hash: '#accounts', shows: 'Invite somebody' },
];

/** Every other part. */
const MoreParts: readonly Part[] = [
  { who: '', hash: '#invitation', shows: 'Take it up' },
  { who: 'newby', hash: '', shows: 'One thing first' },
  { who: 'vera', hash: '#plant', shows: 'a-very-long-asset-name' },
  { who: 'ada', hash: '#history', shows: 'Receipt' },
  { who: 'auda', hash: '#evidence', shows: 'Checkpoint of' },
  { who: 'ada', hash: '#me', shows: 'Second factors' },
  { who: 'pavel', hash: '', shows: 'What you may ask for' },
];

describe.skipIf(!hasChromium)('reading the pages', { timeout: 60_000 }, () => {
  let bench: PageBench;
  afterAll(async () => (await sharedBrowser()).close());
  beforeEach(async () => {
    bench = await pageBench();
    const { desk, snapshots } = bench.engine;
    const long = 'a-very-long-asset-name-'.repeat(4);
    const blocked = [{ what: 'key-switch', holds: false, sentence: 'The key switch is open.' }];
    desk.grants = [
      openGrant({ warning: 'It ends in 3 minutes.', breakGlass: true, reason: long.repeat(3) }),
      grant({ conditions: blocked, weak: true }),
      grant({
        id: 'G-OVER0001',
        state: 'closed',
        cause: 'grant-stopped',
        closedAt: noon,
        openedAt: noon - 60_000,
        receipt: true,
      }),
    ];
    desk.operations = operations();
    snapshots.connections.push(connection({ clientAsset: long }));
    snapshots.refusals.unshift(refusal({ verdict: 'would-refuse', text: long }));
    snapshots.status = status({
      alarms: [{ code: 'NO_SPARE', sentence: 'No spare inspecting process stands by.' }],
    });
  });
  afterEach(async () => {
    expect(bench.complaints).toEqual([]);
    await bench.close();
  });

  describe.for([
    { parts: Parts, tags: [] },
    { parts: MoreParts, tags: ['deep'] },
  ])('$parts.length parts of them', ({ parts, tags }) => {
    test.for(parts)(
      '$who $hash: fits a phone, a tablet, a desk and a wall, and stands out by day and by night',
      { tags },
      async ({ who, hash, shows }) => {
        const page = await bench.open(who, hash, { viewport: { width: 360, height: 740 } });
        await page.getByText(shows).first().waitFor();
        for (const width of [360, 768, 1280, 1920]) {
          await page.setViewportSize({ width, height: 740 });
          const { laidOut, shown } = await page.evaluate<{ laidOut: number; shown: number }>(Widths);
          expect({ width, laidOut }).toEqual({ width, laidOut: shown });
        }
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const contrasts = await page.evaluate<{ text: string; ratio: number }[]>(Contrasts);
          // WCAG 2.2 §1.4.3: 4.5 to 1 for text.
          expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
          expect(contrasts.length).toBeGreaterThan(3);
        }
      },
    );

    test.for(parts)(
      '$who $hash: every control is reached by the tabulator, named, and seen when it is',
      { tags },
      async ({ who, hash, shows }) => {
        const page = await bench.open(who, hash);
        await page.getByText(shows).first().waitFor();
        const unnamed = await page.evaluate(Unnamed);
        expect(unnamed).toEqual([]);
        await page.evaluate('document.activeElement.blur()');
        const wanted = await page.evaluate<number>(`${Controls}.length`);
        const reached = new Set<number>();
        for (let count = 0; count < wanted + 6; count += 1) {
          await page.keyboard.press('Tab');
          const { index, outlined } = await page.evaluate<{ index: number; outlined: boolean }>(Focused);
          if (index < 0) continue;
          reached.add(index);
          expect(outlined).toBe(true);
        }
        expect(reached.size).toBe(wanted);
      },
    );
  });

  test('the first tabulator leads past everything to the content', async () => {
    const page = await bench.open('ada');
    await page.getByText('WRITE holding 40141').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  test('a dialog keeps the focus within, closes with Escape and gives the focus back', async () => {
    const page = await bench.open('ada');
    const approve = page.getByRole('button', { name: 'Approve…' });
    await approve.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let count = 0; count < 8; count += 1) {
      await page.keyboard.press('Tab');
      const where = await page.evaluate<string>(
        `document.activeElement === document.body ? 'browser' : document.activeElement.closest('dialog') ? 'dialog' : 'page'`,
      );
      expect(where).not.toBe('page');
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await approve.evaluate('document.activeElement.dataset.act')).toBe('approve');
  });

  test('nothing moves for those who do not want it', async () => {
    const page = await bench.open('ada', '', { reducedMotion: 'reduce' });
    await page.getByText('WRITE holding 40141').waitFor();
    const moving = await page.evaluate(Moving);
    expect(moving).toEqual([]);
    expect(await page.evaluate(`getComputedStyle(document.documentElement).scrollBehavior`)).toBe('auto');
  });

  test('what is said by colour is said by a word or a shape too', async () => {
    const page = await bench.open('ada');
    await page.getByText('WRITE holding 40141').waitFor();
    // Alarm, warning, refused and written each have a word, a mark or an edge of their own.
    expect(await page.locator('.warning').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^⚠/)]),
    );
    expect(await page.locator('.conditions li').first().innerText()).toMatch(/^✕/);
    expect(await page.locator('[data-outcome=refused] em').innerText()).toBe('Refused: ');
    expect(
      await page.locator('#lamp').evaluate('getComputedStyle(document.getElementById("lamp")).clipPath'),
    ).toContain('polygon');
    const strokes = await page.evaluate<string[]>(Strokes);
    expect(new Set(strokes).size).toBe(strokes.length);
  });

  test('nothing is loaded from anywhere else', async () => {
    const page = await bench.open('ada');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    await page.getByText('WRITE holding 40141').waitFor();
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((url) => !url.startsWith(bench.url))).toEqual([]);
  });
});

const Controls = `[...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility() && !one.disabled && one.type !== 'hidden')`;

const Unnamed = `${Controls}.filter((one) => !(one.textContent.trim() || one.ariaLabel || one.getAttribute('aria-labelledby')
  || (one.labels && one.labels.length))).map((one) => one.outerHTML)`;

const Focused = `(() => {
  const now = document.activeElement;
  const style = now ? getComputedStyle(now) : undefined;
  // A conduit's line shows it on its plate.
  const outlined = style !== undefined && (style.outlineStyle !== 'none' || now.closest('svg') !== null);
  return { index: ${Controls}.indexOf(now), outlined };
})()`;

const Moving = `[...document.querySelectorAll('*')].filter((one) => {
  const { animationName, transitionDuration } = getComputedStyle(one);
  return animationName !== 'none' || transitionDuration.split(', ').some((time) => time !== '0s');
}).map((one) => one.outerHTML.slice(0, 80))`;

/** How each kind of line in the legend is drawn, colours left out. */
const Strokes = `[...document.querySelectorAll('.legend i')].map((one) => {
  const { borderTopStyle, borderTopWidth } = getComputedStyle(one);
  return borderTopStyle + borderTopWidth;
})`;
