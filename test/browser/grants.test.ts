import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Totp } from '../gateway/front/fake-desk.ts';
import { account, grant, openGrant, operation, operations } from '../gateway/front/people.ts';
import { addAuthenticator } from './authenticator.ts';
import { hasChromium } from './chromium.ts';
import { type PageBench, pageBench, sharedBrowser } from './page-bench.ts';

describe.skipIf(!hasChromium)('a shift', () => {
  let bench: PageBench;
  afterAll(async () => (await sharedBrowser()).close());
  beforeEach(async () => {
    bench = await pageBench();
    bench.engine.desk.grants = [openGrant(), grant()];
    bench.engine.desk.operations = operations();
  });
  afterEach(async () => {
    expect(bench.complaints).toEqual([]);
    await bench.close();
  });

  const stateOf = (id: string) => bench.engine.desk.grants.find((one) => one.id === id);
  const inside = (page: Page) =>
    page.getByRole('article', { name: 'Session of Pavel Novak, PumpCo Service AB' });
  const asking = (page: Page) => page.getByRole('article', { name: 'Request of Pavel Novak' });

  test('sees who is inside, on what, why, for how long, and what they just wrote', async () => {
    const page = await bench.open('olof');
    const card = inside(page);
    await card.waitFor();
    const text = await card.innerText();
    expect(text).toContain('→ plc-dosing port 502 (vendor-diagnosis)');
    expect(text).toContain('Dosing pump 2 reports a stuck valve');
    expect(text).toMatch(/50:00|49:\d\d/);
    expect(text).toContain('ada as shift-lead, with a passkey');
    const done = card.getByRole('listitem');
    expect(await done.first().innerText()).toContain('Refused: WRITE coil 65 = on on unit 1');
    expect(await done.first().innerText()).toContain('The function code is not permitted on this flow.');
    const write = done.filter({ hasText: 'WRITE holding 40141 “Cl2 dose”: 20 → 25' });
    expect(await write.getAttribute('data-write')).toBe('true');
  });

  test('sees a write as it happens, and the countdown run, without losing the focus', async () => {
    const page = await bench.open('olof');
    const end = inside(page).getByRole('button', { name: 'End this session' });
    await end.focus();
    const clock = inside(page).locator('.clock b');
    const before = await clock.innerText();
    bench.engine.desk.operations.push(operation(9, { text: 'WRITE coil 7 = off on unit 1', write: true }));
    await inside(page).getByText('WRITE coil 7 = off').waitFor();
    await page.waitForFunction(
      `document.querySelector('.clock b').textContent !== ${JSON.stringify(before)}`,
    );
    expect(await end.evaluate('document.activeElement.dataset.act')).toBe('end');
  });

  test('is told aloud of who asks, and of a warning, once', async () => {
    const page = await bench.open('olof');
    await inside(page).waitFor();
    expect(await page.textContent('#alert')).toBe('');
    bench.engine.desk.grants.push(grant({ id: 'G-NEXT0001', fullName: 'Nora Next' }));
    await page
      .locator('#alert', { hasText: 'Nora Next, PumpCo Service AB asks to be let in.' })
      .waitFor({ state: 'attached' });
    const open = stateOf('G-OPEN0001')!;
    bench.engine.desk.grants = bench.engine.desk.grants.map((one) =>
      one === open ? { ...open, warning: 'It ends in 5 minutes.' } : one,
    );
    await page
      .locator('#alert', { hasText: 'Pavel Novak, PumpCo Service AB: It ends in 5 minutes.' })
      .waitFor({ state: 'attached' });
    await inside(page).getByText('⚠ It ends in 5 minutes.').waitFor();
  });

  test('approves with a code, after comparing the short code with the vendor', async () => {
    const page = await bench.open('ada');
    await asking(page).getByRole('button', { name: 'Approve…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Let them in?' });
    await dialog.getByText('7F3K-92QD').waitFor();
    await dialog.getByText('this code must stand on their page too').waitFor();
    await dialog.getByLabel('Code of your authenticator').fill('000000');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'This wants a second factor' }).waitFor();
    await dialog.getByLabel('Code of your authenticator').fill(Totp);
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await asking(page).waitFor({ state: 'detached' });
    expect(await inside(page).count()).toBe(2);
    expect(stateOf('G-7F3K92QD')?.approvals[0]).toMatchObject({ by: 'ada', means: 'totp', weak: true });
  });

  test('approves with a passkey, which is asked first', async () => {
    const ada = bench.engine.desk.accounts.get('ada')!;
    const [factor] = account().factors;
    ada.body = { ...ada.body, factors: [{ ...factor!, kind: 'passkey', id: 'F-2' }] };
    const page = await bench.open('ada', '#me');
    await addAuthenticator(page);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'I have them' }).click();
    await page.getByRole('link', { name: 'Now' }).click();
    await asking(page).getByRole('button', { name: 'Approve…' }).click();
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await asking(page).waitFor({ state: 'detached' });
    expect(stateOf('G-7F3K92QD')?.approvals[0]).toMatchObject({ means: 'passkey', weak: false });
    expect(bench.engine.desk.calls.map(({ name }) => name)).toContain('grant-challenge');
  });

  test('denies with a reason', async () => {
    const page = await bench.open('ada');
    await asking(page).getByRole('button', { name: 'Deny…' }).click();
    await page.getByLabel('Why').fill('not during the flood');
    await page.getByRole('dialog').getByRole('button', { name: 'Deny' }).click();
    await asking(page).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByText('The request was denied. By ada. “not during the flood”').waitFor();
  });

  test('breaks the glass only past a warning, with a reason and a second factor', async () => {
    const page = await bench.open('ada');
    await asking(page).getByRole('button', { name: 'Break the glass…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Break the glass?' });
    await dialog.getByText('It raises an alarm, stands in the record').waitFor();
    await dialog.getByLabel('Code of your authenticator').fill(Totp);
    await page.keyboard.press('Enter');
    // The browser holds it back: there is no reason yet.
    expect(stateOf('G-7F3K92QD')?.state).toBe('requested');
    await dialog.getByLabel('Why it cannot wait').fill('chlorine leak, nobody else here');
    await dialog.getByRole('button', { name: 'Open it alone' }).click();
    await page.getByText('⚠ Opened by breaking the glass.').waitFor();
    expect(stateOf('G-7F3K92QD')?.breakGlass).toBe(true);
  });

  test('ends one session, and all of them with one button, each after one confirmation', async () => {
    bench.engine.desk.grants.push(
      openGrant({ id: 'G-OPEN0002', fullName: 'Olga Other', company: 'ValveCo' }),
    );
    const page = await bench.open('olof');
    await inside(page).getByRole('button', { name: 'End this session' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End it now' }).click();
    await inside(page).waitFor({ state: 'detached' });
    expect(stateOf('G-OPEN0001')?.state).toBe('closed');
    bench.engine.desk.grants.push(openGrant({ id: 'G-OPEN0003' }));
    await page.getByRole('button', { name: 'End all 2 sessions' }).click();
    await page.getByRole('dialog', { name: 'End all 2 open sessions now?' }).waitFor();
    await page.keyboard.press('Escape');
    expect(stateOf('G-OPEN0003')?.state).toBe('open');
    await page.getByRole('button', { name: 'End all 2 sessions' }).click();
    await page.getByRole('button', { name: 'End all now' }).click();
    await page.getByText('No vendor is inside.').waitFor();
    expect(bench.engine.desk.grants.filter(({ state }) => state === 'open')).toEqual([]);
  });

  test('approves more time for a session that asks, with its new code', async () => {
    bench.engine.desk.grants = [openGrant({ extension: 1_800_000, code: 'MORE-0001', state: 'open' })];
    const page = await bench.open('ada');
    await inside(page).getByRole('button', { name: 'Approve 30 min 0 s more' }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve more time' });
    await dialog.getByText('MORE-0001').waitFor();
    await dialog.getByText(/for 30 min more/).waitFor();
  });

  test('may not approve for a day after its authenticators were reset', async () => {
    const ada = bench.engine.desk.accounts.get('ada')!;
    ada.body = { ...ada.body, mayNotApproveUntil: Date.now() + 3_600_000 };
    const page = await bench.open('ada');
    await asking(page).waitFor();
    expect(await page.getByRole('button', { name: 'Approve…' }).count()).toBe(0);
  });

  test('keeps receipts of what is over, with the command that checks them', async () => {
    bench.engine.desk.grants = [
      openGrant({ state: 'closed', receipt: true, closedAt: Date.now(), cause: 'grant-stopped' }),
    ];
    const page = await bench.open('vera', '#history');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Receipt of G-OPEN0001' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('G-OPEN0001.receipt.json');
    await page.getByText('penstock evidence receipt').waitFor();
  });

  test('switches a mode past a confirmation, with a reason and a second factor', async () => {
    const page = await bench.open('erik', '#modes');
    await page.getByRole('button', { name: 'Switch to island…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Switch to island?' });
    await dialog.getByLabel('Why').fill('drill');
    await dialog.getByLabel('Code of your authenticator').fill(Totp);
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'It could not be done.' }).waitFor();
    expect(bench.engine.desk.calls.map(({ name }) => name)).toContain('switch-mode');
    const viewer = await bench.open('vera', '#modes');
    await viewer.getByText('It cuts nothing.').waitFor();
    expect(await viewer.getByRole('button', { name: /Switch to/ }).count()).toBe(0);
  });

  test('an auditor takes the checkpoint away as text and as a picture, and brings a witness back', async () => {
    const page = await bench.open('auda', '#evidence');
    await page.getByRole('img', { name: 'QR code of the newest checkpoint' }).waitFor();
    expect(await page.locator('.checkpoint pre').innerText()).toContain(
      'penstock/riverside-wtp/cgw-01/1a2b3c4d\n48213',
    );
    await page.getByText(/for the 113 after it this box alone vouches/).waitFor();
    await page.getByRole('button', { name: 'Bring back a witness’s signature…' }).click();
    await page.getByLabel('The signed checkpoint').fill('origin\n1\nroot=\n\n— witness abc\n');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByText('Every record is witnessed.').waitFor();
  });

  test('an administrator invites, changes and disables people', async () => {
    const page = await bench.open('root', '#accounts');
    await page.getByRole('button', { name: 'Invite somebody…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
    await dialog.getByLabel('Name to sign in with').fill('nora');
    await dialog.getByLabel('Full name').fill('Nora Nyström');
    await dialog.getByLabel('operator:').check();
    await dialog.getByLabel('Duties').fill('shift-lead');
    await dialog.getByRole('button', { name: 'Invite' }).click();
    await page.getByText('WXYZ-1234').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'Nora Nyström' });
    expect(await row.innerText()).toContain('operator · shift-lead');
    expect(bench.engine.desk.accounts.get('nora')?.body.roles).toEqual(['operator']);
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Olof Berg' })
      .getByRole('button', { name: 'Disable…' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Olof Berg' }).getByText('disabled').waitFor();
  });

  test('an administrator sees who is signed in and ends a sign-in, which empties that page at once', async () => {
    const olof = await bench.open('olof');
    await inside(olof).waitFor();
    const page = await bench.open('root', '#accounts');
    await page.getByRole('button', { name: 'End the sign-in of olof' }).click();
    await olof.getByText('The sign-in has ended.').waitFor();
    await page.getByRole('button', { name: 'End the sign-in of olof' }).waitFor({ state: 'detached' });
  });
});
