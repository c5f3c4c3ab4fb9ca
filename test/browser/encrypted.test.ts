import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildServer } from '../../gateway/front/api.ts';
import { Password, Totp } from '../gateway/front/fake-desk.ts';
import { fakeEngine } from '../gateway/front/snapshots.ts';
import { hasChromium } from './chromium.ts';
import { sharedBrowser } from './page-bench.ts';

describe.skipIf(!hasChromium)('the page over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-tls-'));
  let close: () => Promise<void>;
  let url: string;
  const engine = fakeEngine();

  beforeEach(async () => {
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
    ]);
    const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    const app = await buildServer({ engine, tls, onDefect: () => undefined });
    await app.listen({ host: '127.0.0.1', port: 0 });
    url = `https://localhost:${(app.server.address() as AddressInfo).port}/`;
    close = () => app.close();
  });
  afterEach(() => close());
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await (await sharedBrowser()).close();
  });

  test('keeps a cookie that belongs to this host alone, and goes on after a reload', async () => {
    const context = await (await sharedBrowser()).newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password').fill(Password);
    await page.getByLabel('Code of your authenticator').fill(Totp);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({
      name: '__Host-penstock',
      domain: 'localhost',
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
    });
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Enforcing policy' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });

  test('a page of another site can neither act with the cookie, nor read, nor frame it', async () => {
    const context = await (await sharedBrowser()).newContext({ ignoreHTTPSErrors: true });
    const { port } = new URL(url);
    const value = engine.desk.signIn('ada');
    await context.addCookies([
      { name: '__Host-penstock', value, url, httpOnly: true, secure: true, sameSite: 'Strict' },
    ]);
    const page = await context.newPage();
    // The same machine by another name is another site to the browser.
    await page.route('https://evil.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<p>hello' }),
    );
    await page.goto('https://evil.example/');
    engine.desk.calls.splice(0);
    const tried = await page.evaluate<string[]>(`(async () => {
      const attempt = (path, init) => fetch('https://localhost:${port}' + path, { credentials: 'include', ...init })
        .then(async (answer) => answer.type + ' ' + (await answer.text()).length, () => 'refused');
      const json = { 'content-type': 'application/json', 'x-csrf': 'guess' };
      return Promise.all([
        attempt('/api/me'),
        attempt('/api/me', { mode: 'no-cors' }),
        attempt('/api/calls/grant-end-all', { method: 'POST', headers: json, body: '{"why":""}' }),
        attempt('/api/calls/grant-end-all', { method: 'POST', mode: 'no-cors', body: '{"why":""}' }),
        attempt('/api/calls/sign-out', { method: 'POST', mode: 'no-cors', body: '{}' }),
      ]);
    })()`);
    expect(tried.every((one) => one === 'refused' || one === 'opaque 0')).toBe(true);
    expect(engine.desk.calls).toEqual([]);
    expect(engine.desk.sessions.size).toBe(1);
    const framed = await page.evaluate<string>(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = 'https://localhost:${port}/';
      frame.onload = () => resolve(frame.contentDocument === null ? 'sealed' : 'open');
      document.body.append(frame);
    })`);
    expect(framed).toBe('sealed');
    expect(page.frames().map((frame) => frame.url())).not.toContain(url);
    expect(engine.desk.calls).toEqual([]);
    await context.close();
  });
});
