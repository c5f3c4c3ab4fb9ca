import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { buildServer } from '../../gateway/front/api.ts';
import { type FakeEngine, fakeEngine } from '../gateway/front/snapshots.ts';
import { openBrowser } from './chromium.ts';

/** A browser before the pages of a gateway whose engine is a behaving fake. */
export interface PageBench {
  readonly engine: FakeEngine;
  readonly app: FastifyInstance;
  readonly url: string;
  /** What the pages complained of: errors, and messages of the browser but for answers that were refused. */
  readonly complaints: string[];
  /** A page of somebody who is signed in, or of nobody (''). */
  readonly open: (who: string, hash?: string, options?: BrowserContextOptions) => Promise<Page>;
  readonly close: () => Promise<void>;
}

let browser: Promise<Browser> | undefined;

/** One browser for all tests of a file. */
export function sharedBrowser(): Promise<Browser> {
  browser ??= openBrowser();
  return browser;
}

export async function pageBench(): Promise<PageBench> {
  const engine = fakeEngine();
  const complaints: string[] = [];
  const onDefect = (error: Error): void => void complaints.push(error.message);
  const app = await buildServer({ engine, tls: undefined, onDefect });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://localhost:${(app.server.address() as AddressInfo).port}/`;
  const contexts: BrowserContext[] = [];
  return {
    engine,
    app,
    url,
    complaints,
    open: async (who, hash = '', options = {}) => {
      const context = await (await sharedBrowser()).newContext(options);
      contexts.push(context);
      if (who !== '') {
        const value = engine.desk.signIn(who);
        await context.addCookies([{ name: 'penstock', value, url, httpOnly: true, sameSite: 'Strict' }]);
      }
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        const refused = message.text().startsWith('Failed to load resource: the server responded with');
        if (message.type() === 'error' && !refused) complaints.push(message.text());
      });
      await page.goto(`${url}${hash}`);
      return page;
    },
    close: async () => {
      await Promise.all(contexts.map((context) => context.close()));
      await app.close();
    },
  };
}
