import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAuthenticator } from './authenticator.ts';
import { hasChromium } from './chromium.ts';
import { sharedBrowser } from './page-bench.ts';
import { type RealGateway, startRealGateway } from './real-gateway.ts';

/* One shift at a gateway as it ships, each person in a browser of their own. The tests go on where the former ended. */

describe.skipIf(!hasChromium)('a gateway', { timeout: 120_000 }, () => {
  let gateway: RealGateway;
  let admin: Page;
  let lead: Page;
  let engineer: Page;
  let vendor: Page;
  let tunnel: TLSSocket;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    gateway = await startRealGateway();
  });
  afterAll(async () => {
    tunnel?.destroy();
    for (const context of contexts) await context.close();
    await (await sharedBrowser()).close();
    await gateway.close();
  });

  async function newPage(hash = ''): Promise<Page> {
    const context = await (await sharedBrowser()).newContext();
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      const refused = message.text().startsWith('Failed to load resource: the server responded with');
      if (message.type() === 'error' && !refused) complaints.push(message.text());
    });
    await addAuthenticator(page);
    await page.goto(gateway.url + hash);
    return page;
  }

  /** Takes up an invitation and adds a passkey. */
  async function takeUp(name: string, code: string): Promise<Page> {
    const page = await newPage('#invitation');
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Invitation').fill(code);
    await page.getByLabel('New password').fill(`${name}: thirteen pumps hum at night`);
    await page.getByRole('button', { name: 'Take it up' }).click();
    await page.getByRole('button', { name: /Add a passkey/ }).click();
    await page.getByRole('button', { name: 'I have them in a safe place' }).click();
    await page.getByRole('navigation').waitFor();
    return page;
  }

  /** Invites somebody on the administrator's page, and gives the code to hand over. */
  async function invite(
    name: string,
    roles: readonly string[],
    more: Record<string, string>,
  ): Promise<string> {
    await admin.getByRole('button', { name: 'Invite somebody…' }).click();
    const dialog = admin.getByRole('dialog', { name: 'Invite somebody' });
    await dialog.getByLabel('Name to sign in with').fill(name);
    await dialog.getByLabel('Full name').fill(`The ${name}`);
    for (const role of roles) await dialog.getByLabel(`${role}:`).check();
    for (const [label, value] of Object.entries(more))
      await dialog.getByLabel(label, { exact: true }).fill(value);
    await dialog.getByRole('button', { name: 'Invite' }).click();
    const told = admin.getByRole('dialog', { name: 'Invitation' });
    const code = await told.locator('.secret').innerText();
    await told.getByRole('button', { name: 'Close' }).click();
    return code;
  }

  test('without an account says how the first is made at the console', async () => {
    const page = await newPage();
    await page.getByText('penstock account first-administrator').waitFor();
  });

  test('lets its first administrator in with the console’s invitation and a passkey', async () => {
    const { code } = await gateway.atConsole('first-administrator', { name: 'root', fullName: 'Rut Ot' });
    admin = await takeUp('root', code);
    await admin.getByRole('heading', { level: 1, name: 'Enforcing policy version 10' }).waitFor();
    expect(await admin.locator('.zone-box').count()).toBe(3);
  });

  test('lets the administrator invite those who approve and those who come', async () => {
    await admin.getByRole('link', { name: 'Accounts' }).click();
    const [forLead, forEngineer, forVendor] = [
      await invite('lead', ['approver', 'operator'], { Duties: 'shift-lead' }),
      await invite('otto', ['approver', 'engineer'], { Duties: 'ot-engineer' }),
      await invite('service-1@pumpco.example', ['vendor'], { Vendor: 'pumpco', 'Ends on': '2098-12-31' }),
    ];
    lead = await takeUp('lead', forLead);
    engineer = await takeUp('otto', forEngineer);
    vendor = await takeUp('service-1@pumpco.example', forVendor);
    await vendor.getByRole('heading', { level: 1, name: 'Nothing is open for you' }).waitFor();
  });

  test('carries a request to those who approve, with the same short code on both sides', async () => {
    await vendor.getByRole('button', { name: 'Ask to be let in…' }).click();
    await vendor.getByLabel('Why').fill('The dosing drifts');
    await vendor.getByRole('button', { name: 'Ask', exact: true }).click();
    const theirs = await vendor.locator('.short').innerText();
    const asked = lead.getByRole('article', { name: 'Request of The service-1@pumpco.example' });
    expect(await asked.locator('.short').innerText()).toBe(theirs);
    for (const page of [lead, engineer]) {
      await page.getByRole('link', { name: /^Now/ }).click();
      await page.getByRole('button', { name: 'Approve…' }).click();
      expect(await page.getByRole('dialog').locator('.short').innerText()).toBe(theirs);
      await page.getByRole('button', { name: 'Approve with passkey' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await vendor.getByRole('heading', { level: 1, name: /^You are let in: / }).waitFor();
    const inside = lead.getByRole('article', { name: 'Session of The service-1@pumpco.example' });
    await inside.getByText('lead as shift-lead, with a passkey').waitFor();
  });

  test('hands the vendor credentials once, which carry their own tool to the one device', async () => {
    await vendor.getByRole('button', { name: 'How to connect…' }).click();
    const [download] = await Promise.all([
      vendor.waitForEvent('download'),
      vendor.getByRole('button', { name: 'Save it and show how' }).click(),
    ]);
    const pem = readFileSync(await download.path(), 'utf8');
    const line = await vendor.locator('.connect details[open] pre').innerText();
    expect(line).toContain('plc-dosing-502.penstock');
    tunnel = connect({
      host: '127.0.0.1',
      port: gateway.entry,
      servername: 'plc-dosing-502.penstock',
      cert: pem,
      key: pem,
      ca: pem,
      checkServerIdentity: () => undefined,
    });
    await new Promise((resolve, reject) => tunnel.once('secureConnect', resolve).once('error', reject));
    // WRITE holding register 100 = 321 on unit 1.
    const answer = new Promise<Buffer>((resolve) => tunnel.once('data', resolve));
    tunnel.write(Buffer.from('000100000006010600640141', 'hex'));
    expect((await answer).toString('hex')).toBe('000100000006010600640141');
  });

  test('shows the shift what was just written, in the words of the plant', async () => {
    const inside = lead.getByRole('article', { name: 'Session of The service-1@pumpco.example' });
    const write = inside.locator('[data-write=true]').filter({ hasText: '321' });
    await write.waitFor();
    expect(await write.innerText()).toMatch(/WRITE holding/);
    await lead.locator('.zone-box[data-guests=true]').waitFor();
  });

  test('ends every session with one button: the vendor’s connection is cut, and both sides have a receipt', async () => {
    const cut = new Promise((resolve) => tunnel.once('close', resolve));
    tunnel.on('error', () => undefined);
    await lead.getByRole('button', { name: 'End the open session' }).click();
    await lead.getByLabel('Why').fill('shift ends');
    await lead.getByRole('button', { name: 'End all now' }).click();
    await cut;
    await lead.getByText('No vendor is inside.').waitFor();
    await vendor.getByRole('heading', { level: 1, name: 'Nothing is open for you' }).waitFor();
    for (const page of [lead, vendor]) {
      await page.getByRole('link', { name: 'History' }).click();
      await page
        .getByText('A person of the plant ended the granted session. By lead. “shift ends”')
        .waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: /^Receipt of G-/ }).click(),
      ]);
      expect(readFileSync(await download.path(), 'utf8')).toContain('shift ends');
      await page.getByRole('button', { name: 'Close' }).click();
    }
  });

  test('gives the checkpoint of its evidence as text and as a picture', async () => {
    await lead.getByRole('link', { name: 'Evidence' }).click();
    await lead.getByRole('img', { name: 'QR code of the newest checkpoint' }).waitFor();
    expect(await lead.locator('.checkpoint pre').innerText()).toMatch(/^penstock\/vendor-bench\/cgw-test\//);
  });

  test('puts out at once whom the administrator disables', async () => {
    await admin
      .getByRole('listitem')
      .filter({ hasText: 'The otto' })
      .getByRole('button', { name: 'Disable…' })
      .click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await engineer.getByText('The sign-in has ended.').waitFor();
    expect(complaints).toEqual([]);
  });
});
