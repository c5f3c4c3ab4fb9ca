import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { buildServer } from '../../../gateway/front/api.ts';
import { type FakeEngine, fakeEngine } from './snapshots.ts';

/** A server with an engine that behaves, and what a page of a signed-in person sends. */
export interface ApiClient {
  readonly engine: FakeEngine;
  readonly app: FastifyInstance;
  readonly defects: Error[];
  readonly get: (path: string, session?: string) => Promise<LightMyRequestResponse>;
  /** Makes a call as that person's page would; `session` '' is nobody. */
  readonly call: (name: string, body: unknown, session?: string) => Promise<LightMyRequestResponse>;
}

export const host = { host: 'localhost:8080' };

export async function apiClient(): Promise<ApiClient> {
  const engine = fakeEngine();
  const defects: Error[] = [];
  const app = await buildServer({ engine, tls: undefined, onDefect: (error) => defects.push(error) });
  const get: ApiClient['get'] = (path, session = '') =>
    app.inject({ method: 'GET', url: path, headers: { ...host, cookie: `penstock=${session}` } });
  return {
    engine,
    app,
    defects,
    get,
    call: async (name, body, session = '') => {
      const csrf = session === '' ? '' : (await get('/api/me', session)).json().csrf;
      return app.inject({
        method: 'POST',
        url: `/api/calls/${name}`,
        headers: {
          ...host,
          'content-type': 'application/json',
          origin: 'http://localhost:8080',
          'sec-fetch-site': 'same-origin',
          'x-csrf': String(csrf),
          ...(session === '' ? {} : { cookie: `penstock=${session}` }),
        },
        payload: JSON.stringify(body),
      });
    },
  };
}
