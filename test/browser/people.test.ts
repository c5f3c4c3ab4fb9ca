import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Password, Totp } from '../gateway/front/fake-desk.ts';
import { addAuthenticator } from './authenticator.ts';
import { hasChromium } from './chromium.ts';
import { type PageBench, pageBench, sharedBrowser } from './page-bench.ts';

describe.skipIf(!hasChromium)('whoever comes to the page', () => {
  let bench: PageBench;
  afterAll(async () => (await sharedBrowser()).close());
  beforeEach(async () => {
    bench = await pageBench();
  });
  afterEach(async () => {
    expect(bench.complaints).toEqual([]);
    await bench.close();
  });

  async function fillIn(page: Page, name: string, code: string): Promise<void> {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(Password);
    await page.getByLabel('Code of your authenticator').fill(code);
  }

  test('is told what everybody is told before signing in, and nothing of the plant', async () => {
    const page = await bench.open('');
    await page.getByText('Authorised persons only').waitFor();
    expect(await page.title()).toBe('Sign in – Penstock riverside-wtp');
    expect(await page.locator('#state, nav, .plant').count()).toBe(0);
    expect(bench.engine.desk.calls.map(({ name }) => name)).toEqual(['welcome']);
  });

  test('signs in with a password and a code, by keyboard alone', async () => {
    const page = await bench.open('');
    await page.getByLabel('Name').waitFor();
    for (const text of ['ada', Password, Totp]) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'penstock', httpOnly: true, sameSite: 'Strict' });
  });

  test('is told that something is wrong, and not what', async () => {
    const page = await bench.open('');
    await fillIn(page, 'ada', '000000');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const alert = page
      .getByRole('alert')
      .filter({ hasText: 'Name, password or second factor is not right.' });
    await alert.waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('ada');
  });

  test('is told how the first account is made while there is none', async () => {
    bench.engine.desk.accounts.clear();
    const page = await bench.open('');
    await page.getByText('penstock account first-administrator').waitFor();
    expect(await page.getByLabel('Password').count()).toBe(0);
  });

  test('takes up an invitation, enrols an authenticator app, keeps the recovery codes, and is in', async () => {
    const account = bench.engine.desk.accounts.get('newby')!;
    Object.assign(account, { invitation: 'WXYZ-1234', body: { ...account.body, state: 'invited' } });
    const page = await bench.open('', '#invitation');
    await page.getByLabel('Name').fill('newby');
    await page.getByLabel('Invitation').fill('WXYZ-1234');
    await page.getByLabel('New password').fill(Password);
    await page.getByRole('button', { name: 'Take it up' }).click();
    await page.getByRole('heading', { name: 'Welcome, Nils Nyman' }).waitFor();
    await page.getByRole('button', { name: /authenticator app/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Authenticator app' });
    await dialog.getByRole('img', { name: /QR code/ }).waitFor();
    expect(await dialog.locator('svg path').count()).toBe(2);
    await dialog.getByLabel('Code of the app').fill(Totp);
    await dialog.getByRole('button', { name: 'Add it' }).click();
    const codes = page.getByRole('dialog', { name: 'Recovery codes' });
    await codes.getByText('ABCD-EFGH-1234').waitFor();
    await codes.getByRole('button', { name: 'I have them' }).click();
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
  });

  test('enrols a passkey, and signs in with it', async () => {
    const page = await bench.open('newby');
    await addAuthenticator(page);
    await page.getByRole('button', { name: /Add a passkey/ }).click();
    await page
      .getByRole('dialog', { name: 'Recovery codes' })
      .getByRole('button', { name: 'I have them' })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').fill('newby');
    await page.getByLabel('Password').fill(Password);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
  });

  test('who has no passkey here is told so and can go on with a code', async () => {
    const page = await bench.open('');
    await addAuthenticator(page);
    await fillIn(page, 'ada', '');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('alert').filter({ hasText: 'The passkey was not used.' }).waitFor();
  });

  test('is offered no passkey where the page was opened by an address, which none is bound to', async () => {
    const page = await bench.open('');
    await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
    await page.goto(bench.url.replace('localhost', '127.0.0.1'));
    await page.getByLabel('Name').waitFor();
    expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0);
  });

  test('locks the screen: nothing of the plant is left on it, and the password opens it again', async () => {
    const page = await bench.open('ada');
    await page.getByRole('button', { name: 'Lock' }).click();
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    expect(await page.locator('.plant, #state, .grant').count()).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
    await page.getByLabel('Password').fill(Password);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
  });

  test('who is locked or signed out elsewhere sees nothing more here, at once', async () => {
    const [locked, ended] = [await bench.open('ada'), await bench.open('vera')];
    const policy = { level: 1, name: 'Enforcing policy' } as const;
    await Promise.all([locked, ended].map((page) => page.getByRole('heading', policy).waitFor()));
    for (const [secret, session] of bench.engine.desk.sessions) {
      if (session.name === 'ada') session.locked = true;
      else bench.engine.desk.sessions.delete(secret);
    }
    await locked.getByRole('heading', { name: 'Locked' }).waitFor();
    await ended.getByText('The sign-in has ended.').waitFor();
    expect(await ended.locator('.plant, #state').count()).toBe(0);
  });

  test('signs out, and nothing of what was seen is there with the back button', async () => {
    const page = await bench.open('ada');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(bench.engine.desk.sessions.size).toBe(0);
    await page.goBack();
    await page.goForward();
    await page.getByLabel('Password').waitFor();
  });

  test('is warned before the sign-in ends for want of a hand, and a hand keeps it', async () => {
    const soon = bench.engine;
    const ask = soon.call;
    let ends = Date.now() + 40_000;
    let attended = 0;
    const call: typeof ask = async (name, asks, who) => {
      const answer = await ask(name, asks, who);
      if (name !== 'me' || !answer.ok) return answer;
      if (who.attended) {
        attended += 1;
        ends = Date.now() + 3_600_000;
      }
      return { ok: true, body: { ...answer.body, idleEndsAt: ends } } as typeof answer;
    };
    Object.assign(soon, { call });
    const page = await bench.open('ada');
    await page.getByText(/You are signed out in \d+ s\./).waitFor();
    expect(attended).toBe(0);
    await page.getByRole('button', { name: 'Stay' }).click();
    await page.getByText(/You are signed out in/).waitFor({ state: 'detached' });
    expect(attended).toBeGreaterThan(0);
  });

  test('takes away a factor, changes the password and gets new recovery codes with a second factor', async () => {
    const page = await bench.open('ada', '#me');
    await page.getByRole('button', { name: 'Change password' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change password' });
    await dialog.getByLabel('Password until now').fill(Password);
    await dialog.getByLabel('New password').fill('another long password');
    await dialog.getByRole('button', { name: 'Change it' }).click();
    // The fake engine has no such act: its sentence and remedy stand in the dialog, which stays.
    await dialog.getByRole('alert').filter({ hasText: 'It could not be done.' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog', { name: 'Remove a second factor' }).getByLabel('Code').fill(Totp);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'It could not be done.' }).waitFor();
    expect(bench.engine.desk.calls.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['change-password', 'factor-remove']),
    );
  });
});
